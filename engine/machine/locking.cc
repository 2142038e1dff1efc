// Locks as the harness tells them: who holds what, where, and which handlers may come meanwhile.
//
// May include: base, model, hook, strategy, judge/race.
#include "engine/machine/machine_impl.h"

namespace gridlock {

namespace {

// A function that takes locks is told apart by its callers, this far up: one wrapper of a lock is called by many.
constexpr std::uint32_t kChainFrames = 4;

LockMode mode_of(unsigned flags) {
  if ((flags & GL_LOCK_RECURSIVE_READ) != 0) return LockMode::kRecursiveRead;
  return (flags & GL_LOCK_SHARED) != 0 ? LockMode::kShared : LockMode::kExclusive;
}

std::uint64_t chain_hash(const void* hook_frame, std::uint64_t boundary) {
  const auto* frame = static_cast<const std::uint64_t*>(hook_frame);
  std::uint64_t hash = 0;
  for (std::uint32_t i = 0; i < kChainFrames; ++i) {
    hash = (hash ^ frame[1]) * 0xd6e8feb86659fd93;
    const std::uint64_t caller = frame[0];
    if (caller <= reinterpret_cast<std::uint64_t>(frame) || caller >= boundary) break;
    frame = reinterpret_cast<const std::uint64_t*>(caller);
  }
  return hash;
}

}  // namespace

LockPlace MachineImpl::lock_place(const void* hook_frame) const {
  const Cpu& cpu = *running_;
  const Context& context = cpu.contexts[cpu.depth];
  return {.cpu = cpu.id,
          .context = context.kind,
          .number = context.number,
          .depth = cpu.depth,
          .comes_any_time = context.comes_any_time,
          .irqs_enabled = cpu.interrupts.enabled(),
          .chain = chain_hash(hook_frame, context.boundary)};
}

void MachineImpl::lock_acquired(const void* lock, const char* name, unsigned flags, const void* hook_frame) {
  const Work work(*this);
  const auto address = reinterpret_cast<std::uint64_t>(lock);
  const LockObject object{.offset = offset_of(address), .in_arena = has_offset(address), .name = name};
  const bool is_try = (flags & GL_LOCK_TRY) != 0;
  LockMoment* const fresh = locks_.acquired(lock_place(hook_frame), object, mode_of(flags), is_try);
  // Its last frame stays 0: there is no other sign of an end.
  if (fresh != nullptr) {
    const std::uint32_t count = walk_from(hook_frame, running_->context().boundary, fresh->frames, kLockFramesMax - 1);
    fresh->frames[count] = 0;
  }
  note_lock(StepKind::kLockAcquired, lock, flags, hook_frame);
}

void MachineImpl::lock_released(const void* lock, const void* hook_frame) {
  const Work work(*this);
  locks_.released(running_->id, offset_of(reinterpret_cast<std::uint64_t>(lock)));
  note_lock(StepKind::kLockReleased, lock, 0, hook_frame);
}

void MachineImpl::note_lock(StepKind kind, const void* lock, std::uint32_t flags, const void* hook_frame) {
  if (!options_.trace) return;
  const auto address = reinterpret_cast<std::uint64_t>(lock);
  record_event(*running_, kind, flags, 0, hook_frame);
  // A lock elsewhere lies at another address in each build; a trace is the same in all.
  trace_.steps.back().stack_address = !has_offset(address);
  trace_.steps.back().address = has_offset(address) ? offset_of(address) : 0;
}

void MachineImpl::irqs_enabled_under_locks(const void* hook_frame) {
  LockMoment* const fresh = locks_.irqs_enabled(lock_place(hook_frame));
  if (fresh == nullptr) return;
  const std::uint32_t count = walk_from(hook_frame, running_->context().boundary, fresh->frames, kLockFramesMax - 1);
  fresh->frames[count] = 0;
}

// A schedule raises external vectors and migration requests where it likes. What else comes at any time was, in this
// run, raised by such a handler, or sent by the task of another cpu that held no lock: that task does not run in step
// with this cpu any more than its locks do.
bool MachineImpl::comes_any_time(const Cpu& cpu, ContextView::Kind kind, std::uint32_t number) const {
  switch (kind) {
    case ContextView::Kind::kTask:
      return false;
    case ContextView::Kind::kIrq:
      return target_->vectors[number].external || (cpu.outside_vectors >> number & 1) != 0;
    case ContextView::Kind::kSoftirq:
      return (cpu.outside_softirqs >> number & 1) != 0;
    case ContextView::Kind::kMigrate:
      return true;
  }
}

void MachineImpl::ipi_sent(std::uint32_t cpu, std::uint32_t vector) {
  if (running_ == nullptr) return;
  const bool is_free = running_->depth == 0 && running_->id != cpu && !locks_.holds_any(running_->id);
  if (is_free || running_->context().comes_any_time) cpus_[cpu]->outside_vectors |= std::uint64_t{1} << vector;
}

void MachineImpl::softirq_raised(std::uint32_t number) {
  if (running_->context().comes_any_time) running_->outside_softirqs |= std::uint32_t{1} << number;
}

}  // namespace gridlock
