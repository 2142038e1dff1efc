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
#include <unistd.h>

#include <boost/context/detail/fcontext.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
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

struct How {
  bool races = true;           // the race judge is on
  bool may_find_bugs = false;  // else a run that does not complete is an error
  bool feedback = false;       // the interleavings that each run reached are noted
  const char* strategy = "directed";
};

// Runs the scenarios in turn until the benchmark has enough.
Totals run_all(benchmark::State& state, const gl_target& target, const std::vector<Scenario>& scenarios,
               const How& how = {}) {
  const auto strategy = make_strategy(how.strategy, {});
  const auto interleavings = std::make_unique<feedback::InterleavingMap>();
  const RunOptions options{.races = how.races, .interleavings = how.feedback ? interleavings.get() : nullptr};
  Totals totals;
  std::size_t next = 0;
  for (auto _ : state) {
    const RunView& view = machine().run(target, scenarios[next], *strategy, options);
    totals.points += view.points;
    totals.switches += view.switches;
    if (view.end != RunEnd::kCompleted && !how.may_find_bugs) state.SkipWithError("a run did not complete");
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
  const How how{.races = state.range(1) != 0, .feedback = state.range(2) != 0};
  const Totals totals = run_all(state, *bench_target_table.ticket, {scenario}, how);
  state.counters["s/point"] = time_by(totals.points);
}
BENCHMARK(TicketLock)->ArgNames({"demote_every", "races", "feedback"})->ArgsProduct({{0, 4, 1}, {1, 0}, {0, 1}});

void RunQueues(benchmark::State& state) {
  Scenario scenario = same_program(8, 4, 0, 3);
  if (state.range(0) != 0) demote_everybody(scenario, 2, 60, static_cast<std::uint32_t>(state.range(0)));
  const How how{.races = state.range(1) != 0, .feedback = state.range(2) != 0};
  const Totals totals = run_all(state, *bench_target_table.run_queue, {scenario}, how);
  state.counters["s/point"] = time_by(totals.points);
}
BENCHMARK(RunQueues)->ArgNames({"demote_every", "races", "feedback"})->ArgsProduct({{0, 8, 1}, {1, 0}, {0, 1}});

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
  const How how{.races = state.range(0) != 0, .may_find_bugs = true, .feedback = state.range(1) != 0};
  const Totals totals = run_all(state, gl_target_xen_pv_spinlock, scenarios, how);
  state.counters["s/point"] = time_by(totals.points);
}
BENCHMARK(XenSpinlock)->ArgNames({"races", "feedback"})->ArgsProduct({{1, 0}, {0, 1}});

// The ticket lock again, with nothing in the scenario: the strategy chooses at every point.
void Policy(benchmark::State& state, const char* strategy) {
  const Totals totals = run_all(state, *bench_target_table.ticket, {same_program(3, 3, 0, 0)}, {.strategy = strategy});
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
  run_all(state, *bench_target_table.accesses, {scenario}, {.races = state.range(0) != 0});
  state.counters["s/access"] = time_by(static_cast<std::uint64_t>(state.iterations()) * kRounds);
}
BENCHMARK_CAPTURE(AccessesOfOneCpu, load, Accesses::kLoad)->ArgName("races")->Arg(1)->Arg(0);
BENCHMARK_CAPTURE(AccessesOfOneCpu, poll, Accesses::kPoll)->ArgName("races")->Arg(1)->Arg(0);
BENCHMARK_CAPTURE(AccessesOfOneCpu, release_store, Accesses::kStore)->ArgName("races")->Arg(1)->Arg(0);
BENCHMARK_CAPTURE(AccessesOfOneCpu, fetch_add, Accesses::kFetchAdd)->ArgName("races")->Arg(1)->Arg(0);
BENCHMARK_CAPTURE(AccessesOfOneCpu, plain, Accesses::kPlain)->ArgName("races")->Arg(1)->Arg(0);

// Two cpus that load, each sent back at every of its points.
void SwitchAtEveryPoint(benchmark::State& state) {
  constexpr std::uint32_t kRounds = 2'000;
  Scenario scenario = same_program(2, 1, static_cast<std::uint32_t>(Accesses::kLoad), kRounds);
  demote_everybody(scenario, 1, kRounds, 1);
  const Totals totals = run_all(state, *bench_target_table.accesses, {scenario}, {.races = state.range(0) != 0});
  state.counters["s/switch"] = time_by(totals.switches);
}
BENCHMARK(SwitchAtEveryPoint)->ArgName("races")->Arg(1)->Arg(0);

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

// Each cpu takes its neighbour's lock `sections` times, and is sent back now and then: work that grows with neither the
// number of cpus nor the length of what ran before. Whatever a section costs more here is the engine's.
void Neighbours(benchmark::State& state) {
  const auto cpus = static_cast<std::uint32_t>(state.range(0));
  const auto sections = static_cast<std::uint32_t>(state.range(1));
  Scenario scenario = same_program(cpus, sections, 0, 0);
  demote_everybody(scenario, 3, 4 * sections, 7);
  const Totals totals = run_all(state, *bench_target_table.neighbours, {scenario});
  state.counters["s/point"] = time_by(totals.points);
  state.counters["s/section"] = time_by(static_cast<std::uint64_t>(state.iterations()) * cpus * sections);
}
BENCHMARK(Neighbours)->ArgNames({"cpus", "sections"})->ArgsProduct({{2, 4, 8, 16, 32, 64}, {8}});
BENCHMARK(Neighbours)->ArgNames({"cpus", "sections"})->ArgsProduct({{4}, {1, 2, 4, 16, 32, 64}});

// A long life: GRIDLOCK_BENCH_RUNS runs (default 100,000) in one process, every hundredth of which hangs and leaves its
// cpus standing in the middle of calls. What the process holds must not grow after the first tenth.
std::int64_t benchmark_runs() {
  const char* const text = std::getenv("GRIDLOCK_BENCH_RUNS");
  const long long runs = text == nullptr ? 0 : std::atoll(text);
  return runs > 0 ? runs : 100'000;
}
double resident_kib() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t size_pages = 0, resident_pages = 0;
  file >> size_pages >> resident_pages;
  return static_cast<double>(resident_pages) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1024;
}
void LongLife(benchmark::State& state) {
  constexpr std::int64_t kRunsPerHang = 100;
  const Scenario finishes = same_program(3, 3, 0, 0);
  Scenario hangs = finishes;
  hangs.programs[0] = {{.operation = OperationId(1)}};
  const auto strategy = make_strategy("directed", {});
  std::int64_t run = 0, hung = 0;
  double after_warmup_kib = 0;
  for (auto _ : state) {
    const bool hang = ++run % kRunsPerHang == 0;
    const RunView& view = machine().run(*bench_target_table.ticket, hang ? hangs : finishes, *strategy, {});
    hung += view.end == RunEnd::kSelfLoops ? 1 : 0;
    if (run == benchmark_runs() / 10) after_warmup_kib = resident_kib();
  }
  state.counters["hung"] = static_cast<double>(hung);
  state.counters["resident_KiB"] = resident_kib();
  state.counters["grown_KiB"] = resident_kib() - after_warmup_kib;
}
BENCHMARK(LongLife)->Iterations(benchmark_runs());

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
