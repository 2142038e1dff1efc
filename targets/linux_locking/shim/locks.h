/* locks.h: the kernel's locks as a harness in C++ calls them, and the machine that they run on. Thin: each function is
 * one of the kernel's, under a name that both languages take.
 *
 * Memory: everything comes from gl_alloc; call linux_setup() first in setup(), then make the locks there.
 *
 * May include: engine/hook. */
#ifndef GRIDLOCK_TARGETS_LINUX_LOCKING_SHIM_LOCKS_H
#define GRIDLOCK_TARGETS_LINUX_LOCKING_SHIM_LOCKS_H

#include "engine/hook/gridlock.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- The machine ----*/

/* Choices that a kernel's configuration or an architecture makes, and ways in which the machine can be broken. */
struct linux_environment {
  unsigned pending_loops;    /* how often a cpu looks at a pending bit before it queues */
  unsigned spin_threshold;   /* paravirtual: how often a waiter looks before it halts */
  unsigned ticks_a_jiffy;    /* of virtual time */
  unsigned rt_tasks;         /* the tasks of so many cpus, from 0, have real-time priority */
  bool pending_in_two_steps; /* x86: set the pending bit, then read the word */
  /* Broken machines. */
  bool cmpxchg_is_split;  /* atomic_try_cmpxchg is a load and a store */
  bool kicks_are_dropped; /* a kick is dropped if its cpu's flag says that it has not halted yet */
  bool wakes_too_early;   /* a wakeup that comes before its task has gone to sleep does nothing */
};
void linux_setup(const struct linux_environment* environment);

/* The scheduler wants this cpu for somebody else: whoever spins for a sleeping lock gives up. For a timer interrupt. */
void linux_tick(void);
/* A signal for the task of this cpu: interruptible waits end. For an interrupt. */
void linux_signal(void);
/* The task goes back to its user: it is scheduled if it has to be, and handles its signals. */
void linux_return_to_user(void);
/* Wakes the task of `cpu` for no reason, which Linux allows anybody to do at any time. */
void linux_wake_spuriously(unsigned cpu);

/* Told by qspinlock.c's one xchg_relaxed(), right behind it: the calling cpu is at the end of the queue whose tail is
 * at `tail`. A target that has a use for it defines it. */
void linux_joined_queue(const volatile void* tail);

/* ---- Spin locks: qspinlock.c ----*/
struct qspinlock;
struct qspinlock* linux_spin_new(const char* name);
void linux_spin_lock(struct qspinlock* lock);
bool linux_spin_trylock(struct qspinlock* lock);
void linux_spin_unlock(struct qspinlock* lock);
/* For invariants, without points. */
bool linux_spin_is_free(const struct qspinlock* lock);
/* No cpu has a queue node in use. */
bool linux_spin_nodes_are_free(void);
/* Paravirtual: makes the table of waiters, after linux_setup(). */
void linux_pv_setup(void);
bool linux_pv_table_is_empty(void);
/* The tail that linux_joined_queue() is told about. */
const volatile void* linux_spin_tail(const struct qspinlock* lock);

/* ---- Optimistic spin queues: osq_lock.c ----*/
struct optimistic_spin_queue;
struct optimistic_spin_queue* linux_osq_new(const char* name);
/* False if the scheduler wants the cpu before it is its turn. */
bool linux_osq_lock(struct optimistic_spin_queue* queue);
void linux_osq_unlock(struct optimistic_spin_queue* queue);
bool linux_osq_is_free(const struct optimistic_spin_queue* queue);

/* ---- Reader-writer spin locks: qrwlock.c ----*/
struct qrwlock;
struct qrwlock* linux_rw_new(const char* name);
void linux_read_lock(struct qrwlock* lock);
bool linux_read_trylock(struct qrwlock* lock);
void linux_read_unlock(struct qrwlock* lock);
void linux_write_lock(struct qrwlock* lock);
bool linux_write_trylock(struct qrwlock* lock);
void linux_write_unlock(struct qrwlock* lock);
bool linux_rw_is_free(const struct qrwlock* lock);

/* ---- Mutexes: mutex.c ----*/
struct mutex;
struct mutex* linux_mutex_new(const char* name);
void linux_mutex_lock(struct mutex* lock);
/* False if a signal ended the wait. */
bool linux_mutex_lock_interruptible(struct mutex* lock);
bool linux_mutex_trylock(struct mutex* lock);
void linux_mutex_unlock(struct mutex* lock);
bool linux_mutex_is_free(const struct mutex* lock);

/* ---- Reader-writer semaphores: rwsem.c ----*/
struct rw_semaphore;
struct rw_semaphore* linux_rwsem_new(const char* name);
void linux_down_read(struct rw_semaphore* sem);
bool linux_down_read_interruptible(struct rw_semaphore* sem);
bool linux_down_read_trylock(struct rw_semaphore* sem);
void linux_up_read(struct rw_semaphore* sem);
void linux_down_write(struct rw_semaphore* sem);
/* False if a fatal signal ended the wait. */
bool linux_down_write_killable(struct rw_semaphore* sem);
bool linux_down_write_trylock(struct rw_semaphore* sem);
void linux_up_write(struct rw_semaphore* sem);
void linux_downgrade_write(struct rw_semaphore* sem);
bool linux_rwsem_is_free(const struct rw_semaphore* sem);

/* ---- Semaphores: semaphore.c ----*/
struct semaphore;
struct semaphore* linux_semaphore_new(const char* name, unsigned count);
void linux_down(struct semaphore* sem);
bool linux_down_interruptible(struct semaphore* sem);
/* False if the time passed first. */
bool linux_down_timeout(struct semaphore* sem, unsigned long jiffies_max);
bool linux_down_trylock(struct semaphore* sem);
void linux_up(struct semaphore* sem);
bool linux_semaphore_has(const struct semaphore* sem, unsigned count);

#ifdef __cplusplus
}
#endif

#endif
