// What the scheduling core asks of a scheduler (struct scheduler of xen/include/xen/sched-if.h): a table of functions,
// one table a policy, one `data` a cpupool.
//
// All but where said are called with the schedule lock of the vcpu, or of the pcpu, held and interrupts disabled.
//
// May include: engine/hook, the standard library, this target.
#pragma once

#include "targets/xen_vcpu_migration/vcpu.h"

struct spinlock_t;

struct scheduler {
  // The private data of the scheduler; of a pcpu, with that of its idle vcpu. From setup.
  void (*init)();
  void (*init_pdata)(unsigned cpu, spinlock_t& own_lock);
  // The private data of a vcpu, which belongs to nobody yet. Without any lock.
  void* (*alloc_vdata)(vcpu& v);
  void (*free_vdata)(void* priv);
  // Names v's private data in traces. From setup.
  void (*name_vdata)(const vcpu& v);
  // `v` comes to this scheduler: queued if it is runnable and not running. Under v's schedule lock.
  void (*insert_vcpu)(vcpu& v);
  // `v`, which stands still and is not queued, leaves it. Without any lock.
  void (*remove_vcpu)(vcpu& v);

  void (*sleep)(vcpu& v);
  void (*wake)(vcpu& v);
  void (*yield)(vcpu& v);
  // The vcpu that this pcpu runs next. REQUIRES: the schedule lock of this pcpu.
  vcpu& (*do_schedule)(unsigned cpu);
  unsigned (*pick_cpu)(vcpu& v);
  // Moves `v` to new_cpu. REQUIRES: both schedule locks. nullptr: v.processor = new_cpu is all.
  void (*migrate)(vcpu& v, unsigned new_cpu);
  // The tail of a switch away from `v` is over. Without any lock. nullptr: nothing to do.
  void (*context_saved)(vcpu& v);
  // In the timer softirq, without any lock. nullptr: nothing to do.
  void (*tick)(unsigned cpu);

  // For checks and traces, which only read: the head of the run queue that pcpu `cpu` picks from.
  const runq_elem& (*runq)(unsigned cpu);
  // How many vcpus the scheduler believes to be queued or running there; kUncounted if it does not count.
  unsigned (*nr_runnable)(unsigned cpu);
};

inline constexpr unsigned kUncounted = ~0u;

extern const scheduler sched_credit_def;
extern const scheduler sched_credit2_def;
