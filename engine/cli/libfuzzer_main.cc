// The libFuzzer driver of a flavour, with all targets, of which a process runs one: bytes in, a verdict out.
// `gridlock fuzz --engine libfuzzer` runs it under its supervision; it also works alone:
//
//     GRIDLOCK_TARGET=xen-pv-spinlock build/bin/gridlock-libfuzzer -max_total_time=60 corpus-folder
//
// What it is told by variables, and what it does with a bug: engine/cli/fuzz_driver.h.
//
// One program and not one a target: what takes long to link is the engine and the runtime, and the counters of targets
// that do not run stay zero and are no features.
//
// Two mutations of five are libFuzzer's own, on bytes; the others are ours, on the scenario that the bytes mean
// (engine/mutate): two of five change one scenario and one crosses two.
//
// With a parent, the page's crash handlers come before libFuzzer's, which leaves installed ones alone.
//
// May include: all of the engine.
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/base/prng.h"
#include "engine/cli/fuzz_driver.h"
#include "engine/cli/hit_counters.h"

// The counters of the code under test: the compiler lays them out in a section of this name, the linker tells its ends.
extern "C" {
[[gnu::weak, gnu::visibility("hidden")]] extern std::uint8_t __start___sancov_cntrs[];
[[gnu::weak, gnu::visibility("hidden")]] extern std::uint8_t __stop___sancov_cntrs[];
}

// libFuzzer's own mutations.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace gridlock {
namespace {

// Counters that libFuzzer reads beside those of the code under test, and clears: the features of the run's
// interleaving.
[[gnu::used, gnu::retain,
  gnu::section("__libfuzzer_extra_counters")]] std::uint8_t interleaving_counters[feedback::kFeatures];

// libFuzzer calls free functions; what they share can be nothing but a global.
std::unique_ptr<FuzzDriver> driver;
feedback::InterleavingMap interleavings(interleaving_counters);

// libFuzzer clears the counters before each run.
void mark_code_edges() {
  const std::span<const std::uint8_t> counters(__start___sancov_cntrs, __stop___sancov_cntrs);
  for_each_hit(counters, [](std::size_t at, std::uint8_t) { driver->code_edges().mark(at); });
}

// True for half of the seeds, if structure is wanted at all.
bool draws_structure(unsigned seed) {
  return driver->mutates_structure() && Prng(seed).chance(1, 2);
}

}  // namespace
}  // namespace gridlock

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  auto created = gridlock::FuzzDriver::create();
  if (!created) gridlock::leave_with_wrong_use(created.error());
  gridlock::driver = std::move(*created);
  gridlock::driver->begin();
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  if (!gridlock::draws_structure(seed)) return LLVMFuzzerMutate(data, size, max_size);
  const auto mutated = gridlock::driver->mutate({data, size}, max_size, seed);
  if (mutated.empty()) return LLVMFuzzerMutate(data, size, max_size);
  std::copy(mutated.begin(), mutated.end(), data);
  return mutated.size();
}

// libFuzzer draws this as often as the mutator, and draws again where nothing comes of it.
extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* a, std::size_t a_size, const std::uint8_t* b,
                                                 std::size_t b_size, std::uint8_t* out, std::size_t max_size,
                                                 unsigned seed) {
  if (!gridlock::driver->mutates_structure() || !gridlock::Prng(seed).chance(1, 4)) return 0;
  const auto child = gridlock::driver->cross_over({a, a_size}, {b, b_size}, max_size, seed);
  std::copy(child.begin(), child.end(), out);
  return child.size();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // By _exit: libFuzzer's exit handlers would call this an unexpected exit of the target.
  if (gridlock::driver->should_end()) ::_exit(0);
  gridlock::driver->run_one({data, size}, gridlock::interleavings);
  gridlock::mark_code_edges();
  return 0;
}
