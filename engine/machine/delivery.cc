// Interrupts, softirqs, migration requests and waits: delivering them on the cpu they are for.
//
// May include: base, model, hook, strategy, judge/race.
#include "engine/machine/judge_objects.h"
#include "engine/machine/machine_impl.h"

namespace gridlock {

sanitizer::Context& MachineImpl::sanitizer_context(Cpu& cpu, std::uint32_t depth) {
  while (cpu.sanitizer_contexts_made <= depth) {
    sanitizer::context_created(cpu.sanitizer_contexts[cpu.sanitizer_contexts_made++]);
  }
  if (cpu.sanitizer_contexts_used <= depth) cpu.sanitizer_contexts_used = depth + 1;
  return cpu.sanitizer_contexts[depth];
}

// Takes what is deliverable, one after the other. REQUIRES: the cpu stands at a point.
void MachineImpl::take_interrupts(Cpu& cpu) {
  cpu.observation.cancel();
  while (cpu.interrupts.deliverable() && cpu.depth < kNestingMax) {
    std::uint32_t vector = 0;
    if (cpu.interrupts.take_vector(vector)) {
      ++taken_;
      run_handler(cpu, ContextView::Kind::kIrq, vector, {});
    } else {
      ++migrations_taken_;
      run_handler(cpu, ContextView::Kind::kMigrate, 0, cpu.interrupts.take_migration());
    }
  }
}

void MachineImpl::run_handler(Cpu& cpu, ContextView::Kind kind, std::uint32_t number, Interrupts::Migration migration) {
  if (WaitRecord* const wait = cpu.context().wait) wait->interrupted = true;
  cpu.interrupts.set_enabled(false);
  enter_context(cpu, kind, number);
  sanitizer::acquire(&cpu.interrupt_flag_object);
  if (kind == ContextView::Kind::kIrq) {
    sanitizer::acquire(&cpu.ipi_object);
    if (judge != nullptr) race_judge_.receive(ipi_object(cpu.id, number), true);
  }
  note(kind == ContextView::Kind::kMigrate ? StepKind::kMigrateEnter : StepKind::kIrqEnter,
       kind == ContextView::Kind::kMigrate ? migration.entity : number, migration.cpu);
  call_handler(kind, number, migration);
  note(kind == ContextView::Kind::kMigrate ? StepKind::kMigrateExit : StepKind::kIrqExit, number);
  sanitizer::release(&cpu.interrupt_flag_object);
  exit_context(cpu);
  // Softirqs run when the outermost handler returns, before the task goes on, with interrupts enabled.
  if (cpu.depth == 0 && cpu.interrupts.softirqs() != 0) run_softirqs(cpu);
  cpu.interrupts.set_enabled(true);
}

// The one frame between the engine and a handler: its frame pointer is where walks of the handler's stack end.
[[gnu::noinline]] void MachineImpl::call_handler(ContextView::Kind kind, std::uint32_t number,
                                                 Interrupts::Migration migration) {
  Cpu& cpu = *running_;
  cpu.context().boundary = reinterpret_cast<std::uint64_t>(__builtin_frame_address(0));
  is_working_ = false;
  switch (kind) {
    case ContextView::Kind::kTask:
      break;
    case ContextView::Kind::kIrq:
      target_->vectors[number].handler();
      break;
    case ContextView::Kind::kSoftirq:
      target_->softirqs[number].handler();
      break;
    case ContextView::Kind::kMigrate:
      target_->migrate(migration.entity, migration.cpu);
      break;
  }
  is_working_ = true;
  account();  // the points of the handler, before anything is armed for the context below
}

void MachineImpl::enter_context(Cpu& cpu, ContextView::Kind kind, std::uint32_t number) {
  if (options_.interleavings != nullptr) {
    const std::uint32_t held = held_locks_hash(cpu);
    options_.interleavings->interrupted(site_of_cpu(cpu), static_cast<std::uint32_t>(kind), number, held);
  }
  Context& context = cpu.contexts[++cpu.depth];
  context = {.kind = kind, .number = number};
  context.comes_any_time = comes_any_time(cpu, kind, number);
  sanitizer::Context& sanitizer = sanitizer_context(cpu, cpu.depth);
  sanitizer::context_entered(sanitizer);
  call_depth = &sanitizer.call_depth;
  observe_context(cpu);
  if (judge != nullptr) race_judge_.handler_entered(reinterpret_cast<std::uint64_t>(__builtin_frame_address(0)));
  account();
  arm();
}

void MachineImpl::exit_context(Cpu& cpu) {
  if (judge != nullptr) race_judge_.handler_left();
  --cpu.depth;
  sanitizer::Context& sanitizer = sanitizer_context(cpu, cpu.depth);
  sanitizer::context_entered(sanitizer);
  call_depth = &sanitizer.call_depth;
  observe_context(cpu);
}

// One pass over what is marked, as Linux does; what the handlers mark anew waits for the next interrupt, unless
// kSoftirqRounds are left.
void MachineImpl::run_softirqs(Cpu& cpu) {
  constexpr std::uint32_t kSoftirqRounds = 10;
  for (std::uint32_t round = 0; round < kSoftirqRounds && cpu.interrupts.softirqs() != 0; ++round) {
    std::uint32_t marked = cpu.interrupts.take_softirqs();
    for (std::uint32_t number = 0; marked != 0; ++number, marked >>= 1) {
      if ((marked & 1) == 0) continue;
      cpu.interrupts.set_enabled(true);
      enter_context(cpu, ContextView::Kind::kSoftirq, number);
      sanitizer::acquire(&cpu.interrupt_flag_object);
      sanitizer::acquire(&cpu.softirq_object);
      if (judge != nullptr) race_judge_.receive(softirq_object(cpu.id), false);
      note(StepKind::kSoftirqEnter, number);
      call_handler(ContextView::Kind::kSoftirq, number, {});
      note(StepKind::kSoftirqExit, number);
      sanitizer::release(&cpu.interrupt_flag_object);
      exit_context(cpu);
      cpu.interrupts.set_enabled(false);
    }
  }
}

void MachineImpl::set_interrupts(bool enabled, const void* hook_frame) {
  Cpu& cpu = *running_;
  if (enabled) {
    sanitizer::release(&cpu.interrupt_flag_object);
    if (judge != nullptr) race_judge_.interrupts_enabled();
    cpu.interrupts.set_enabled(true);
    if (locks_.holds_any(cpu.id)) irqs_enabled_under_locks(hook_frame);
    if (cpu.interrupts.deliverable()) close_gate();
  } else {
    cpu.interrupts.set_enabled(false);
    sanitizer::acquire(&cpu.interrupt_flag_object);
    if (judge != nullptr) race_judge_.interrupts_disabled();
    note(StepKind::kIrqDisable, 0, 0, hook_frame);
  }
}

void MachineImpl::raise(std::uint32_t cpu_number, std::uint32_t vector) {
  Cpu& cpu = *cpus_[cpu_number];
  if (cpu.interrupts.raise(vector)) ++raised_;
  wake_for_interrupt(cpu);
  if (&cpu == running_ && cpu.interrupts.deliverable()) close_gate();
}

void MachineImpl::send_ipi(std::uint32_t cpu, std::uint32_t vector, const void* hook_frame) {
  note(StepKind::kIpiSend, cpu, vector, hook_frame);
  // What the sender did happens before the handler; an interrupt from outside orders nothing.
  sanitizer::release(&cpus_[cpu]->ipi_object);
  if (judge != nullptr) race_judge_.send(ipi_object(cpu, vector));
  ipi_sent(cpu, vector);
  raise(cpu, vector);
}

bool MachineImpl::wait_ends_by_interrupt(const Cpu& cpu, const WaitRecord& wait) const {
  return wait.irq_ends && (wait.interrupted || cpu.interrupts.pending() != 0);
}

void MachineImpl::wake_for_interrupt(Cpu& cpu) {
  if (!cpu.is_stuck()) return;
  const WaitRecord* const wait = cpu.context().wait;
  const bool ends_wait = cpu.activity == CpuActivity::kWaiting && wait != nullptr && wait_ends_by_interrupt(cpu, *wait);
  if (ends_wait || cpu.interrupts.deliverable()) wake(cpu);
}

void MachineImpl::raise_softirq(std::uint32_t number, const void* hook_frame) {
  note(StepKind::kSoftirqRaise, number, 0, hook_frame);
  sanitizer::release(&running_->softirq_object);
  if (judge != nullptr) race_judge_.send(softirq_object(running_->id));
  softirq_raised(number);
  running_->interrupts.raise_softirq(number);
}

bool MachineImpl::wait_is_over(WaitRecord& wait) {
  Cpu& cpu = *running_;
  condition_reads_.clear();
  if (wait_ends_by_interrupt(cpu, wait)) return true;
  account();
  const std::uint64_t watched_before = watched;
  cpu.watches.clear();
  mode_ = Mode::kWatching;
  countdown = 0;
  const bool ready = wait.ready(wait.argument);
  mode_ = Mode::kRun;
  watched = watched_before;
  countdown = armed_ = 1;
  if (ready) return true;
  wait.timed_out = wait.timed && now() >= cpu.context().wait_deadline;
  return wait.timed_out;
}

void MachineImpl::set_wait_limit(std::uint64_t ticks) {
  running_->context().wait_deadline = now() + ticks;
}

// Outside of a cpu's own code the countdown counts nothing.
std::uint64_t MachineImpl::now() {
  if (mode_ == Mode::kRun) account();
  return total_points_ + time_offset_;
}

// A loop that reads the clock may end without anybody else's help: it is no spin, and no part of a proof.
std::uint64_t MachineImpl::read_clock() {
  clock_read_ = true;
  if (running_ != nullptr) running_->observation.cancel();
  return now();
}

std::uint32_t MachineImpl::create_cpu(void (*entry)(void*), void* argument) {
  const Work work(*this);
  Cpu& cpu = add_cpu(false);
  cpu.entry = entry;
  cpu.entry_argument = argument;
  // What the creator did happens before what the new cpu does.
  sanitizer::context_begins(sanitizer_context(*running_, running_->depth), cpu.sanitizer_contexts[0]);
  sanitizer::release(&cpu.interrupt_flag_object);
  if (judge != nullptr) race_judge_.send(created_object(cpu.id));
  locks_.cpu_created(running_->id, cpu.id);
  order_.append(cpu.id);
  note(StepKind::kCpuCreate, cpu.id);
  return cpu.id;
}

bool MachineImpl::cpu_ended(std::uint32_t cpu) {
  if (cpu >= cpu_count_ || cpus_[cpu]->activity != CpuActivity::kEnded) return false;
  sanitizer::acquire(&cpus_[cpu]->interrupt_flag_object);
  if (judge != nullptr) race_judge_.receive(ended_object(cpu), false);
  if (running_ != nullptr) locks_.end_seen(running_->id, cpu);
  return true;
}

}  // namespace gridlock
