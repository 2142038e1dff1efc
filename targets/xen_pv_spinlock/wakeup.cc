// try_to_wake_up; see sched.h.
//
// May include: engine/hook, the standard library, this target.
#include "targets/xen_pv_spinlock/sched.h"

namespace {

// Takes the lock of the run queue of `p`. REQUIRES: p's pi_lock.
rq& lock_rq_of(const task_struct& p) {
  while (true) {
    rq& queue = cpu_rq(p.cpu.load());
    raw_spin_lock(queue.lock);
    if (p.cpu.load() == queue.cpu) return queue;
    raw_spin_unlock(queue.lock);
  }
}

void ttwu_do_wakeup(rq& queue, task_struct& p) {
  check_preempt_curr(queue, p);
  p.state.store(TASK_RUNNING);
}

// The wakeup of a task that has not left its run queue yet. False if it left before its run queue was locked.
[[gnu::noinline]] bool ttwu_remote(task_struct& p) {
  rq& queue = lock_rq_of(p);
  const bool is_queued = p.on_rq.load(std::memory_order_relaxed) != 0;
  if (is_queued) ttwu_do_wakeup(queue, p);
  raw_spin_unlock(queue.lock);
  return is_queued;
}

bool cpu_is_idle(unsigned cpu) {
  return cpu_rq(cpu).nr_running.load(std::memory_order_relaxed) == 0;
}

// The cpu it ran on if that is idle, else the first idle one, else the one it ran on.
unsigned select_task_rq(const task_struct& p) {
  const unsigned last = p.cpu.load();
  if (cpu_is_idle(last)) return last;
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) {
    if (cpu_is_idle(cpu)) return cpu;
  }
  return last;
}

// All cpus share their cache, so the waker queues the task itself and needs no help of the remote cpu (TTWU_QUEUE).
[[gnu::noinline]] void ttwu_queue(task_struct& p, unsigned cpu) {
  rq& queue = cpu_rq(cpu);
  raw_spin_lock(queue.lock);
  activate_task(queue, p);
  p.on_rq.store(1, std::memory_order_relaxed);
  ttwu_do_wakeup(queue, p);
  raw_spin_unlock(queue.lock);
}

}  // namespace

// The wait for on_cpu holds pi_lock with interrupts disabled: nothing but the end of schedule() on the other cpu ends
// it.
[[gnu::noinline]] bool try_to_wake_up(task_struct& p, std::uint32_t state) {
  std::atomic_thread_fence(std::memory_order_seq_cst);  // what the waker stored before, the sleeper's test must see
  const unsigned long flags = raw_spin_lock_irqsave(p.pi_lock);
  const bool sleeps = (p.state.load() & state) != 0;
  if (sleeps && !(p.on_rq.load(std::memory_order_acquire) != 0 && ttwu_remote(p))) {
    while (p.on_cpu.load(std::memory_order_acquire) != 0) gl_cpu_relax();
    p.state.store(TASK_WAKING);
    const unsigned cpu = select_task_rq(p);
    p.cpu.store(cpu);
    ttwu_queue(p, cpu);
  }
  raw_spin_unlock_irqrestore(p.pi_lock, flags);
  return sleeps;
}
