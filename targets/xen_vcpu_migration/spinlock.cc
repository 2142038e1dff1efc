// The ticket lock; see spinlock.h.
//
// May include: engine/hook, the standard library, this target.
#include "targets/xen_vcpu_migration/spinlock.h"

#include "engine/hook/gridlock.h"
#include "targets/xen_vcpu_migration/quiet.h"

namespace {

void got_lock(spinlock_t& lock) {
  GL_ASSERT(lock.owner == 0);
  lock.owner = gl_this_cpu() + 1;
}

}  // namespace

void name_lock(const spinlock_t& lock, const char* name, unsigned index) {
  gl_name(&lock.tail, sizeof(lock.tail), "%s[%u].tail", name, index);
  gl_name(&lock.head, sizeof(lock.head), "%s[%u].head", name, index);
  gl_name(&lock.owner, sizeof(lock.owner), "%s[%u].owner", name, index);
}

[[gnu::noinline]] void spin_lock(spinlock_t& lock) {
  const std::uint16_t ticket = lock.tail.fetch_add(1, std::memory_order_relaxed);
  while (lock.head.load(std::memory_order_acquire) != ticket) gl_cpu_relax();
  got_lock(lock);
}

[[gnu::noinline]] bool spin_trylock(spinlock_t& lock) {
  std::uint16_t ticket = lock.tail.load(std::memory_order_relaxed);
  if (lock.head.load(std::memory_order_acquire) != ticket) return false;
  const auto next = static_cast<std::uint16_t>(ticket + 1);
  if (!lock.tail.compare_exchange_strong(ticket, next, std::memory_order_acquire)) return false;
  got_lock(lock);
  return true;
}

[[gnu::noinline]] void spin_unlock(spinlock_t& lock) {
  GL_ASSERT(spin_is_mine(lock));
  lock.owner = 0;
  lock.head.fetch_add(1, std::memory_order_release);
}

[[gnu::noinline]] unsigned long spin_lock_irqsave(spinlock_t& lock) {
  const unsigned long flags = gl_irq_save();
  spin_lock(lock);
  return flags;
}

[[gnu::noinline]] void spin_unlock_irqrestore(spinlock_t& lock, unsigned long flags) {
  spin_unlock(lock);
  gl_irq_restore(flags);
}

// Only the owner writes the field, but others may while this cpu does not hold the lock.
GL_QUIET bool spin_is_mine(const spinlock_t& lock) {
  return spin_owner(lock) == gl_this_cpu();
}

GL_QUIET std::uint32_t spin_owner(const spinlock_t& lock) {
  return lock.owner == 0 ? kNoOwner : lock.owner - 1;
}
