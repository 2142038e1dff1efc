// A run from setup to view, and the host's side of it.
//
// May include: base, model, hook, strategy, judge/race.
#include "engine/machine/machine.h"

#include <link.h>

#include <cerrno>

#include "engine/base/check.h"
#include "engine/machine/judge_objects.h"
#include "engine/machine/machine_impl.h"
#include "engine/machine/run_limits.h"

namespace gridlock {

namespace {

// The first object that dl_iterate_phdr names is the program itself.
int take_first_address(dl_phdr_info* info, std::size_t, void* address) {
  *static_cast<std::uint64_t*>(address) = info->dlpi_addr;
  return 1;
}

std::uint32_t count_vectors(const gl_target& target) {
  std::uint32_t count = 0;
  while (target.vectors != nullptr && target.vectors[count].name != nullptr) ++count;
  return count;
}

std::uint32_t count_softirqs(const gl_target& target) {
  std::uint32_t count = 0;
  while (target.softirqs != nullptr && target.softirqs[count].name != nullptr) ++count;
  return count;
}

bool has_checks_at_points(const gl_target& target) {
  for (const gl_invariant_entry* entry = target.invariants; entry != nullptr && entry->name != nullptr; ++entry) {
    if (entry->applies != nullptr) return true;
  }
  return false;
}

}  // namespace

Result<std::unique_ptr<Machine>> Machine::create() {
  auto machine = std::make_unique<MachineImpl>();
  if (auto ready = machine->initialise(); !ready) return std::unexpected(ready.error());
  return machine;
}

const char* Machine::flavour() {
  return sanitizer::flavour();
}

Result<void> MachineImpl::initialise() {
  if (auto mapped = memory_.map(); !mapped) return mapped;
  if (auto ready = initialise_judge(); !ready) return ready;
  ::dl_iterate_phdr(take_first_address, &load_bias);
  sanitizer::machine_created(host_.stack, host_context_);
  directives_.resize(kDirectivesMax);
  for (std::uint32_t id = 0; id < kCpusMax; ++id) {
    cpus_[id] = std::make_unique<Cpu>();
    cpus_[id]->id = id;
    cpus_[id]->operation_starts.reserve(kProgramCallsMax);
  }
  previous_gate_ = current_gate;
  current_gate = this;
  return {};
}

MachineImpl::~MachineImpl() {
  if (previous_gate_ != nullptr) current_gate = previous_gate_;
}

const RunView& MachineImpl::run(const gl_target& target, const Scenario& scenario, Strategy& strategy,
                                const RunOptions& options) {
  repeats_ = false;
  run_once(target, scenario, strategy, options);
  const bool is_replayable = !directives_overflowed_;
  if (end_ == RunEnd::kDataRace && is_replayable) repeat_for_first_access(target, scenario, options);
  fill_view();
  return view_;
}

void MachineImpl::run_once(const gl_target& target, const Scenario& scenario, Strategy& strategy,
                           const RunOptions& options) {
  begin(target, scenario, strategy, options);
  host_loop();
  finish();
}

void MachineImpl::begin(const gl_target& target, const Scenario& scenario, Strategy& strategy,
                        const RunOptions& options) {
  target_ = &target;
  scenario_ = &scenario;
  strategy_ = &strategy;
  options_ = options;
  vector_count_ = count_vectors(target);
  softirq_count_ = count_softirqs(target);
  checks_at_points_ = has_checks_at_points(target);
  looks_at_every_point_ = checks_at_points_ || options.trace || options.profile;

  mode_ = Mode::kHost;
  running_ = nullptr;
  countdown = armed_ = INT32_MAX;
  call_depth = &host_context_.call_depth;
  watched = watchers_ = 0;
  watched_stale_ = false;
  order_.reset();
  cpu_count_ = 0;
  total_points_ = time_offset_ = switches_ = raised_ = taken_ = migrations_taken_ = migrations_dropped_ = 0;
  ended_ = probing_ = changed_ = clock_read_ = race_seen_ = directives_overflowed_ = sanitizer_agrees_ = false;
  ordered_reports_ = 0;
  end_ = RunEnd::kCompleted;
  livelock_from_ = kLivelockAfterPoints;
  cycle_ = {};
  directive_count_ = 0;
  trace_.steps.clear();
  trace_.names.clear();
  trace_.states.clear();
  trace_.state_changes.clear();
  if (options.trace) trace_.steps.reserve(kTraceStepsReserved);
  if (options.profile) {
    profile_.cpus.resize(kCpusMax);
    for (auto& notes : profile_.cpus) notes.clear();
  }
  raw_failure_ = {};
  bad_access_.reset();

  memory_.wipe();
  if (options.interleavings != nullptr) options.interleavings->begin_run();
  race_judge_.begin_run(options.points == PointSet::kMemory);
  locks_.begin_run();
  if (repeats_) race_judge_.watch(watched_.cpu, watched_.depth, watched_.number);
  observe_nobody();
  strategy.begin(scenario);
  GRIDLOCK_CHECK(scenario.cpu_count() >= 1 && scenario.cpu_count() <= kCpusMax);
  for (std::uint32_t cpu = 0; cpu < scenario.cpu_count(); ++cpu) add_cpu(true);
  for (const CpuId cpu : scenario.start_order) order_.append(cpu.value());
  target.setup();
  for (std::uint32_t cpu = 0; cpu < cpu_count_; ++cpu) {
    sanitizer::context_begins(host_context_, cpus_[cpu]->sanitizer_contexts[0]);
    sanitizer::release(&cpus_[cpu]->interrupt_flag_object);
  }
}

// On the host or, for gl_cpu_create, on the cpu.
Cpu& MachineImpl::add_cpu(bool has_program) {
  const std::uint32_t id = cpu_count_++;
  Cpu& cpu = *cpus_[id];
  cpu.started = false;
  cpu.error_number = 0;
  cpu.has_program = has_program;
  cpu.activity = CpuActivity::kRunning;
  cpu.interrupts.reset();
  cpu.outside_vectors = cpu.outside_softirqs = 0;
  cpu.depth = 0;
  cpu.contexts[0] = {};
  cpu.sanitizer_contexts_used = 1;
  static_cast<void>(sanitizer_context(cpu, 0));
  cpu.points = cpu.quiet_until = 0;
  cpu.unasked = false;
  cpu.observation.cancel();
  cpu.watches.clear();
  cpu.operation_starts.clear();
  if (options_.profile) profile_.cpus[id].reserve(kProfilePointsMax);
  pending_[id] = {};
  return cpu;
}

void MachineImpl::host_loop() {
  while (!ended_) {
    const std::uint32_t next = order_.highest();
    if (next != RunOrder::kNobody) {
      enter_from_host(*cpus_[next]);
    } else if (!settle()) {
      return;
    }
  }
}

void MachineImpl::enter_from_host(Cpu& cpu) {
  arriving_ = &cpu;
  if (!cpu.started) cpu.fiber.prepare(stack_top(cpu.id), kStackBytes, cpu_entry);
  countdown = armed_ = INT32_MAX;  // what setup() took from it is no point
  Fiber::jump(host_, cpu.fiber);
  mode_ = Mode::kHost;
  running_ = nullptr;
  observe_nobody();
  countdown = armed_ = INT32_MAX;
  call_depth = &host_context_.call_depth;
  sanitizer::context_entered(host_context_);
}

void MachineImpl::leave_to(Cpu& cpu, Cpu* next) {
  cpu.error_number = errno;
  if (next == nullptr) {
    Fiber::jump(cpu.fiber, host_);
  } else {
    ++switches_;
    note_hand_over(cpu, *next);
    arriving_ = next;
    if (!next->started) next->fiber.prepare(stack_top(next->id), kStackBytes, cpu_entry);
    Fiber::jump(cpu.fiber, next->fiber);
  }
  arrived_on(cpu);
}

// Where a cpu stands, as feedback and profile have it: 0 in the engine's own code.
Site MachineImpl::site_of_point(const PointFrame& frame) const {
  if (point_kind(static_cast<PointCode>(frame.code)) == StepKind::kIdle) return 0;
  return site_of(reinterpret_cast<const std::uint64_t*>(frame.hook_frame)[1]);
}

Site MachineImpl::site_of_cpu(const Cpu& cpu) const {
  const PointFrame* const frame = cpu.started ? cpu.contexts[cpu.depth].frame : nullptr;
  return frame == nullptr ? 0 : site_of_point(*frame);
}

void MachineImpl::note_hand_over(const Cpu& from, const Cpu& to) {
  if (options_.interleavings == nullptr) return;
  using enum feedback::InterleavingMap::HandOver;
  const PendingAccess& left = pending_[from.id];
  const PendingAccess& entered = pending_[to.id];
  const bool races = left.address != 0 && left.address == entered.address && (left.is_write || entered.is_write);
  const auto why = from.activity != CpuActivity::kRunning ? kStuck : races ? kRaced : kPreempted;
  options_.interleavings->handed_over(left.site, entered.site, why);
}

// Leaves the gate as it is: the point where the cpu stands arms it at its end.
void MachineImpl::arrived_on(Cpu& cpu) {
  is_working_ = true;
  running_ = &cpu;
  mode_ = Mode::kRun;
  errno = cpu.error_number;
  sanitizer::Context& context = cpu.sanitizer_contexts[cpu.depth];
  sanitizer::context_entered(context);
  call_depth = &context.call_depth;
  observe_context(cpu);
  begin_turn(cpu);
}

void MachineImpl::begin_turn(Cpu& cpu) {
  cpu.solo_points = 0;
  cpu.attempts = 0;
  cpu.observe_at = kObserveAfterPoints;
}

void MachineImpl::cpu_entry() {
  MachineImpl& machine = *current();
  Cpu& cpu = *machine.arriving_;
  Fiber::arrive(cpu.fiber);
  cpu.started = true;
  machine.arrived_on(cpu);
  machine.arm();
  machine.run_program(cpu);
}

void MachineImpl::run_program(Cpu& cpu) {
  cpu.contexts[0] = {.boundary = reinterpret_cast<std::uint64_t>(__builtin_frame_address(0))};
  if (!cpu.has_program) {
    if (judge != nullptr) race_judge_.receive(created_object(cpu.id), true);
    is_working_ = false;
    cpu.entry(cpu.entry_argument);
    leave_for_good(cpu);
  }
  is_working_ = false;
  const auto& program = scenario_->programs[cpu.id];
  for (std::uint32_t i = 0; i < program.size(); ++i) {
    account();
    cpu.operation_starts.push_back(cpu.points);
    note(StepKind::kOperationBegin, program[i].operation.value(), i);
    target_->operations[program[i].operation.value()].run(program[i].arguments.data());
    if (!cpu.interrupts.enabled()) {
      fail(RunEnd::kAssertion, "an operation returned with interrupts disabled",
           target_->operations[program[i].operation.value()].name, 0, nullptr);
    }
    note(StepKind::kOperationEnd, program[i].operation.value(), i);
  }
  idle_for_ever(cpu);
}

void MachineImpl::idle_for_ever(Cpu& cpu) {
  note(StepKind::kCpuEnd);
  for (;;) {
    cpu.context().wait = nullptr;
    --countdown;
    gridlock_point(nullptr, 0, 0, 0, 0, point_code(StepKind::kIdle));
  }
}

void MachineImpl::leave_for_good(Cpu& cpu) {
  account();
  note(StepKind::kCpuEnd);
  sanitizer::release(&cpu.interrupt_flag_object);
  if (judge != nullptr) race_judge_.send(ended_object(cpu.id));
  cpu.activity = CpuActivity::kEnded;
  order_.end(cpu.id);
  // Whoever waits or spins for the end of this cpu asks again: that reads no target memory.
  for (std::uint32_t other = 0; other < cpu_count_; ++other) {
    if (cpus_[other]->activity != CpuActivity::kIdle) wake(*cpus_[other]);
  }
  const std::uint32_t next = order_.highest();
  leave_to(cpu, next == RunOrder::kNobody ? nullptr : cpus_[next].get());
  GRIDLOCK_CHECK(false && "a cpu that had ended was run");
  __builtin_unreachable();
}

void MachineImpl::end_run(RunEnd end) {
  ended_ = true;
  end_ = end;
  leave_to(*running_, nullptr);
  GRIDLOCK_CHECK(false && "a run that had ended was resumed");
  __builtin_unreachable();
}

void MachineImpl::complete() {
  account();
  note(StepKind::kCpuEnd);
  end_run(RunEnd::kCompleted);
}

void MachineImpl::fail_at(RunEnd end, const char* what, const Site* frames, std::uint32_t frame_count) {
  mode_ = Mode::kRun;
  raw_failure_ = {.what = what, .is_statement = true, .cpu = running_->id, .frame_count = frame_count};
  for (std::uint32_t i = 0; i < frame_count; ++i) raw_failure_.frames[i] = frames[i];
  running_->context().frame = nullptr;
  end_run(end);
}

void MachineImpl::fail(RunEnd end, const char* what, const char* file, int line, const void* hook_frame) {
  GRIDLOCK_CHECK(mode_ != Mode::kHost && "the setup or a check of a target failed an assertion");
  mode_ = Mode::kRun;
  raw_failure_ = {.what = what, .file = file, .line = line, .cpu = running_->id};
  // Its last point was left long ago; the frames of the failure say where the context stands.
  running_->context().frame = nullptr;
  if (hook_frame != nullptr) {
    raw_failure_.frame_count =
        walk_from(hook_frame, running_->context().boundary, raw_failure_.frames, kFailureFramesMax);
  }
  end_run(end);
}

// After the contexts joined the host, or ThreadSanitizer would take what a check reads for races.
void MachineImpl::check_at_rest() {
  for (const gl_invariant_entry* entry = target_->invariants; entry != nullptr && entry->name != nullptr; ++entry) {
    if (entry->holds()) continue;
    end_ = RunEnd::kInvariant;
    raw_failure_.what = entry->name;
    return;
  }
}

// What was left standing is given up: a hang, a failed assertion. What came to rest keeps its stack as it is.
void MachineImpl::finish() {
  for (std::uint32_t i = 0; i < cpu_count_; ++i) {
    Cpu& cpu = *cpus_[i];
    const bool at_rest =
        !cpu.started || (cpu.depth == 0 && (cpu.activity == CpuActivity::kIdle || cpu.activity == CpuActivity::kEnded));
    if (!at_rest) sanitizer::stack_abandoned(cpu.fiber.stack);
    for (std::uint32_t depth = 0; depth < cpu.sanitizer_contexts_used; ++depth) {
      sanitizer::Context& context = cpu.sanitizer_contexts[depth];
      sanitizer::context_ends(context, host_context_);
      if (context.call_depth != 0) sanitizer::context_abandoned(host_context_, context);
    }
    sanitizer::acquire(&cpu.interrupt_flag_object);
  }
  if (end_ == RunEnd::kCompleted) check_at_rest();
  // Whatever else went wrong after a race may be its consequence.
  if (race_seen_) {
    end_ = race_end_;
    raw_failure_ = {};
  }
  // What the judge had no room to remember it cannot vouch for.
  if (race_judge_.exhausted() && end_ == RunEnd::kCompleted) end_ = RunEnd::kPointLimit;
}

}  // namespace gridlock
