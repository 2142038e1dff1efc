// For tests: a run with its trace, written by hand in the order things happened.
//
// May include: base, model.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/explain/explain.h"
#include "engine/explain/step_kinds.h"

namespace gridlock {

// What is to be said of a step beyond who, what and where.
struct FakeStep {
  StepKind kind = StepKind::kNote;
  std::uint64_t address = 0;
  std::uint64_t before = 0;
  std::uint64_t after = 0;
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  bool stack_address = false;
  std::uint8_t order = __ATOMIC_RELAXED;
};

class FakeTracedRun final : public SiteNames {
 public:
  using Functions = std::vector<std::string>;

  TargetSchema schema;
  Scenario scenario;
  Verdict verdict;
  Trace trace;
  std::vector<CpuView> cpus;
  std::vector<Directive> directives;
  RunEnd end = RunEnd::kCompleted;
  Failure* failure = nullptr;
  RaceReport* race = nullptr;
  RaceReport report;

  // From here on steps are of `cpu`, in these functions, innermost first.
  FakeTracedRun& at(std::uint32_t cpu, const Functions& functions) {
    cpu_ = cpu;
    chain_ = chain(functions);
    return *this;
  }
  FakeTracedRun& step(const FakeStep& fake) {
    if (is_point(fake.kind)) ++points_[cpu_];
    if (enters_handler(fake.kind)) ++depths_[cpu_];
    Step step;
    step.kind = fake.kind;
    step.depth = depths_[cpu_];
    step.width_bytes = fake.kind < StepKind::kRelax ? 4 : 0;
    step.changed = fake.before != fake.after;
    step.stack_address = fake.stack_address;
    step.order = fake.order;
    step.cpu = CpuId(cpu_);
    step.point = PointIndex(points_[cpu_]);
    step.address = fake.address;
    step.before = fake.before;
    step.after = fake.after;
    step.a = fake.a;
    step.b = fake.b;
    for (std::size_t i = 0; i < chain_.size() && i < kTraceFramesMax; ++i) step.frames[i] = chain_[i];
    trace.steps.push_back(step);
    if (leaves_handler(fake.kind)) --depths_[cpu_];
    return *this;
  }
  FakeTracedRun& load(std::uint64_t address, std::uint64_t value, std::uint8_t order = __ATOMIC_RELAXED) {
    return step({.kind = StepKind::kLoad, .address = address, .before = value, .after = value, .order = order});
  }
  FakeTracedRun& store(std::uint64_t address, std::uint64_t before, std::uint64_t after,
                       std::uint8_t order = __ATOMIC_RELAXED) {
    return rmw(StepKind::kStore, address, before, after, order);
  }
  FakeTracedRun& xchg(std::uint64_t address, std::uint64_t before, std::uint64_t after,
                      std::uint8_t order = __ATOMIC_RELAXED) {
    return rmw(StepKind::kExchange, address, before, after, order);
  }
  FakeTracedRun& rmw(StepKind kind, std::uint64_t address, std::uint64_t before, std::uint64_t after,
                     std::uint8_t order = __ATOMIC_RELAXED) {
    return step({.kind = kind, .address = address, .before = before, .after = after, .order = order});
  }
  FakeTracedRun& fence(std::uint8_t order) { return step({.kind = StepKind::kFence, .order = order}); }
  // The first (side 0) or second access of the race that ends the run, plain, at `address`; fills in its side of
  // `report`, which `race` points to from then on.
  FakeTracedRun& racing(std::uint32_t side, bool is_write, std::uint64_t address) {
    step({.kind = StepKind::kRacingAccess, .address = address, .a = side, .b = is_write ? 1U : 0U});
    trace.steps.back().width_bytes = 4;
    report.accesses[side] = {.is_write = is_write, .cpu = CpuId(cpu_), .frames = chain_};
    if (depths_[cpu_] > 0) report.accesses[side].context = ContextView::Kind::kIrq;
    report.offset = address;
    report.bytes = 4;
    race = &report;
    end = RunEnd::kDataRace;
    verdict.kind = VerdictKind::kDataRace;
    return *this;
  }
  // A step of a call of the C library's `function`, as a program under test makes it.
  FakeTracedRun& call(const std::string& function, const FakeStep& fake) {
    step(fake);
    trace.steps.back().of_call = fake.kind < StepKind::kRelax;
    trace.steps.back().call = chain({"__wrap_" + function}).front();
    return *this;
  }
  FakeTracedRun& event(StepKind kind, std::uint32_t a = 0, std::uint32_t b = 0) {
    return step({.kind = kind, .a = a, .b = b});
  }
  // Says that the schedule did `action` to the current cpu here, and records the step that shows it.
  FakeTracedRun& directive(Action action, StepKind kind, std::uint32_t a = 0, std::uint32_t b = 0) {
    directives.push_back({CpuId(cpu_), PointIndex(points_[cpu_] + 1), action, a, b});
    return event(kind, a, b);
  }

  // A call chain, innermost first; a function stands in "code.cc" at a line of its own.
  std::vector<Site> chain(const Functions& functions) {
    std::vector<Site> sites;
    for (const std::string& function : functions) {
      const auto line = static_cast<Site>(lines_.size() + 1);
      sites.push_back(lines_.try_emplace(function, line).first->second);
      functions_[sites.back()] = function;
    }
    return sites;
  }
  [[nodiscard]] std::vector<Frame> frames_at(Site site) const override {
    return {{functions_.at(site), "code.cc", static_cast<std::uint32_t>(site)}};
  }

  // Borrows from this object until the next call.
  const ExplainInput& input() {
    run_ = RunView{};
    run_.end = end;
    run_.cpus = cpus;
    run_.directives = directives;
    run_.failure = failure;
    run_.race = race;
    run_.trace = &trace;
    input_ = {&schema, "broken", &scenario, &run_, verdict, this};
    return input_;
  }

 private:
  std::uint32_t cpu_ = 0;
  std::vector<Site> chain_;
  std::map<std::uint32_t, std::uint32_t> points_;
  std::map<std::uint32_t, std::uint8_t> depths_;
  std::map<std::string, Site> lines_;
  std::map<Site, std::string> functions_;
  RunView run_;
  ExplainInput input_;
};

// The hang of seeds/000: cpu 0 waits for its own runqueue's lock with interrupts on, takes an interrupt there whose
// handler spins until cpu 1's task is off its cpu; cpu 1 waits for the same lock and is never kicked.
inline void build_xen_hang(FakeTracedRun& run) {
  constexpr std::uint64_t kLock = 0x40;
  constexpr std::uint64_t kOnCpu = 0x80;
  constexpr std::uint64_t kPending0 = 0x100;
  constexpr std::uint64_t kPending1 = 0x104;
  using enum StepKind;
  run.schema.name = "xen-pv-spinlock";
  run.schema.parameters = {{{"spin_budget", 1, 1024}, 2, 4}};
  run.schema.operations = {{"schedule", {}}, {"balance", {{"cpu", 0, 3}}}, {"hold", {}}};
  run.schema.vectors = {"blkif", "kick"};
  run.scenario.parameters = {2};
  run.scenario.programs = {{{OperationId(1), {0}}}, {{OperationId(0), {}}}, {{OperationId(2), {}}}};
  run.scenario.start_order = {CpuId(2), CpuId(1), CpuId(0)};
  run.trace.names = {{kLock, 8, "rq[0].lock"},
                     {kOnCpu, 4, "task[x].on_cpu"},
                     {kPending0, 4, "kick_pending[0]"},
                     {kPending1, 4, "kick_pending[1]"}};

  run.at(2, {"hold"}).event(kOperationBegin, 2, 0);
  run.at(2, {"spin_lock", "hold"}).xchg(kLock, 0, 1);
  run.at(2, {"hold"}).directive(Action::kDemote, kDemote);
  run.at(1, {"schedule"}).event(kOperationBegin, 0, 0).store(kOnCpu, 0, 1);
  run.at(1, {"spin_lock", "schedule"}).xchg(kLock, 1, 1);
  for (int round = 0; round < 4; ++round) run.load(kLock, 1).event(kRelax);
  run.at(1, {"poll_irq", "lock_slow", "schedule"}).event(kWaitEnter).load(kPending1, 0).event(kWaitInside);
  run.event(kStuck);
  run.at(0, {"balance"}).event(kOperationBegin, 1, 0);
  run.at(0, {"spin_lock", "balance"}).xchg(kLock, 1, 1);
  run.at(0, {"poll_irq", "lock_slow", "balance"}).event(kWaitEnter).load(kPending0, 0);
  run.directive(Action::kInterrupt, kIrqRaise, 0);
  run.at(0, {}).event(kIrqEnter, 0);
  run.at(0, {"try_to_wake_up", "blkif_interrupt"}).load(kOnCpu, 1).event(kRelax).load(kOnCpu, 1).event(kStuck);
  run.at(2, {"spin_unlock", "hold"}).store(kLock, 1, 0);
  run.at(2, {"kick_first", "spin_unlock", "hold"}).event(kIpiSend, 0, 1).store(kPending0, 0, 1);
  run.at(2, {"hold"}).event(kOperationEnd, 2, 0).event(kIdle);

  CpuView spins;
  spins.cpu = CpuId(0);
  spins.activity = CpuActivity::kSpinning;
  spins.irqs_enabled = false;
  spins.pending_vectors = 2;
  spins.contexts = {{ContextView::Kind::kTask, 0, run.chain({"poll_irq", "lock_slow", "balance"})},
                    {ContextView::Kind::kIrq, 0, run.chain({"try_to_wake_up", "blkif_interrupt"})}};
  spins.watches = {kOnCpu};
  CpuView waits;
  waits.cpu = CpuId(1);
  waits.activity = CpuActivity::kWaiting;
  waits.contexts = {{ContextView::Kind::kTask, 0, run.chain({"poll_irq", "lock_slow", "schedule"})}};
  waits.watches = {kPending1};
  CpuView done;
  done.cpu = CpuId(2);
  done.activity = CpuActivity::kIdle;
  run.cpus = {spins, waits, done};
  run.end = RunEnd::kSelfLoops;
  run.verdict = {VerdictKind::kHang, "hang: poll_irq<lock_slow + poll_irq<lock_slow > try_to_wake_up<blkif_interrupt",
                 "cpu 0 spins in try_to_wake_up (code.cc:8), inside an interrupt taken in poll_irq (code.cc:5); cpu 1 "
                 "waits in poll_irq (code.cc:5)"};
}

}  // namespace gridlock
