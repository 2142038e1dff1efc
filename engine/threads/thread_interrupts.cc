// Interrupts of a cpu on its own thread: where they come from, and taking them. The rules are those of the fiber
// machine (machine/delivery.cc): they are taken at points, where they are enabled. A signal to the thread would arrive
// between points as well, but there is nothing there that a handler could see half done and a point could not show, and
// ThreadSanitizer puts off asynchronous signals as it likes.
//
// May include: base, model, hook, machine.
#include "engine/base/check.h"
#include "engine/threads/thread_cpu.h"

namespace gridlock {

// ---- where they come from ----

void ThreadCpu::post(std::uint32_t vector) {
  mailbox_.fetch_or(std::uint64_t{1} << vector);
  wake_word_.wake();
}

void ThreadCpu::receive() {
  if (mailbox_.load(std::memory_order_relaxed) != 0) {
    set_awake();  // before the mail is taken: the host must see one or the other
    for (std::uint64_t left = mailbox_.exchange(0); left != 0; left &= left - 1) {
      static_cast<void>(interrupts_.raise(static_cast<std::uint32_t>(std::countr_zero(left))));
    }
  }
  if (!interrupts_.any_deferral()) return;
  static_cast<void>(interrupts_.expire_deferrals(points()));
  const std::uint32_t epoch = run_.deferral_epoch.load();
  if (epoch == deferral_epoch_) return;
  set_awake();
  static_cast<void>(interrupts_.end_deferrals());
  deferral_epoch_ = epoch;
}

void ThreadCpu::obey_directives(std::uint32_t point) {
  while (const auto decision = run_.directives.take(CpuId(id_), PointIndex(point))) {
    if (decision->action == Action::kDemote) {
      let_others_pass();
    } else {
      apply(point, decision->action, decision->a, decision->b);
    }
  }
}

void ThreadCpu::inject(std::uint32_t point) {
  if (run_.external_vectors == 0 || !perturbation_.interrupt_arrives()) return;
  std::uint32_t skip = perturbation_.prng().below(static_cast<std::uint32_t>(std::popcount(run_.external_vectors)));
  std::uint64_t left = run_.external_vectors;
  for (; skip > 0; --skip) left &= left - 1;
  apply(point, Action::kInterrupt, static_cast<std::uint32_t>(std::countr_zero(left)), 0);
}

// For the record too, as long as there is room: what is not in it is no more than missing from the retry.
void ThreadCpu::apply(std::uint32_t point, Action action, std::uint32_t a, std::uint32_t b) {
  if (applied_count_ < kAppliedMax) applied_[applied_count_++] = {CpuId(id_), PointIndex(point), action, a, b};
  switch (action) {
    case Action::kInterrupt:
      static_cast<void>(interrupts_.raise(a));
      break;
    case Action::kDefer:
      interrupts_.defer(a, point + b);
      break;
    case Action::kMigrate:
      GRIDLOCK_CHECK(run_.target->migrate != nullptr);
      static_cast<void>(interrupts_.request_migration({a, b}));
      break;
    case Action::kDemote:
    case Action::kStale:
    case Action::kDelayStore:
      GRIDLOCK_CHECK(false && "no interrupt");
  }
}

void ThreadCpu::send_ipi(unsigned cpu, unsigned vector, const void* hook_frame) {
  if (cpu >= run_.cpu_count.load() || vector >= run_.vector_count) {
    fail(RunEnd::kAssertion, "gl_send_ipi to a cpu or vector that does not exist", nullptr, 0, hook_frame);
  }
  ThreadCpu& to = *run_.cpus[cpu];
  // What the sender did happens before the handler; an interrupt from outside orders nothing.
  sanitizer::release(&to.ipi_object_);
  to.post(vector);
}

void ThreadCpu::raise_softirq(unsigned number, const void* hook_frame) {
  if (number >= run_.softirq_count) {
    fail(RunEnd::kAssertion, "gl_raise_softirq of a softirq that does not exist", nullptr, 0, hook_frame);
  }
  sanitizer::release(&softirq_object_);
  interrupts_.raise_softirq(number);
}

// ---- the flag ----

void ThreadCpu::set_interrupts(bool enabled) {
  if (mode_ == Mode::kHost || enabled == interrupts_.enabled()) return;
  if (enabled) sanitizer::release(&flag_object_);
  interrupts_.set_enabled(enabled);
  if (!enabled) sanitizer::acquire(&flag_object_);
}

bool ThreadCpu::in_irq() const {
  for (std::uint32_t depth = 1; depth <= depth_; ++depth) {
    if (contexts_[depth].kind != ContextView::Kind::kSoftirq) return true;
  }
  return false;
}

// ---- taking them ----

void ThreadCpu::take_interrupts() {
  while (interrupts_.deliverable() && depth_ < kNestingMax) {
    const void* const interrupted_at = stands_at_.load(std::memory_order_relaxed);
    contexts_[depth_].interrupted_at = interrupted_at;
    stands_at_.store(nullptr, std::memory_order_relaxed);
    run_.progress.store(true, std::memory_order_relaxed);
    std::uint32_t vector = 0;
    if (interrupts_.take_vector(vector)) {
      run_handler(ContextView::Kind::kIrq, vector, {});
    } else {
      run_handler(ContextView::Kind::kMigrate, 0, interrupts_.take_migration());
    }
    stands_at_.store(interrupted_at, std::memory_order_relaxed);
    receive();
  }
}

void ThreadCpu::run_handler(ContextView::Kind kind, std::uint32_t number, Interrupts::Migration migration) {
  if (contexts_[depth_].wait_interrupted != nullptr) *contexts_[depth_].wait_interrupted = true;
  interrupts_.set_enabled(false);
  enter_context(kind, number);
  if (kind == ContextView::Kind::kIrq) sanitizer::acquire(&ipi_object_);
  call_handler(kind, number, migration);
  exit_context();
  // Softirqs run when the outermost handler returns, before the task goes on, with interrupts enabled.
  if (depth_ == 0 && interrupts_.softirqs() != 0) run_softirqs();
  interrupts_.set_enabled(true);
}

// The one frame between the engine and a handler: its frame pointer is where walks of the handler's stack end.
[[gnu::noinline]] void ThreadCpu::call_handler(ContextView::Kind kind, std::uint32_t number,
                                               Interrupts::Migration migration) {
  contexts_[depth_].boundary = reinterpret_cast<std::uint64_t>(__builtin_frame_address(0));
  switch (kind) {
    case ContextView::Kind::kTask:
      break;
    case ContextView::Kind::kIrq:
      run_.target->vectors[number].handler();
      break;
    case ContextView::Kind::kSoftirq:
      run_.target->softirqs[number].handler();
      break;
    case ContextView::Kind::kMigrate:
      run_.target->migrate(migration.entity, migration.cpu);
      break;
  }
}

// A handler is a context of its own for ThreadSanitizer, or a race between it and the task would stay invisible.
void ThreadCpu::enter_context(ContextView::Kind kind, std::uint32_t number) {
  contexts_[++depth_] = {.kind = kind, .number = number};
  while (sanitizer_contexts_made_ <= depth_)
    sanitizer::context_created(sanitizer_contexts_[sanitizer_contexts_made_++]);
  sanitizer::context_entered(sanitizer_contexts_[depth_]);
  sanitizer::acquire(&flag_object_);
}

void ThreadCpu::exit_context() {
  sanitizer::release(&flag_object_);
  --depth_;
  sanitizer::context_entered(sanitizer_contexts_[depth_]);
}

// One pass over what is marked, as Linux does; what the handlers mark anew waits for the next interrupt, unless
// kSoftirqRounds are left.
void ThreadCpu::run_softirqs() {
  constexpr std::uint32_t kSoftirqRounds = 10;
  for (std::uint32_t round = 0; round < kSoftirqRounds && interrupts_.softirqs() != 0; ++round) {
    std::uint32_t marked = interrupts_.take_softirqs();
    for (std::uint32_t number = 0; marked != 0; ++number, marked >>= 1) {
      if ((marked & 1) == 0) continue;
      interrupts_.set_enabled(true);
      enter_context(ContextView::Kind::kSoftirq, number);
      sanitizer::acquire(&softirq_object_);
      call_handler(ContextView::Kind::kSoftirq, number, {});
      exit_context();
      interrupts_.set_enabled(false);
    }
  }
}

// ---- what must be one step ----

// Nobody waits inside, and no handler runs there, so that the lock is never wanted twice by one cpu.
void ThreadCpu::step_begins() {
  if (mode_ == Mode::kRun && step_depth_++ == 0) run_.step_lock.lock();
}
void ThreadCpu::step_ends() {
  if (mode_ == Mode::kRun && --step_depth_ == 0) run_.step_lock.unlock();
}

}  // namespace gridlock
