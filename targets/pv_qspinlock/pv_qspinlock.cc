// The paravirtual slow path; see pv_qspinlock.h. A waiter's node is
//
//     running --pv_wait_node--> halted --pv_kick_node--> hashed      by the owner: on behalf of the new head
//        |                                                 ^
//        +------------------pv_wait_head_or_lock-----------+         by the head itself, before it halts
//
// and is in the hash table if it is hashed. A lock is in the table once at most, and only its owner takes it out.
//
// Written with the compiler's atomic builtins, because one word is accessed in three sizes. Accesses are relaxed where
// the kernel has READ_ONCE() and WRITE_ONCE() or a plain access that a dependency orders.
//
// May include: engine/hook, the standard library, this target.
#include "targets/pv_qspinlock/pv_qspinlock.h"

#include "engine/hook/oracles.h"
#include "targets/pv_qspinlock/xen_qlock.h"

namespace {

constexpr std::uint32_t _Q_LOCKED_PENDING_MASK = 0xffff;
constexpr std::uint32_t _Q_PENDING_MASK = 0xff00;
constexpr std::uint16_t _Q_PENDING_VAL = 1 << 8;
constexpr unsigned _Q_TAIL_OFFSET = 16;
constexpr std::uint32_t _Q_TAIL_MASK = 0xffffu << _Q_TAIL_OFFSET;
constexpr unsigned kTailCpuShift = 2;
constexpr unsigned kHashEntries = kCpusMax * MAX_NODES;

// The cpu is counted from 1: a tail of 0 is an empty queue.
std::uint16_t encode_tail(unsigned cpu, unsigned idx) {
  return static_cast<std::uint16_t>((cpu + 1) << kTailCpuShift | idx);
}

pv_node* decode_tail(std::uint16_t tail) {
  return &pv->cpus[(tail >> kTailCpuShift) - 1].nodes[tail & (MAX_NODES - 1)];
}

// Takes the lock past the queue, as long as its head does not forbid that by the pending bit: a lock that is handed
// over to a halted cpu would be idle for as long as that takes.
[[gnu::noinline]] bool pv_hybrid_queued_unfair_trylock(qspinlock& lock) {
  for (;;) {
    const std::uint32_t val = __atomic_load_n(&lock.val, __ATOMIC_RELAXED);
    std::uint8_t free = 0;
    if ((val & _Q_LOCKED_PENDING_MASK) == 0 &&
        __atomic_compare_exchange_n(&lock.locked, &free, _Q_LOCKED_VAL, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
      return true;
    }
    if ((val & _Q_TAIL_MASK) == 0 || (val & _Q_PENDING_MASK) != 0) return false;
    gl_cpu_relax();
  }
}

[[gnu::noinline]] bool trylock_clear_pending(qspinlock& lock) {
  if (__atomic_load_n(&lock.locked, __ATOMIC_RELAXED) != 0) return false;
  std::uint16_t pending = _Q_PENDING_VAL;
  return __atomic_compare_exchange_n(&lock.locked_pending, &pending, std::uint16_t{_Q_LOCKED_VAL}, false,
                                     __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

unsigned hash_of(const qspinlock& lock) {
  return static_cast<unsigned>(reinterpret_cast<std::uintptr_t>(&lock) / sizeof(qspinlock)) % kHashEntries;
}

// There is an entry for every node, so one is free.
[[gnu::noinline]] pv_hash_entry& pv_hash(qspinlock& lock, pv_node& node) {
  for (unsigned i = 0; i < kHashEntries; ++i) {
    pv_hash_entry& entry = pv->hash[(hash_of(lock) + i) % kHashEntries];
    qspinlock* expected = nullptr;
    if (!__atomic_compare_exchange_n(&entry.lock, &expected, &lock, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
      continue;
    __atomic_store_n(&entry.node, &node, __ATOMIC_RELAXED);
    return entry;
  }
  GL_PROMISE(false, "BUG: the hash table is full");
  __builtin_unreachable();
}

[[gnu::noinline]] pv_node& pv_unhash(qspinlock& lock) {
  for (unsigned i = 0; i < kHashEntries; ++i) {
    pv_hash_entry& entry = pv->hash[(hash_of(lock) + i) % kHashEntries];
    if (__atomic_load_n(&entry.lock, __ATOMIC_RELAXED) != &lock) continue;
    pv_node* const node = __atomic_load_n(&entry.node, __ATOMIC_RELAXED);
    __atomic_store_n(&entry.lock, nullptr, __ATOMIC_RELAXED);
    return *node;
  }
  GL_PROMISE(false, "BUG: the lock is not in the hash table");
  __builtin_unreachable();
}

// A waiter that is not the head spins in vain while the one before it is halted: it halts as well, and early.
[[gnu::noinline]] bool is_head_now(pv_node& node, pv_node& prev) {
  for (unsigned loop = gl_parameter(kSpinThreshold); loop != 0; --loop) {
    if (__atomic_load_n(&node.locked, __ATOMIC_RELAXED) != 0) return true;
    if (__atomic_load_n(&prev.state, __ATOMIC_RELAXED) != vcpu_running) return false;
    gl_cpu_relax();
  }
  return false;
}

// Waits to become the queue's head. That may come with the node hashed already: then it stays so.
[[gnu::noinline]] void pv_wait_node(pv_node& node, pv_node& prev) {
  while (!is_head_now(node, prev)) {
    __atomic_store_n(&node.state, vcpu_halted, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);  // pairs with pv_kick_node: one of the two sees the other
    if (__atomic_load_n(&node.locked, __ATOMIC_RELAXED) == 0) pv_wait(node.state, vcpu_halted);
    std::uint8_t halted = vcpu_halted;
    __atomic_compare_exchange_n(&node.state, &halted, vcpu_running, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
  }
}

// The owner has made `node` the head. If that one is halted, it is not woken to spin: it is hashed in its name, and
// woken by the unlock.
[[gnu::noinline]] void pv_kick_node(qspinlock& lock, pv_node& node) {
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  std::uint8_t halted = vcpu_halted;
  if (!__atomic_compare_exchange_n(&node.state, &halted, vcpu_hashed, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    return;
  }
  // The same cpu reads both when it unlocks.
  __atomic_store_n(&lock.locked, _Q_SLOW_VAL, __ATOMIC_RELAXED);
  pv_hash(lock, node);
}

// Nobody steals the lock while the pending bit is set.
[[gnu::noinline]] bool spin_with_pending(qspinlock& lock) {
  __atomic_store_n(&lock.pending, std::uint8_t{1}, __ATOMIC_RELAXED);
  for (unsigned loop = gl_parameter(kSpinThreshold); loop != 0; --loop) {
    if (trylock_clear_pending(lock)) return true;
    gl_cpu_relax();
  }
  __atomic_store_n(&lock.pending, std::uint8_t{0}, __ATOMIC_RELAXED);
  return false;
}

// The head asks to be kicked. True if the lock was free by then and is ours. The entry is there before the owner can
// see _Q_SLOW_VAL.
[[gnu::noinline]] bool hash_or_lock(qspinlock& lock, pv_node& node) {
  pv_hash_entry& entry = pv_hash(lock, node);
  if (__atomic_exchange_n(&lock.locked, _Q_SLOW_VAL, __ATOMIC_SEQ_CST) != 0) return false;
  __atomic_store_n(&lock.locked, _Q_LOCKED_VAL, __ATOMIC_RELAXED);
  __atomic_store_n(&entry.lock, nullptr, __ATOMIC_RELAXED);
  return true;
}

// The head waits for the lock. It asks for a kick once only: if the lock is stolen after the kick, the byte is not
// _Q_SLOW_VAL, so pv_wait returns and the head spins on.
[[gnu::noinline]] void pv_wait_head_or_lock(qspinlock& lock, pv_node& node) {
  bool has_hashed = __atomic_load_n(&node.state, __ATOMIC_RELAXED) == vcpu_hashed;
  for (;;) {
    __atomic_store_n(&node.state, vcpu_running, __ATOMIC_RELAXED);
    if (spin_with_pending(lock)) return;
    if (!has_hashed) {
      if (hash_or_lock(lock, node)) return;
      has_hashed = true;
    }
    // Before 229ce631: a pv_kick_node that comes late finds the node halted and hashes the lock a second time.
    __atomic_store_n(&node.state, gl_variant() == kDoubleHash ? vcpu_halted : vcpu_hashed, __ATOMIC_RELAXED);
    pv_wait(lock.locked, _Q_SLOW_VAL);
  }
}

[[gnu::noinline]] void queue_up(qspinlock& lock, pv_node& node, std::uint16_t tail) {
  if (pv_hybrid_queued_unfair_trylock(lock)) return;
  __atomic_thread_fence(__ATOMIC_RELEASE);
  const std::uint16_t old = __atomic_exchange_n(&lock.tail, tail, __ATOMIC_RELAXED);
  if (old != 0) {
    pv_node& prev = *decode_tail(old);
    __atomic_store_n(&prev.next, &node, __ATOMIC_RELAXED);
    pv_wait_node(node, prev);
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
  }
  pv_wait_head_or_lock(lock, node);

  std::uint32_t alone = std::uint32_t{tail} << _Q_TAIL_OFFSET | _Q_LOCKED_VAL;
  if (__atomic_compare_exchange_n(&lock.val, &alone, _Q_LOCKED_VAL, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) return;
  pv_node* next;
  while ((next = __atomic_load_n(&node.next, __ATOMIC_RELAXED)) == nullptr) gl_cpu_relax();
  __atomic_store_n(&next->locked, 1u, __ATOMIC_RELEASE);
  pv_kick_node(lock, *next);
}

void init_node(pv_node& node) {
  __atomic_store_n(&node.locked, 0u, __ATOMIC_RELAXED);
  __atomic_store_n(&node.next, nullptr, __ATOMIC_RELAXED);
  __atomic_store_n(&node.cpu, gl_this_cpu(), __ATOMIC_RELAXED);
  __atomic_store_n(&node.state, vcpu_running, __ATOMIC_RELAXED);
}

// A handler leaves the count as it found it, so it needs no atomic increment.
[[gnu::noinline]] void pv_queued_spin_lock_slowpath(qspinlock& lock) {
  auto& mine = pv->cpus[gl_this_cpu()];
  const std::uint32_t idx = __atomic_load_n(&mine.count, __ATOMIC_RELAXED);
  GL_ASSERT(idx < MAX_NODES);
  __atomic_store_n(&mine.count, idx + 1, __ATOMIC_RELAXED);
  init_node(mine.nodes[idx]);
  queue_up(lock, mine.nodes[idx], encode_tail(gl_this_cpu(), idx));
  __atomic_store_n(&mine.count, idx, __ATOMIC_RELAXED);
}

// The lock may be gone as soon as it is free: whom to kick is known by then. The node may serve another lock as well,
// but it is the same cpu's.
[[gnu::noinline]] void pv_queued_spin_unlock_slowpath(qspinlock& lock) {
  __atomic_thread_fence(__ATOMIC_ACQUIRE);
  pv_node& node = pv_unhash(lock);
  __atomic_store_n(&lock.locked, std::uint8_t{0}, __ATOMIC_RELEASE);
  pv_kick(__atomic_load_n(&node.cpu, __ATOMIC_RELAXED));
}

}  // namespace

pv_state* pv;

[[gnu::noinline]] void pv_queued_spin_lock(qspinlock& lock) {
  std::uint32_t val = 0;
  if (__atomic_compare_exchange_n(&lock.val, &val, _Q_LOCKED_VAL, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) return;
  pv_queued_spin_lock_slowpath(lock);
}

[[gnu::noinline]] void pv_queued_spin_unlock(qspinlock& lock) {
  std::uint8_t locked = _Q_LOCKED_VAL;
  if (__atomic_compare_exchange_n(&lock.locked, &locked, std::uint8_t{0}, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED)) {
    return;
  }
  GL_PROMISE(locked == _Q_SLOW_VAL, "WARN: an unlock of a lock that is neither locked nor slow");
  pv_queued_spin_unlock_slowpath(lock);
}
