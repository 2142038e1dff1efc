// The queued spinlock; see qspinlock.h. The steps are those of queued_spin_lock_slowpath() and its helpers:
//
//     (0,0,0) -> (0,0,1)            fast: nobody there
//     (0,0,1) -> (0,1,1) -> (0,0,1)  pending: the second waits on the word itself, without a node
//     (*,1,*) -> (n,1,*)             queue: all others wait on nodes of their own; its head waits for locked and
//     pending
//
// Written with the compiler's atomic builtins, because one word is accessed in three sizes. What an interrupt or
// another cpu may also touch is accessed atomically throughout, relaxed where the kernel has READ_ONCE() or a plain
// access that a dependency orders.
//
// May include: engine/hook, the standard library, this target.
#include "targets/qspinlock/qspinlock.h"

namespace {

constexpr std::uint32_t _Q_LOCKED_VAL = 1;
constexpr std::uint32_t _Q_LOCKED_MASK = 0xff;
constexpr std::uint32_t _Q_PENDING_VAL = 1 << 8;
constexpr std::uint32_t _Q_PENDING_MASK = 0xff << 8;
constexpr std::uint32_t _Q_LOCKED_PENDING_MASK = _Q_LOCKED_MASK | _Q_PENDING_MASK;
constexpr unsigned _Q_TAIL_OFFSET = 16;
constexpr std::uint32_t _Q_TAIL_MASK = 0xffffu << _Q_TAIL_OFFSET;
constexpr unsigned kTailCpuShift = 2;

// The cpu is counted from 1: a tail of 0 is an empty queue.
std::uint32_t encode_tail(unsigned cpu, unsigned idx) {
  return ((cpu + 1) << kTailCpuShift | idx) << _Q_TAIL_OFFSET;
}

mcs_spinlock* decode_tail(std::uint32_t tail) {
  const std::uint32_t place = tail >> _Q_TAIL_OFFSET;
  return &per_cpu_nodes[(place >> kTailCpuShift) - 1].mcs[place & (MAX_NODES - 1)];
}

// Publishes this cpu as the last in the queue and returns who was before.
[[gnu::noinline]] std::uint32_t xchg_tail(qspinlock& lock, std::uint32_t tail) {
  const auto half = static_cast<std::uint16_t>(tail >> _Q_TAIL_OFFSET);
  const std::uint32_t old = __atomic_exchange_n(&lock.tail, half, __ATOMIC_RELAXED);
  lock.fairness.announce();
  return old << _Q_TAIL_OFFSET;
}

// The second to come waits on the word itself. True if the lock was got; false: there is a queue, or there will be.
[[gnu::noinline]] bool lock_by_pending_bit(qspinlock& lock, std::uint32_t val) {
  // Pending and not locked lasts for a moment: the owner to be is about to set the locked byte.
  for (unsigned loops = gl_parameter(kPendingLoops); val == _Q_PENDING_VAL && loops != 0; --loops) {
    gl_cpu_relax();
    val = __atomic_load_n(&lock.val, __ATOMIC_RELAXED);
  }
  if ((val & ~_Q_LOCKED_MASK) != 0) return false;

  val = __atomic_fetch_or(&lock.val, _Q_PENDING_VAL, __ATOMIC_ACQUIRE);
  if ((val & ~_Q_LOCKED_MASK) != 0) {
    // The bit is ours if nobody else had set it, and the queue's head waits for it to go.
    const bool bit_is_mine = (val & _Q_PENDING_MASK) == 0;
    if (bit_is_mine && gl_variant() != kNoUndo) __atomic_store_n(&lock.pending, std::uint8_t{0}, __ATOMIC_RELAXED);
    return false;
  }
  lock.fairness.announce();
  while (__atomic_load_n(&lock.locked, __ATOMIC_ACQUIRE) != 0) gl_cpu_relax();
  __atomic_store_n(&lock.locked_pending, static_cast<std::uint16_t>(_Q_LOCKED_VAL), __ATOMIC_RELAXED);
  lock.fairness.come_in();
  return true;
}

// Waits until the node before this one passes on the head of the queue.
[[gnu::noinline]] void mcs_spin_lock_contended(mcs_spinlock& node) {
  while (__atomic_load_n(&node.locked, __ATOMIC_ACQUIRE) == 0) gl_cpu_relax();
}

// The head of the queue takes the lock, and makes the next one the head unless the queue ends here.
[[gnu::noinline]] void lock_as_head(qspinlock& lock, mcs_spinlock& node, std::uint32_t tail) {
  std::uint32_t val;
  while (((val = __atomic_load_n(&lock.val, __ATOMIC_ACQUIRE)) & _Q_LOCKED_PENDING_MASK) != 0) gl_cpu_relax();
  if ((val & _Q_TAIL_MASK) == tail &&
      __atomic_compare_exchange_n(&lock.val, &val, _Q_LOCKED_VAL, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    lock.fairness.come_in();
    return;
  }
  __atomic_store_n(&lock.locked, static_cast<std::uint8_t>(_Q_LOCKED_VAL), __ATOMIC_RELAXED);
  lock.fairness.come_in();
  mcs_spinlock* next;
  while ((next = __atomic_load_n(&node.next, __ATOMIC_RELAXED)) == nullptr) gl_cpu_relax();
  __atomic_store_n(&next->locked, 1u, __ATOMIC_RELEASE);
}

[[gnu::noinline]] void queue_up(qspinlock& lock, mcs_spinlock& node, unsigned idx) {
  if (queued_spin_trylock(lock)) return;
  // The node is initialised before anybody finds it by the tail.
  __atomic_thread_fence(__ATOMIC_RELEASE);
  const std::uint32_t tail = encode_tail(gl_this_cpu(), idx);
  const std::uint32_t old = xchg_tail(lock, tail);
  if (old != 0) {
    __atomic_store_n(&decode_tail(old)->next, &node, __ATOMIC_RELAXED);
    mcs_spin_lock_contended(node);
  }
  lock_as_head(lock, node, tail);
}

// An interrupt that comes before the count is up uses the node with the same index; only what is written to the node
// after that is safe from it. The count itself needs no atomic increment: a handler leaves it as it found it.
[[gnu::noinline]] void queued_spin_lock_slowpath(qspinlock& lock, std::uint32_t val) {
  if (lock_by_pending_bit(lock, val)) return;

  qnodes& mine = per_cpu_nodes[gl_this_cpu()];
  const std::uint32_t idx = __atomic_load_n(&mine.count, __ATOMIC_RELAXED);
  const bool has_node = idx < gl_parameter(kMaxNodes);
  if (gl_variant() == kInitBeforeCount && has_node) __atomic_store_n(&mine.mcs[idx].locked, 0u, __ATOMIC_RELAXED);
  __atomic_store_n(&mine.count, idx + 1, __ATOMIC_RELAXED);
  if (!has_node) {
    while (!queued_spin_trylock(lock)) gl_cpu_relax();
  } else {
    mcs_spinlock& node = mine.mcs[idx];
    if (gl_variant() != kInitBeforeCount) __atomic_store_n(&node.locked, 0u, __ATOMIC_RELAXED);
    __atomic_store_n(&node.next, nullptr, __ATOMIC_RELAXED);
    queue_up(lock, node, idx);
  }
  __atomic_store_n(&mine.count, __atomic_load_n(&mine.count, __ATOMIC_RELAXED) - 1, __ATOMIC_RELAXED);
}

}  // namespace

qnodes* per_cpu_nodes;

[[gnu::noinline]] void queued_spin_lock(qspinlock& lock) {
  std::uint32_t val = 0;
  if (__atomic_compare_exchange_n(&lock.val, &val, _Q_LOCKED_VAL, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
    lock.fairness.come_in();
    return;
  }
  queued_spin_lock_slowpath(lock, val);
}

[[gnu::noinline]] bool queued_spin_trylock(qspinlock& lock) {
  std::uint32_t val = __atomic_load_n(&lock.val, __ATOMIC_RELAXED);
  if (val != 0) return false;
  if (!__atomic_compare_exchange_n(&lock.val, &val, _Q_LOCKED_VAL, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
    return false;
  }
  lock.fairness.come_in();
  return true;
}

[[gnu::noinline]] void queued_spin_unlock(qspinlock& lock) {
  __atomic_store_n(&lock.locked, std::uint8_t{0}, __ATOMIC_RELEASE);
}
