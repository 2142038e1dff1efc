// Cpupools; see cpupool.h.
//
// May include: engine/hook, the standard library, this target.
#include "targets/xen_vcpu_migration/cpupool.h"

#include "engine/hook/gridlock.h"
#include "targets/xen_vcpu_migration/schedule.h"
#include "targets/xen_vcpu_migration/spinlock.h"

namespace {

struct toolstack {
  cpupool pools[kPools];
  spinlock_t domctl_lock;
};

toolstack* running_toolstack;

cpumask_t valid_of(const cpupool& pool) {
  return pool.cpu_valid.load(std::memory_order_relaxed);
}

cpupool* pool_of_cpu(unsigned cpu) {
  for (cpupool& pool : running_toolstack->pools) {
    if (cpumask_test_cpu(cpu, valid_of(pool))) return &pool;
  }
  return nullptr;
}

cpupool& pool_of(const domain& d) {
  return *d.pool.load(std::memory_order_acquire);
}

bool has_domains(const cpupool& pool) {
  for (unsigned number = 0; number < kDomains; ++number) {
    if (&pool_of(domain_by_number(number)) == &pool) return true;
  }
  return false;
}

// False if `v` is pinned to the pcpu that goes. An affinity that would be left with none becomes all pcpus.
// REQUIRES: the schedule lock of `v`.
bool leave_affinity(vcpu& v, unsigned cpu) {
  const bool is_last =
      cpumask_test_cpu(cpu, v.cpu_hard_affinity) && (v.cpu_hard_affinity & cpupool_domain_cpumask(v)) == 0;
  if (!is_last) return true;
  if (v.affinity_broken.load(std::memory_order_relaxed)) return false;
  v.cpu_hard_affinity = cpumask_all();
  return true;
}

// False if `v` cannot leave.
[[gnu::noinline]] bool send_away(vcpu& v, unsigned cpu) {
  unsigned long flags = 0;
  spinlock_t& lock = vcpu_schedule_lock_irqsave(v, flags);
  const bool may_leave = leave_affinity(v, cpu);
  const bool is_here = v.processor.load(std::memory_order_relaxed) == cpu;
  if (may_leave && is_here) vcpu_migrate_start(v);
  vcpu_schedule_unlock_irqrestore(lock, flags, v);
  if (may_leave && is_here) vcpu_migrate_unlocked(v);
  return may_leave;
}

// False if somebody cannot leave; all others have all the same, as their affinities must be right with and without
// `cpu`. A vcpu that runs on `cpu` leaves when it is switched out, which is under way; nobody waits for that (Xen's
// -EAGAIN).
[[gnu::noinline]] bool cpu_disable_scheduler(unsigned cpu, const cpupool& pool) {
  bool all_left = true;
  for (unsigned number = 0; number < vcpu_count(); ++number) {
    vcpu& v = vcpu_by_number(number);
    if (&pool_of(*v.owner) == &pool) all_left &= send_away(v, cpu);
  }
  return all_left;
}

// The urgent count is that of the pcpu where a vcpu is.
void leave_urgent_count(vcpu& v) {
  unsigned long flags = 0;
  spinlock_t& lock = vcpu_schedule_lock_irqsave(v, flags);
  if (v.is_urgent) {
    v.is_urgent = false;
    const unsigned cpu = v.processor.load(std::memory_order_relaxed);
    per_cpu_schedule_data(cpu).urgent_count.fetch_sub(1, std::memory_order_relaxed);
  }
  vcpu_schedule_unlock_irqrestore(lock, flags, v);
}

// With v->processor changed the lock held is no longer v's, so it is let go as such.
[[gnu::noinline]] void change_processor(vcpu& v, unsigned new_p, void* priv) {
  if (!move_domain_holds_the_schedule_lock()) v.processor.store(new_p, std::memory_order_release);
  unsigned long flags = 0;
  spinlock_t& lock = vcpu_schedule_lock_irqsave(v, flags);
  v.cpu_hard_affinity = v.cpu_soft_affinity = cpumask_all();
  v.sched_priv = priv;
  if (move_domain_holds_the_schedule_lock()) v.processor.store(new_p, std::memory_order_release);
  spin_unlock_irqrestore(lock, flags);
}

void insert(vcpu& v) {
  unsigned long flags = 0;
  spinlock_t& lock = vcpu_schedule_lock_irqsave(v, flags);
  scheduler_of_run().insert_vcpu(v);
  vcpu_schedule_unlock_irqrestore(lock, flags, v);
}

template <typename Visit>
void for_each_vcpu(const domain& d, Visit visit) {
  for (unsigned number = 0; number < vcpu_count(); ++number) {
    if (vcpu& v = vcpu_by_number(number); v.owner == &d) visit(v);
  }
}

bool is_pinned(const domain& d) {
  bool pinned = false;
  for_each_vcpu(d, [&](const vcpu& v) { pinned |= v.affinity_broken.load(std::memory_order_relaxed); });
  return pinned;
}

}  // namespace

void cpupools_init() {
  running_toolstack = static_cast<toolstack*>(gl_alloc(sizeof(toolstack), alignof(toolstack)));
  name_lock(running_toolstack->domctl_lock, "domctl_lock", 0);
  const unsigned wanted = parameter(Parameter::kPool1Cpus);
  const unsigned in_pool0 = wanted < gl_cpu_count() ? gl_cpu_count() - wanted : 1;
  const cpumask_t pool0 = (cpumask_t{1} << in_pool0) - 1;
  for (unsigned number = 0; number < kPools; ++number) {
    cpupool& pool = cpupool_by_number(number);
    pool.cpu_valid.store(number == 0 ? pool0 : cpumask_all() & ~pool0, std::memory_order_relaxed);
    gl_name(&pool.cpu_valid, sizeof(pool.cpu_valid), "cpupool%u.cpu_valid", number);
  }
}

cpupool& cpupool_by_number(unsigned number) {
  return running_toolstack->pools[number % kPools];
}

cpumask_t cpumask_all() {
  return (cpumask_t{1} << gl_cpu_count()) - 1;
}

cpumask_t cpupool_domain_cpumask(const vcpu& v) {
  if (is_idle_vcpu(v)) return cpumask_of(v.processor.load(std::memory_order_relaxed));
  return valid_of(pool_of(*v.owner));
}

cpumask_t cpupool_online_cpumask(unsigned cpu) {
  const cpupool* const pool = pool_of_cpu(cpu);
  return pool != nullptr ? valid_of(*pool) : 0;
}

[[gnu::noinline]] void cpupool_unassign_cpu(unsigned cpu) {
  cpupool* const pool = pool_of_cpu(cpu);
  if (pool == nullptr || (valid_of(*pool) == cpumask_of(cpu) && has_domains(*pool))) return;
  pool->cpu_valid.fetch_and(~cpumask_of(cpu));
  // Half removed is repaired by adding the pcpu again.
  if (!cpu_disable_scheduler(cpu, *pool)) pool->cpu_valid.fetch_or(cpumask_of(cpu));
}

[[gnu::noinline]] void cpupool_assign_cpu(cpupool& pool, unsigned cpu) {
  if (pool_of_cpu(cpu) == nullptr) pool.cpu_valid.fetch_or(cpumask_of(cpu));
}

namespace {

[[gnu::noinline]] void domain_pause(domain& d) {
  d.pause_count.fetch_add(1);
  for_each_vcpu(d, vcpu_sleep_sync);
}

[[gnu::noinline]] void domain_unpause(domain& d) {
  if (d.pause_count.fetch_sub(1) == 1) for_each_vcpu(d, vcpu_wake);
}

}  // namespace

[[gnu::noinline]] void sched_move_domain(domain& d, cpupool& pool) {
  const cpumask_t cpus = valid_of(pool);
  if (&pool_of(d) == &pool || cpus == 0 || is_pinned(d)) return;
  domain_pause(d);
  for_each_vcpu(d, [](vcpu& v) {
    leave_urgent_count(v);
    scheduler_of_run().remove_vcpu(v);
  });
  d.pool.store(&pool, std::memory_order_release);
  auto new_p = cpumask_first(cpus);
  for_each_vcpu(d, [&](vcpu& v) {
    void* const old_priv = v.sched_priv;
    change_processor(v, new_p, scheduler_of_run().alloc_vdata(v));
    insert(v);
    scheduler_of_run().free_vdata(old_priv);
    new_p = cpumask_cycle(new_p, cpus);
  });
  domain_unpause(d);
}

bool domctl_lock_acquire() {
  return spin_trylock(running_toolstack->domctl_lock);
}

void domctl_lock_release() {
  spin_unlock(running_toolstack->domctl_lock);
}
