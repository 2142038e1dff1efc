// The ticket spinlock; see spinlock.h. Locked instructions of x86 are sequentially consistent here.
//
// May include: engine/hook, the standard library, this target.
#include "targets/pv_ticket_lock/spinlock.h"

#include "engine/hook/gridlock.h"
#include "targets/pv_ticket_lock/xen.h"

namespace {

bool flag_is_in_tail() {
  return gl_variant() == kUnlockTouchesLate;
}

__ticket_t without_flag(__ticket_t ticket) {
  return static_cast<__ticket_t>(ticket & ~TICKET_SLOWPATH_FLAG);
}
bool __tickets_equal(__ticket_t one, __ticket_t two) {
  return without_flag(one) == without_flag(two);
}

__raw_tickets tickets_of(__ticketpair_t head_tail) {
  return {.head = static_cast<__ticket_t>(head_tail), .tail = static_cast<__ticket_t>(head_tail >> TICKET_SHIFT)};
}
__ticketpair_t pair_of(__raw_tickets tickets) {
  return static_cast<__ticketpair_t>(tickets.head | tickets.tail << TICKET_SHIFT);
}
__raw_tickets read(const arch_spinlock_t& lock) {
  return tickets_of(__atomic_load_n(&lock.head_tail, __ATOMIC_RELAXED));
}
bool cmpxchg(arch_spinlock_t& lock, __raw_tickets expected, __raw_tickets desired) {
  __ticketpair_t pair = pair_of(expected);
  return __atomic_compare_exchange_n(&lock.head_tail, &pair, pair_of(desired), false, __ATOMIC_SEQ_CST,
                                     __ATOMIC_RELAXED);
}

// By the new owner: if nobody else has drawn a ticket, nobody sleeps.
[[gnu::noinline]] void __ticket_check_and_clear_slowpath(arch_spinlock_t& lock, __ticket_t head) {
  if ((head & TICKET_SLOWPATH_FLAG) == 0) return;
  const __ticket_t bare = without_flag(head);
  const auto tail = static_cast<__ticket_t>(bare + TICKET_LOCK_INC);
  cmpxchg(lock, {.head = head, .tail = tail}, {.head = bare, .tail = tail});
}

// Before d6abfdb2df97, with the flag in tail: the old owner clears it if nobody waits. It has released the lock by
// then, and whoever got it may have freed it.
[[gnu::noinline]] void __ticket_unlock_slowpath(arch_spinlock_t& lock, __raw_tickets old) {
  old.head = static_cast<__ticket_t>(old.head + TICKET_LOCK_INC);
  const __raw_tickets cleared = {.head = old.head, .tail = without_flag(old.tail)};
  const bool nobody_waits = cleared.head == cleared.tail;
  if (nobody_waits && cmpxchg(lock, old, cleared)) return;
  __ticket_unlock_kick(lock, old.head);
}

}  // namespace

[[gnu::noinline]] void arch_spin_lock(arch_spinlock_t& lock) {
  constexpr __ticketpair_t kDraw = TICKET_LOCK_INC << TICKET_SHIFT;
  const __raw_tickets drawn = tickets_of(__atomic_fetch_add(&lock.head_tail, kDraw, __ATOMIC_SEQ_CST));
  const __ticket_t mine = without_flag(drawn.tail);
  lock.fairness.announce();
  __ticket_t head = drawn.head;
  while (!__tickets_equal(head, mine)) {
    for (unsigned left = gl_parameter(kSpinThreshold); left != 0 && !__tickets_equal(head, mine); --left) {
      gl_cpu_relax();
      head = __atomic_load_n(&lock.tickets.head, __ATOMIC_ACQUIRE);
    }
    if (!__tickets_equal(head, mine)) __ticket_lock_spinning(lock, mine);
  }
  lock.fairness.come_in();
  if (!flag_is_in_tail()) __ticket_check_and_clear_slowpath(lock, head);
}

[[gnu::noinline]] void arch_spin_unlock(arch_spinlock_t& lock) {
  if (flag_is_in_tail()) {
    const __raw_tickets before = read(lock);
    __atomic_fetch_add(&lock.tickets.head, TICKET_LOCK_INC, __ATOMIC_SEQ_CST);
    const __ticket_t tail = __atomic_load_n(&lock.tickets.tail, __ATOMIC_RELAXED);
    if ((tail & TICKET_SLOWPATH_FLAG) != 0) __ticket_unlock_slowpath(lock, before);
    return;
  }
  const __ticket_t head = __atomic_fetch_add(&lock.tickets.head, TICKET_LOCK_INC, __ATOMIC_SEQ_CST);
  if ((head & TICKET_SLOWPATH_FLAG) == 0) return;
  __ticket_unlock_kick(lock, static_cast<__ticket_t>(without_flag(head) + TICKET_LOCK_INC));
}

bool arch_spin_is_free(const arch_spinlock_t& lock) {
  const __raw_tickets tickets = read(lock);
  return __tickets_equal(tickets.head, tickets.tail);
}

[[gnu::noinline]] void __ticket_enter_slowpath(arch_spinlock_t& lock) {
  __atomic_fetch_or(flag_is_in_tail() ? &lock.tickets.tail : &lock.tickets.head, TICKET_SLOWPATH_FLAG,
                    __ATOMIC_SEQ_CST);
}

bool ticket_is_served(const arch_spinlock_t& lock, __ticket_t want) {
  return __tickets_equal(__atomic_load_n(&lock.tickets.head, __ATOMIC_RELAXED), want);
}
