/* task.h: as much of tasks as the sleeping locks see. Each cpu has one task, which is `current` there, also in a
 * handler. It sleeps in schedule() until somebody sets its state to TASK_RUNNING.
 *
 * May include: engine/hook, this folder. */
#ifndef GRIDLOCK_TARGETS_LINUX_LOCKING_SHIM_TASK_H
#define GRIDLOCK_TARGETS_LINUX_LOCKING_SHIM_TASK_H

#include "targets/linux_locking/shim/atomics.h"
#include "targets/linux_locking/shim/machine.h"

#define TASK_RUNNING 0x0
#define TASK_INTERRUPTIBLE 0x1
#define TASK_UNINTERRUPTIBLE 0x2
#define TASK_WAKEKILL 0x100
#define TASK_KILLABLE (TASK_WAKEKILL | TASK_UNINTERRUPTIBLE)
#define TASK_NORMAL (TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE)
#define MAX_SCHEDULE_TIMEOUT LONG_MAX

struct wake_q_node {
  struct wake_q_node* next;
};

/* The locks keep flags in the low bits of its address. */
struct task_struct {
  unsigned __state;
  int on_cpu;
  int need_resched;
  int signal_pending;
  struct wake_q_node wake_q;
  int prio;
} __attribute__((aligned(SMP_CACHE_BYTES)));

/* A list of tasks that are to be woken when no lock is held any more. */
struct wake_q_head;

struct task_struct* linux_current(void);
#define current linux_current()

#define __set_current_state(state) WRITE_ONCE(current->__state, (unsigned)(state))
#define set_current_state(state) smp_store_mb(current->__state, (unsigned)(state))
#define need_resched() (READ_ONCE(current->need_resched) != 0)
#define rt_task(task) ((task)->prio < 100)
/* No cpu is taken away from the machine for long: a schedule does what a hypervisor would. */
#define vcpu_is_preempted(cpu) false
#define owner_on_cpu(owner) (READ_ONCE((owner)->on_cpu) != 0)
#define get_task_struct(task) ((void)(task))
#define put_task_struct(task) ((void)(task))

void schedule(void);
/* Returns what is left of it. */
long schedule_timeout(long jiffies_max);
#define schedule_preempt_disabled() schedule()
#define io_schedule_prepare() 0
#define io_schedule_finish(token) ((void)(token))
int wake_up_state(struct task_struct* task, unsigned states);
int wake_up_process(struct task_struct* task);
int signal_pending_state(unsigned state, struct task_struct* task);

#define jiffies linux_jiffies()
#define time_after(a, b) ((long)((b) - (a)) < 0)
#define sched_clock() linux_clock_ns()

#endif
