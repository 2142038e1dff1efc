// What a run and a point cost, in each flavour, beside what they are made of.
//
//     cmake --build --preset release && for f in plain tsan asan; do build/bench/gridlock_bench_$f; done
//
// Times are wall time of one process; compare flavours and commits on an idle machine only. Counters:
//
//     runs/s           scenarios run a second, setup and proofs included
//     points/run       points that all cpus together passed
//     switches/run     times another cpu's stack was entered
//     s/point          the run's time by its points
//     s/access         the same where one cpu is alone, so that no point is a switch
//     s/switch         the run's time by its switches, where every point is one
//
// Seconds are printed with a unit: 12.3n is 12.3 ns. s/access of AccessesOfOneCpu is what instrumentation and gate cost
// where nothing happens; s/switch of SwitchAtEveryPoint is what a preemption costs, the strategy's question included;
// Bare* are the same without a machine.
//
// May include: base, model, hook, decode, strategy, machine.
#include <benchmark/benchmark.h>

#include <boost/context/detail/fcontext.hpp>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "engine/base/prng.h"
#include "engine/bench/bench_targets.h"
#include "engine/decode/generate.h"
#include "engine/machine/machine.h"
#include "engine/strategy/strategies.h"

extern "C" const gl_target gl_target_xen_pv_spinlock;

namespace gridlock {
namespace {

using bench_targets::Accesses;
using benchmark::Counter;

// One machine may live in a process.
Machine& machine() {
  static const std::unique_ptr<Machine> one = [] {
    auto created = Machine::create();
    if (!created) {
      std::fprintf(stderr, "gridlock_bench: %s\n", created.error().message().c_str());
      std::exit(EXIT_FAILURE);
    }
    return std::move(*created);
  }();
  return *one;
}

// Every cpu runs `calls` times operation `operation` with `argument`.
Scenario same_program(std::uint32_t cpus, std::uint32_t calls, std::uint32_t operation, std::uint32_t argument) {
  Scenario scenario;
  for (std::uint32_t cpu = 0; cpu < cpus; ++cpu) {
    scenario.start_order.push_back(CpuId(cpu));
    scenario.programs.emplace_back(calls, OperationCall{.operation = OperationId(operation), .arguments = {argument}});
  }
  return scenario;
}

void demote_everybody(Scenario& scenario, std::uint32_t from, std::uint32_t to, std::uint32_t step) {
  for (std::uint32_t point = from; point <= to; point += step) {
    for (std::uint32_t cpu = 0; cpu < scenario.cpu_count(); ++cpu) {
      scenario.directives.push_back({.cpu = CpuId(cpu), .point = PointIndex(point)});
    }
  }
}

struct Totals {
  std::uint64_t points = 0, switches = 0;
};

// Runs the scenarios in turn until the benchmark has enough. A run that does not complete is an error, unless
// `may_find_bugs`.
Totals run_all(benchmark::State& state, const gl_target& target, const std::vector<Scenario>& scenarios,
               bool may_find_bugs = false, const char* strategy_name = "directed") {
  const auto strategy = make_strategy(strategy_name, {});
  Totals totals;
  std::size_t next = 0;
  for (auto _ : state) {
    const RunView& view = machine().run(target, scenarios[next], *strategy, {});
    totals.points += view.points;
    totals.switches += view.switches;
    if (view.end != RunEnd::kCompleted && !may_find_bugs) state.SkipWithError("a run did not complete");
    next = next + 1 == scenarios.size() ? 0 : next + 1;
  }
  const auto runs = static_cast<double>(state.iterations());
  state.counters["runs/s"] = Counter(runs, Counter::kIsRate);
  state.counters["points/run"] = static_cast<double>(totals.points) / runs;
  state.counters["switches/run"] = static_cast<double>(totals.switches) / runs;
  return totals;
}

// Seconds by a count, shown in units: google-benchmark prints "12.3n" for nanoseconds.
Counter time_by(std::uint64_t count) {
  return {static_cast<double>(count), Counter::kIsRate | Counter::kInvert};
}

// ---- whole runs ----
void TicketLock(benchmark::State& state) {
  Scenario scenario = same_program(3, 3, 0, 0);
  if (state.range(0) != 0) demote_everybody(scenario, 2, 20, static_cast<std::uint32_t>(state.range(0)));
  const Totals totals = run_all(state, *bench_target_table.ticket, {scenario});
  state.counters["s/point"] = time_by(totals.points);
}
BENCHMARK(TicketLock)->ArgName("demote_every")->Arg(0)->Arg(4)->Arg(1);

void RunQueues(benchmark::State& state) {
  Scenario scenario = same_program(8, 4, 0, 3);
  if (state.range(0) != 0) demote_everybody(scenario, 2, 60, static_cast<std::uint32_t>(state.range(0)));
  const Totals totals = run_all(state, *bench_target_table.run_queue, {scenario});
  state.counters["s/point"] = time_by(totals.points);
}
BENCHMARK(RunQueues)->ArgName("demote_every")->Arg(0)->Arg(8)->Arg(1);

// What the builtin engine does: generated programs and schedules, some of which hang.
void XenSpinlock(benchmark::State& state) {
  constexpr int kScenarios = 256;
  constexpr std::uint32_t kPointsExpected = 60;
  const auto schema = schema_of(gl_target_xen_pv_spinlock);
  if (!schema) return state.SkipWithError(schema.error().message().c_str());
  Prng prng(1);
  std::vector<Scenario> scenarios;
  for (int i = 0; i < kScenarios; ++i) {
    scenarios.push_back(generate_program(prng, *schema, {}));
    const std::vector<std::uint32_t> points(scenarios.back().cpu_count(), kPointsExpected);
    generate_schedule(prng, *schema, {}, points, true, scenarios.back());
  }
  const Totals totals = run_all(state, gl_target_xen_pv_spinlock, scenarios, true);
  state.counters["s/point"] = time_by(totals.points);
}
BENCHMARK(XenSpinlock);

// The ticket lock again, with nothing in the scenario: the strategy chooses at every point.
void Policy(benchmark::State& state, const char* strategy) {
  const Totals totals = run_all(state, *bench_target_table.ticket, {same_program(3, 3, 0, 0)}, false, strategy);
  state.counters["s/point"] = time_by(totals.points);
}
BENCHMARK_CAPTURE(Policy, random, "random");
BENCHMARK_CAPTURE(Policy, pct, "pct");
BENCHMARK_CAPTURE(Policy, pos, "pos");

// ---- points ----
// One cpu, so that no point is a switch; few enough rounds that the machine does not look for a livelock.
void AccessesOfOneCpu(benchmark::State& state, Accesses operation) {
  constexpr std::uint32_t kRounds = 10'000;
  const Scenario scenario = same_program(1, 1, static_cast<std::uint32_t>(operation), kRounds);
  run_all(state, *bench_target_table.accesses, {scenario});
  state.counters["s/access"] = time_by(static_cast<std::uint64_t>(state.iterations()) * kRounds);
}
BENCHMARK_CAPTURE(AccessesOfOneCpu, load, Accesses::kLoad);
BENCHMARK_CAPTURE(AccessesOfOneCpu, poll, Accesses::kPoll);
BENCHMARK_CAPTURE(AccessesOfOneCpu, release_store, Accesses::kStore);
BENCHMARK_CAPTURE(AccessesOfOneCpu, fetch_add, Accesses::kFetchAdd);
BENCHMARK_CAPTURE(AccessesOfOneCpu, plain, Accesses::kPlain);

// Two cpus that load, each sent back at every of its points.
void SwitchAtEveryPoint(benchmark::State& state) {
  constexpr std::uint32_t kRounds = 2'000;
  Scenario scenario = same_program(2, 1, static_cast<std::uint32_t>(Accesses::kLoad), kRounds);
  demote_everybody(scenario, 1, kRounds, 1);
  const Totals totals = run_all(state, *bench_target_table.accesses, {scenario});
  state.counters["s/switch"] = time_by(totals.switches);
}
BENCHMARK(SwitchAtEveryPoint);

// The same with more cpus: whatever a switch costs more here grows with their number.
void SwitchAmong(benchmark::State& state) {
  constexpr std::uint32_t kRounds = 60;
  const auto cpus = static_cast<std::uint32_t>(state.range(0));
  Scenario scenario = same_program(cpus, 1, static_cast<std::uint32_t>(Accesses::kLoad), kRounds);
  demote_everybody(scenario, 1, kRounds, 1);
  const Totals totals = run_all(state, *bench_target_table.accesses, {scenario});
  state.counters["s/switch"] = time_by(totals.switches);
}
BENCHMARK(SwitchAmong)->ArgName("cpus")->Arg(2)->Arg(8)->Arg(64);

// A run of one point a cpu: setup, entering each cpu, the ending.
void ShortestRun(benchmark::State& state) {
  const auto cpus = static_cast<std::uint32_t>(state.range(0));
  run_all(state, *bench_target_table.accesses, {same_program(cpus, 1, static_cast<std::uint32_t>(Accesses::kPoll), 1)});
}
BENCHMARK(ShortestRun)->ArgName("cpus")->Arg(1)->Arg(2)->Arg(64);

// ---- what it is made of ----
void bounce(boost::context::detail::transfer_t from) {
  for (;;) from = boost::context::detail::jump_fcontext(from.fctx, nullptr);
}
void BareJumpPair(benchmark::State& state) {
  alignas(16) static char stack[64 * 1024];
  auto* context = boost::context::detail::make_fcontext(stack + sizeof stack, sizeof stack, bounce);
  for (auto _ : state) context = boost::context::detail::jump_fcontext(context, nullptr).fctx;
}
BENCHMARK(BareJumpPair);

}  // namespace
}  // namespace gridlock

BENCHMARK_MAIN();
