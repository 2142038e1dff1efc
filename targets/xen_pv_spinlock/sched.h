// The scheduler around the lock, as far as it decides who waits for whom: tasks, run queues, schedule and
// try_to_wake_up of Linux 3.6 (kernel/sched/core.c), with one first-in-first-out queue a cpu in the place of CFS.
//
// A task is a data structure and has no stack: schedule() changes rq->curr, and what a cpu does next it does on behalf
// of its new curr. Balancing is in balance.h.
//
// Lock order: pi_lock before rq lock, rq locks by cpu number. All are taken by interrupt handlers, so always with
// interrupts disabled. Waiting for on_cpu counts as taking the rq locks: schedule() clears it only once it has them.
//
// May include: engine/hook, the standard library, this target.
#pragma once

#include <atomic>
#include <cstdint>

#include "targets/xen_pv_spinlock/kernel_lock.h"
#include "targets/xen_pv_spinlock/variant.h"

// Values of task_struct::state. A sleeper's states are bits, so that a waker can name several.
inline constexpr std::uint32_t TASK_RUNNING = 0;
inline constexpr std::uint32_t TASK_INTERRUPTIBLE = 1;
inline constexpr std::uint32_t TASK_UNINTERRUPTIBLE = 2;
inline constexpr std::uint32_t TASK_NORMAL = TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE;
inline constexpr std::uint32_t TASK_WAKING = 256;

inline constexpr unsigned kStaticPrioMin = 100;
inline constexpr unsigned kStaticPrioMax = 139;
inline constexpr unsigned kStaticPrioDefault = 120;

struct task_struct {
  raw_spinlock_t pi_lock;
  // Read without a lock.
  std::atomic<std::uint32_t> state;
  std::atomic<std::uint32_t> cpu;          // written under the locks of both run queues, or pi_lock while off them
  std::atomic<std::uint8_t> on_rq;         // runnable: queued, or curr
  std::atomic<std::uint8_t> on_cpu;        // some cpu still runs it or is on its way out of it
  std::atomic<std::uint8_t> need_resched;  // TIF_NEED_RESCHED
  // Under the lock of run queue `cpu`.
  task_struct* next;
  std::uint32_t static_prio;
  // Constant.
  std::uint32_t pid;
};

struct rq {
  raw_spinlock_t lock;
  std::atomic<std::uint32_t> nr_running;  // curr included, idle not; written under `lock`
  std::atomic<std::uint8_t> nohz_balance_kick;
  // Under `lock`; curr is also read by its own cpu without.
  task_struct* curr;
  task_struct* queue;  // runnable tasks but curr, the next to run first
  std::uint32_t shares;
  // Constant.
  task_struct* idle;
  std::uint32_t cpu;
};

// Allocates run queues and tasks: one that runs on each cpu, and the extra ones queued behind them, from cpu 0 on.
// REQUIRES: called from setup, after xen_init_spinlocks.
void sched_init();

rq& cpu_rq(unsigned cpu);
rq& this_rq();
task_struct& current();
bool current_is_idle();
unsigned task_count();
// Any number names a task: modulo the number of tasks.
task_struct& task_by_number(unsigned number);

// Leaves curr, which sleeps if its state says so, for the next runnable task or idle. REQUIRES: task context,
// interrupts enabled.
void schedule();

// current->state = state with a full barrier, so that a condition may be tested after it.
void set_current_state(std::uint32_t state);

// Makes `p` runnable if it sleeps in one of the states of `state`; true if it did. Any context.
bool try_to_wake_up(task_struct& p, std::uint32_t state);
inline bool wake_up_process(task_struct& p) {
  return try_to_wake_up(p, TASK_NORMAL);
}

// Takes p's pi_lock and the lock of its run queue.
rq& task_rq_lock(task_struct& p, unsigned long& flags);
void task_rq_unlock(rq& locked, task_struct& p, unsigned long flags);

// Asks the cpu of `p`, the curr of its run queue, to schedule soon. REQUIRES: the lock of that run queue.
void resched_task(task_struct& p);

// Run queue lists. REQUIRES: the lock of `queue`.
void activate_task(rq& queue, task_struct& p);
task_struct* dequeue_first(rq& queue);
void check_preempt_curr(rq& queue, const task_struct& p);
