#include "engine/cli/afl_coverage.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

#include "engine/base/check.h"
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

// Set by constructors, before those of C++ run: constant initialisation only.
constinit std::span<std::uint8_t> counters;
constinit std::uint32_t* guards = nullptr;  // of the counters, then of the features

// Constructors of priority 2 call this; AFL++'s runtime measures its map in one of priority 3.
void take_room(std::uint8_t* start, std::uint8_t* stop) {
  // The linker puts all counters of a program into one range, which each object's constructor tells again.
  GRIDLOCK_CHECK(counters.empty() || counters.data() == start);
  if (!counters.empty()) return;
  counters = {start, stop};
  const std::size_t size = counters.size() + feedback::kFeatures;
  guards = new std::uint32_t[size]();  // for as long as the process lives
  __sanitizer_cov_trace_pc_guard_init(guards, guards + size);
}

}  // namespace

void forget_coverage() {
  std::memset(counters.data(), 0, counters.size());
}

void publish_coverage(std::span<const feedback::Feature> features, SeenSet<kCodeEdgesMax>& edges) {
  for_each_hit(counters, [&](std::size_t at, std::uint8_t& count) {
    __afl_area_ptr[guards[at]] = count;
    edges.mark(at);
    count = 0;
  });
  const std::uint32_t* const feature_guards = guards + counters.size();
  for (const feedback::Feature feature : features) __afl_area_ptr[feature_guards[feature]] = 1;
}

}  // namespace gridlock

extern "C" {
void __sanitizer_cov_8bit_counters_init(std::uint8_t* start, std::uint8_t* stop) {
  gridlock::take_room(start, stop);
}
void __sanitizer_cov_pcs_init(const std::uintptr_t*, const std::uintptr_t*) {}
void __sanitizer_cov_trace_pc_indir(std::uintptr_t) {}
}
