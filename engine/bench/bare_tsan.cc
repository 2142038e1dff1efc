// What ThreadSanitizer's runtime itself costs, without the engine in front of it: its entry points by their real names.
// Linked into the tsan flavour of the benchmarks only.
//
// May include: nothing of the engine.
#include <benchmark/benchmark.h>
#include <sanitizer/tsan_interface.h>

#include <cstdint>

extern "C" {
std::uint32_t __real___tsan_atomic32_load(const volatile std::uint32_t* address, int order);
void __real___tsan_atomic32_store(volatile std::uint32_t* address, std::uint32_t value, int order);
std::uint32_t __real___tsan_atomic32_fetch_add(volatile std::uint32_t* address, std::uint32_t value, int order);
}

namespace {

// In the numbering of the ABI.
constexpr int kRelaxed = 0, kRelease = 3, kAcquireRelease = 4;
// What the runtime takes for application memory.
alignas(8) std::uint32_t word = 0;

void BareTsanLoad(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(__real___tsan_atomic32_load(&word, kRelaxed));
}
BENCHMARK(BareTsanLoad);

void BareTsanReleaseStore(benchmark::State& state) {
  for (auto _ : state) __real___tsan_atomic32_store(&word, 1, kRelease);
}
BENCHMARK(BareTsanReleaseStore);

void BareTsanFetchAdd(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(__real___tsan_atomic32_fetch_add(&word, 1, kAcquireRelease));
}
BENCHMARK(BareTsanFetchAdd);

void switch_pairs(benchmark::State& state, unsigned flags) {
  void* const here = __tsan_get_current_fiber();
  void* const there = __tsan_create_fiber(0);
  for (auto _ : state) {
    __tsan_switch_to_fiber(there, flags);
    __tsan_switch_to_fiber(here, flags);
  }
  __tsan_destroy_fiber(there);
}
void BareTsanSwitchPair(benchmark::State& state) {
  switch_pairs(state, __tsan_switch_to_fiber_no_sync);
}
BENCHMARK(BareTsanSwitchPair);

void BareTsanSynchronisingSwitchPair(benchmark::State& state) {
  switch_pairs(state, 0);
}
BENCHMARK(BareTsanSynchronisingSwitchPair);

}  // namespace
