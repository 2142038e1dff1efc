// Run queues and schedule(); see sched.h. Wakeups are in wakeup.cc.
//
// May include: engine/hook, the standard library, this target.
#include "targets/xen_pv_spinlock/sched.h"

#include "targets/xen_pv_spinlock/balance.h"
#include "targets/xen_pv_spinlock/interrupts.h"

namespace {

// What lives as long as a run.
struct scheduler {
  rq runqueues[kCpusMax];  // in ascending address order, so "lower address first" is "lower cpu first"
  task_struct idle_tasks[kCpusMax];
  task_struct tasks[kTasksMax];
};

scheduler* running_scheduler;

void append(rq& queue, task_struct& p) {
  task_struct** end = &queue.queue;
  while (*end != nullptr) end = &(*end)->next;
  p.next = nullptr;
  *end = &p;
}

task_struct* take_first(rq& queue) {
  task_struct* const first = queue.queue;
  if (first == nullptr) return nullptr;
  queue.queue = first->next;
  first->next = nullptr;
  return first;
}

void add_nr_running(rq& queue, std::uint32_t change) {
  queue.nr_running.store(queue.nr_running.load(std::memory_order_relaxed) + change, std::memory_order_relaxed);
}

// Takes curr, which is in no list, out of the count. It stays on_cpu until finish_task_switch.
[[gnu::noinline]] void deactivate_task(rq& queue, task_struct& p) {
  add_nr_running(queue, ~std::uint32_t{0});
  p.on_rq.store(0, std::memory_order_release);
}

void put_prev_task(rq& queue, task_struct& prev) {
  if (&prev != queue.idle && prev.on_rq.load(std::memory_order_relaxed) != 0) append(queue, prev);
}

task_struct& pick_next_task(rq& queue) {
  task_struct* const first = take_first(queue);
  return first != nullptr ? *first : *queue.idle;
}

// After on_cpu is 0, another cpu may run `prev`. Release: a waker that saw it moves prev to another run queue without
// taking the lock of this one.
[[gnu::noinline]] void finish_task_switch(rq& queue, task_struct& prev) {
  prev.on_cpu.store(0, std::memory_order_release);
  raw_spin_unlock_irq(queue.lock);
}

[[gnu::noinline]] void context_switch(rq& queue, task_struct& prev, task_struct& next) {
  GL_ASSERT(next.on_cpu.load(std::memory_order_relaxed) == 0);
  queue.curr = &next;
  next.on_cpu.store(1, std::memory_order_relaxed);
  finish_task_switch(queue, prev);
}

void init_task(task_struct& p, std::uint32_t pid, unsigned cpu) {
  p.pid = pid;
  p.static_prio = kStaticPrioDefault;
  p.cpu.store(cpu, std::memory_order_relaxed);
}

void init_rq(unsigned cpu) {
  rq& queue = running_scheduler->runqueues[cpu];
  task_struct& idle = running_scheduler->idle_tasks[cpu];
  init_task(idle, kTasksMax + cpu, cpu);
  idle.on_cpu.store(1, std::memory_order_relaxed);
  queue.cpu = cpu;
  queue.idle = &idle;
  queue.curr = &idle;
  name_lock(queue.lock, "rq", cpu);
  gl_name(&queue.nr_running, sizeof(queue.nr_running), "rq[%u].nr_running", cpu);
  gl_name(&queue.nohz_balance_kick, sizeof(queue.nohz_balance_kick), "rq[%u].nohz_balance_kick", cpu);
  gl_name(&queue.curr, sizeof(queue.curr), "rq[%u].curr", cpu);
  gl_name(&queue.queue, sizeof(queue.queue), "rq[%u].queue", cpu);
  gl_name(&idle.need_resched, sizeof(idle.need_resched), "idle[%u].need_resched", cpu);
}

void name_task(const task_struct& p) {
  name_lock(p.pi_lock, "pi", p.pid);
  gl_name(&p.state, sizeof(p.state), "task[%u].state", p.pid);
  gl_name(&p.cpu, sizeof(p.cpu), "task[%u].cpu", p.pid);
  gl_name(&p.on_rq, sizeof(p.on_rq), "task[%u].on_rq", p.pid);
  gl_name(&p.on_cpu, sizeof(p.on_cpu), "task[%u].on_cpu", p.pid);
  gl_name(&p.need_resched, sizeof(p.need_resched), "task[%u].need_resched", p.pid);
}

void start_task(unsigned number) {
  task_struct& p = running_scheduler->tasks[number];
  rq& queue = running_scheduler->runqueues[number % gl_cpu_count()];
  init_task(p, number, queue.cpu);
  p.on_rq.store(1, std::memory_order_relaxed);
  add_nr_running(queue, 1);
  if (queue.curr == queue.idle) {
    queue.idle->on_cpu.store(0, std::memory_order_relaxed);
    p.on_cpu.store(1, std::memory_order_relaxed);
    queue.curr = &p;
  } else {
    append(queue, p);
  }
  name_task(p);
}

}  // namespace

void sched_init() {
  running_scheduler = static_cast<scheduler*>(gl_alloc(sizeof(scheduler), alignof(scheduler)));
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) init_rq(cpu);
  for (unsigned number = 0; number < task_count(); ++number) start_task(number);
}

rq& cpu_rq(unsigned cpu) {
  return running_scheduler->runqueues[cpu];
}
rq& this_rq() {
  return cpu_rq(gl_this_cpu());
}
task_struct& current() {
  return *this_rq().curr;
}
bool current_is_idle() {
  return this_rq().curr == this_rq().idle;
}
unsigned task_count() {
  return gl_cpu_count() + parameter(Parameter::kExtraTasks);
}
task_struct& task_by_number(unsigned number) {
  return running_scheduler->tasks[number % task_count()];
}

void activate_task(rq& queue, task_struct& p) {
  GL_ASSERT(p.cpu.load(std::memory_order_relaxed) == queue.cpu);
  append(queue, p);
  add_nr_running(queue, 1);
}

task_struct* dequeue_first(rq& queue) {
  task_struct* const first = take_first(queue);
  if (first != nullptr) add_nr_running(queue, ~std::uint32_t{0});
  return first;
}

[[gnu::noinline]] void resched_task(task_struct& p) {
  if (p.need_resched.exchange(1) != 0) return;
  const unsigned cpu = p.cpu.load(std::memory_order_relaxed);
  if (cpu != gl_this_cpu()) smp_send_reschedule(cpu);
}

void check_preempt_curr(rq& queue, const task_struct& p) {
  if (queue.curr == queue.idle || p.static_prio < queue.curr->static_prio) resched_task(*queue.curr);
}

void set_current_state(std::uint32_t state) {
  current().state.exchange(state);
}

// Interrupts stay disabled from before curr is off its run queue until on_cpu is 0: a handler on this cpu that waits
// for that would wait for ever.
[[gnu::noinline]] void schedule() {
  rq& queue = this_rq();
  raw_spin_lock_irq(queue.lock);
  task_struct& prev = *queue.curr;
  if (prev.state.load() != TASK_RUNNING) deactivate_task(queue, prev);
  if (queue.nr_running.load(std::memory_order_relaxed) == 0) idle_balance(queue);

  put_prev_task(queue, prev);
  task_struct& next = pick_next_task(queue);
  prev.need_resched.store(0, std::memory_order_relaxed);
  if (&next == &prev) {
    raw_spin_unlock_irq(queue.lock);
  } else {
    context_switch(queue, prev, next);
  }
}

[[gnu::noinline]] rq& task_rq_lock(task_struct& p, unsigned long& flags) {
  while (true) {
    flags = raw_spin_lock_irqsave(p.pi_lock);
    rq& queue = cpu_rq(p.cpu.load());
    raw_spin_lock(queue.lock);
    if (p.cpu.load() == queue.cpu) return queue;
    raw_spin_unlock(queue.lock);
    raw_spin_unlock_irqrestore(p.pi_lock, flags);
  }
}

void task_rq_unlock(rq& locked, task_struct& p, unsigned long flags) {
  raw_spin_unlock(locked.lock);
  raw_spin_unlock_irqrestore(p.pi_lock, flags);
}
