#include "engine/cli/afl_coverage.h"

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "engine/base/check.h"
#include "engine/cli/first_come_places.h"
#include "engine/cli/hit_counters.h"

extern "C" {
// AFL++'s runtime: the map, and how instrumented code asks for room in it: each guard is given an index.
extern std::uint8_t* __afl_area_ptr;
void __sanitizer_cov_trace_pc_guard_init(std::uint32_t* start, std::uint32_t* stop);

// What the compiler's stack-depth coverage writes to. Nobody reads it.
thread_local std::uintptr_t __sancov_lowest_stack;
}

namespace gridlock {
namespace {

// AFL++ keeps an eighth of its map for each entry of its queue, and looks through the map after each run. A process
// runs one of many targets, so hardly any of all counters and features ever come up: those that do get a place each.
constexpr FirstComePlaces::Word kPlaces = 8192;

// Set by constructors, before those of C++ run: constant initialisation only.
constinit std::span<std::uint8_t> counters;
constinit FirstComePlaces places;  // of the counters, then of the features
constinit std::uint32_t guards[kPlaces] = {};

// For as long as the process lives, and shared with those that it forks: a runner goes on with the places that the one
// before it, which died in a run, has given.
std::span<FirstComePlaces::Word> shared_words(std::size_t count) {
  void* const memory =
      ::mmap(nullptr, count * sizeof(FirstComePlaces::Word), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  GRIDLOCK_CHECK(memory != MAP_FAILED);
  return {static_cast<FirstComePlaces::Word*>(memory), count};
}

// Constructors of priority 2 call this; AFL++'s runtime measures its map in one of priority 3.
void take_room(std::uint8_t* start, std::uint8_t* stop) {
  // The linker puts all counters of a program into one range, which each object's constructor tells again.
  GRIDLOCK_CHECK(counters.empty() || counters.data() == start);
  if (!counters.empty()) return;
  counters = {start, stop};
  places = FirstComePlaces(shared_words(counters.size() + feedback::kFeatures + 1), kPlaces);
  __sanitizer_cov_trace_pc_guard_init(guards, guards + kPlaces);
}

}  // namespace

void forget_coverage() {
  std::memset(counters.data(), 0, counters.size());
}

void publish_coverage(std::span<const feedback::Feature> features, SeenSet<kCodeEdgesMax>& edges) {
  const auto in_map = [](std::size_t thing) -> std::uint8_t& { return __afl_area_ptr[guards[places.of(thing)]]; };
  for_each_hit(counters, [&](std::size_t at, std::uint8_t& count) {
    in_map(at) = count;
    edges.mark(at);
    count = 0;
  });
  for (const feedback::Feature feature : features) in_map(counters.size() + feature) = 1;
}

}  // namespace gridlock

extern "C" {
void __sanitizer_cov_8bit_counters_init(std::uint8_t* start, std::uint8_t* stop) {
  gridlock::take_room(start, stop);
}
void __sanitizer_cov_pcs_init(const std::uintptr_t*, const std::uintptr_t*) {}
void __sanitizer_cov_trace_pc_indir(std::uintptr_t) {}
}
