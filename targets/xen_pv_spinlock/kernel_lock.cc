// raw_spinlock_t; see kernel_lock.h.
//
// May include: engine/hook, the standard library, this target.
#include "targets/xen_pv_spinlock/kernel_lock.h"

#include "engine/hook/gridlock.h"

namespace {

void become_owner(raw_spinlock_t& lock) {
  GL_ASSERT(lock.owner == 0);
  lock.owner = gl_this_cpu() + 1;
}

void give_up_ownership(raw_spinlock_t& lock) {
  GL_ASSERT(lock.owner == gl_this_cpu() + 1);
  lock.owner = 0;
}

}  // namespace

void name_lock(const raw_spinlock_t& lock, const char* name, unsigned index) {
  gl_name(&lock.raw_lock.lock, sizeof(lock.raw_lock.lock), "%s[%u].lock", name, index);
  gl_name(&lock.raw_lock.spinners, sizeof(lock.raw_lock.spinners), "%s[%u].lock.spinners", name, index);
  gl_name(&lock.owner, sizeof(lock.owner), "%s[%u].lock.owner", name, index);
}

[[gnu::noinline]] void raw_spin_lock(raw_spinlock_t& lock) {
  xen_spin_lock(lock.raw_lock);
  become_owner(lock);
}

[[gnu::noinline]] void raw_spin_unlock(raw_spinlock_t& lock) {
  give_up_ownership(lock);
  xen_spin_unlock(lock.raw_lock);
}

[[gnu::noinline]] void raw_spin_lock_irq(raw_spinlock_t& lock) {
  gl_irq_disable();
  raw_spin_lock(lock);
}

[[gnu::noinline]] void raw_spin_unlock_irq(raw_spinlock_t& lock) {
  raw_spin_unlock(lock);
  gl_irq_enable();
}

[[gnu::noinline]] unsigned long raw_spin_lock_irqsave(raw_spinlock_t& lock) {
  const unsigned long flags = gl_irq_save();
  xen_spin_lock_flags(lock.raw_lock, flags);
  become_owner(lock);
  return flags;
}

[[gnu::noinline]] bool raw_spin_trylock_irqsave(raw_spinlock_t& lock, unsigned long& flags) {
  const unsigned long saved = gl_irq_save();
  if (!xen_spin_trylock(lock.raw_lock)) {
    gl_irq_restore(saved);
    return false;
  }
  become_owner(lock);
  flags = saved;
  return true;
}

[[gnu::noinline]] void raw_spin_unlock_irqrestore(raw_spinlock_t& lock, unsigned long flags) {
  raw_spin_unlock(lock);
  gl_irq_restore(flags);
}
