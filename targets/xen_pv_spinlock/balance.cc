// Moving tasks between run queues; see balance.h.
//
// May include: engine/hook, the standard library, this target.
#include "targets/xen_pv_spinlock/balance.h"

#include "targets/xen_pv_spinlock/interrupts.h"

namespace {

// A cpu that has fewer runnable tasks has none to give away.
constexpr std::uint32_t kImbalanceMin = 2;

std::uint32_t load_of(const rq& queue) {
  return queue.nr_running.load(std::memory_order_relaxed);
}

// Lower cpu, which is the lower address, first. REQUIRES: interrupts disabled, neither lock held, two run queues.
[[gnu::noinline]] void double_rq_lock(rq& a, rq& b) {
  GL_ASSERT(gl_irqs_disabled());
  rq& first = a.cpu < b.cpu ? a : b;
  rq& second = a.cpu < b.cpu ? b : a;
  raw_spin_lock(first.lock);
  raw_spin_lock(second.lock);
}

void double_rq_unlock(rq& a, rq& b) {
  raw_spin_unlock(a.lock);
  raw_spin_unlock(b.lock);
}

// The run queue with the most to give away, nullptr if none has. Looks without locks.
rq* find_busiest_queue(const rq& this_queue) {
  rq* busiest = nullptr;
  std::uint32_t load_max = load_of(this_queue) + kImbalanceMin - 1;
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) {
    rq& queue = cpu_rq(cpu);
    if (&queue == &this_queue || load_of(queue) <= load_max) continue;
    load_max = load_of(queue);
    busiest = &queue;
  }
  return busiest;
}

// Moves the task that would run next on `busiest`. It keeps on_rq: for others it never stops being runnable.
[[gnu::noinline]] void move_one_task(rq& this_queue, rq& busiest) {
  if (load_of(busiest) < load_of(this_queue) + kImbalanceMin) return;
  task_struct* const p = dequeue_first(busiest);
  if (p == nullptr) return;
  GL_ASSERT(p->on_cpu.load(std::memory_order_relaxed) == 0);
  p->cpu.store(this_queue.cpu);
  activate_task(this_queue, *p);
  check_preempt_curr(this_queue, *p);
}

// REQUIRES: the lock of `this_queue` not held.
[[gnu::noinline]] void load_balance(rq& this_queue) {
  rq* const busiest = find_busiest_queue(this_queue);
  if (busiest == nullptr) return;
  const unsigned long flags = gl_irq_save();
  double_rq_lock(this_queue, *busiest);
  move_one_task(this_queue, *busiest);
  double_rq_unlock(this_queue, *busiest);
  gl_irq_restore(flags);
}

// The group's share of this cpu. In a softirq interrupts are enabled, so the slow path of this lock may enable them.
[[gnu::noinline]] void update_shares(rq& queue) {
  constexpr std::uint32_t kLoadScale = 1024;
  const unsigned long flags = raw_spin_lock_irqsave(queue.lock);
  queue.shares = load_of(queue) * kLoadScale;
  raw_spin_unlock_irqrestore(queue.lock, flags);
}

[[gnu::noinline]] void rebalance_domains(rq& queue) {
  update_shares(queue);
  if (current_is_idle()) load_balance(queue);
}

}  // namespace

[[gnu::noinline]] void idle_balance(rq& this_queue) {
  raw_spin_unlock(this_queue.lock);
  load_balance(this_queue);
  raw_spin_lock(this_queue.lock);
}

[[gnu::noinline]] void run_rebalance_domains() {
  rebalance_domains(this_rq());
  this_rq().nohz_balance_kick.store(0);
}

[[gnu::noinline]] void nohz_balancer_kick() {
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) {
    if (cpu == gl_this_cpu() || load_of(cpu_rq(cpu)) != 0) continue;
    if (cpu_rq(cpu).nohz_balance_kick.exchange(1) == 0) smp_send_reschedule(cpu);
    return;
  }
}

bool got_nohz_idle_kick() {
  return current_is_idle() && this_rq().nohz_balance_kick.load() != 0;
}
