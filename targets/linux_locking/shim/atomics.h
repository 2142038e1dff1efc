/* atomics.h: the kernel's memory model in C11's words, as weak as those allow: where Linux promises nothing, nothing is
 * promised here.
 *
 *     READ_ONCE, WRITE_ONCE, atomic_read, atomic_set      volatile: a relaxed atomic; of a pointer, consume
 *     a value-returning operation without suffix          seq_cst with a full fence behind it; none of it if a
 *                                                         compare-exchange fails
 *     _acquire, _release, _relaxed, and those that return nothing (relaxed)      C11's of the same name
 *     smp_mb, smp_rmb, smp_wmb                            fences: seq_cst, acquire, release
 *
 * Stronger than Linux: xchg_relaxed acquires. Its one user, the queue of qspinlock.c, goes on through the number that
 * it gets to the node of that cpu: an address dependency that goes through arithmetic, which C11 cannot say. smp_rmb
 * and smp_wmb also order a read before a write.
 *
 * May include: engine/hook, this folder. */
#ifndef GRIDLOCK_TARGETS_LINUX_LOCKING_SHIM_ATOMICS_H
#define GRIDLOCK_TARGETS_LINUX_LOCKING_SHIM_ATOMICS_H

#include <stdbool.h>

#include "targets/linux_locking/shim/machine.h"

#define READ_ONCE(x) (*(const volatile __typeof__(x)*)&(x))
#define WRITE_ONCE(x, value) ((void)(*(volatile __typeof__(x)*)&(x) = (value)))
/* Says that a race is meant: then it is no race. */
#define data_race(x) READ_ONCE(x)

/* For the compiler alone. */
#define barrier() __atomic_signal_fence(__ATOMIC_SEQ_CST)
#define smp_mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_rmb() __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define smp_wmb() __atomic_thread_fence(__ATOMIC_RELEASE)
#define smp_mb__before_atomic() smp_mb()
#define smp_mb__after_atomic() smp_mb()
#define smp_acquire__after_ctrl_dep() smp_rmb()

#define smp_load_acquire(pointer) __atomic_load_n((pointer), __ATOMIC_ACQUIRE)
#define smp_store_release(pointer, value) __atomic_store_n((pointer), (value), __ATOMIC_RELEASE)
#define smp_store_mb(x, value) \
  do {                         \
    WRITE_ONCE(x, value);      \
    smp_mb();                  \
  } while (0)

static inline void cpu_relax(void) {
  barrier();
  gl_cpu_relax();
  barrier();
}

/* The condition reads what was loaded last as VAL. */
#define smp_cond_load_relaxed(pointer, condition)          \
  ({                                                       \
    __typeof__(pointer) cond_pointer = (pointer);          \
    __typeof__(*cond_pointer) VAL;                         \
    while (VAL = READ_ONCE(*cond_pointer), !(condition)) { \
      cpu_relax();                                         \
    }                                                      \
    VAL;                                                   \
  })
#define smp_cond_load_acquire(pointer, condition)                                      \
  ({                                                                                   \
    __typeof__(*(pointer)) acquired_value = smp_cond_load_relaxed(pointer, condition); \
    smp_acquire__after_ctrl_dep();                                                     \
    acquired_value;                                                                    \
  })

/* ---- Exchange ----*/
/* Tells the harness that the calling cpu has its place in a queue; machine.c. */
#define xchg_relaxed(pointer, value)                                                             \
  ({                                                                                             \
    __typeof__(*(pointer)) previous = __atomic_exchange_n((pointer), (value), __ATOMIC_ACQUIRE); \
    linux_joined_queue(pointer);                                                                 \
    previous;                                                                                    \
  })
#define xchg(pointer, value)                                                                     \
  ({                                                                                             \
    __typeof__(*(pointer)) previous = __atomic_exchange_n((pointer), (value), __ATOMIC_SEQ_CST); \
    smp_mb();                                                                                    \
    previous;                                                                                    \
  })

/* ---- Compare and exchange ----*/
/* Returns what was there. A failed one orders nothing. */
#define GL_CMPXCHG(pointer, expected, desired, order)                                            \
  ({                                                                                             \
    __typeof__(*(pointer)) found = (expected);                                                   \
    __atomic_compare_exchange_n((pointer), &found, (desired), false, (order), __ATOMIC_RELAXED); \
    found;                                                                                       \
  })
#define cmpxchg_relaxed(pointer, expected, desired) GL_CMPXCHG(pointer, expected, desired, __ATOMIC_RELAXED)
#define cmpxchg_acquire(pointer, expected, desired) GL_CMPXCHG(pointer, expected, desired, __ATOMIC_ACQUIRE)
#define cmpxchg_release(pointer, expected, desired) GL_CMPXCHG(pointer, expected, desired, __ATOMIC_RELEASE)
#define cmpxchg(pointer, expected, desired)                                               \
  ({                                                                                      \
    __typeof__(*(pointer)) wanted = (expected);                                           \
    __typeof__(*(pointer)) seen = GL_CMPXCHG(pointer, wanted, desired, __ATOMIC_SEQ_CST); \
    if (seen == wanted) {                                                                 \
      smp_mb();                                                                           \
    }                                                                                     \
    seen;                                                                                 \
  })

/* True if it was exchanged; else *expected is what was there. In a machine where it is broken, it is a load and a
 * store. Those have all the order there is: what breaks is that nothing may come in between. */
#define GL_TRY_CMPXCHG(pointer, expected, desired, order)                                                             \
  ({                                                                                                                  \
    __typeof__(pointer) tried = (pointer);                                                                            \
    __typeof__(*tried) found = (__typeof__(*tried))*(expected), wanted = found, next = (__typeof__(*tried))(desired); \
    bool exchanged;                                                                                                   \
    if (__builtin_expect(linux_cmpxchg_is_split(), 0)) {                                                              \
      found = __atomic_load_n(tried, __ATOMIC_SEQ_CST);                                                               \
      exchanged = found == wanted;                                                                                    \
      if (exchanged) {                                                                                                \
        __atomic_store_n(tried, next, __ATOMIC_SEQ_CST);                                                              \
      }                                                                                                               \
    } else {                                                                                                          \
      exchanged = __atomic_compare_exchange_n(tried, &found, next, false, (order), __ATOMIC_RELAXED);                 \
    }                                                                                                                 \
    if (!exchanged) {                                                                                                 \
      *(expected) = (__typeof__(*(expected)))found;                                                                   \
    }                                                                                                                 \
    exchanged;                                                                                                        \
  })
#define GL_TRY_CMPXCHG_FULL(pointer, expected, desired)                             \
  ({                                                                                \
    const bool done = GL_TRY_CMPXCHG(pointer, expected, desired, __ATOMIC_SEQ_CST); \
    if (done) {                                                                     \
      smp_mb();                                                                     \
    }                                                                               \
    done;                                                                           \
  })

/* ---- atomic_t and atomic_long_t ----*/
#define GL_FULL(expression)                       \
  ({                                              \
    __typeof__(expression) result = (expression); \
    smp_mb();                                     \
    result;                                       \
  })

#define atomic_read(v) READ_ONCE((v)->counter)
#define atomic_set(v, i) WRITE_ONCE((v)->counter, (i))
#define atomic_read_acquire(v) smp_load_acquire(&(v)->counter)
#define atomic_set_release(v, i) smp_store_release(&(v)->counter, (i))
#define atomic_add(i, v) ((void)__atomic_fetch_add(&(v)->counter, (i), __ATOMIC_RELAXED))
#define atomic_sub(i, v) ((void)__atomic_fetch_sub(&(v)->counter, (i), __ATOMIC_RELAXED))
#define atomic_or(i, v) ((void)__atomic_fetch_or(&(v)->counter, (i), __ATOMIC_RELAXED))
#define atomic_andnot(i, v) ((void)__atomic_fetch_and(&(v)->counter, ~(i), __ATOMIC_RELAXED))
#define atomic_fetch_or_acquire(i, v) __atomic_fetch_or(&(v)->counter, (i), __ATOMIC_ACQUIRE)
#define atomic_add_return(i, v) GL_FULL(__atomic_add_fetch(&(v)->counter, (i), __ATOMIC_SEQ_CST))
#define atomic_add_return_acquire(i, v) __atomic_add_fetch(&(v)->counter, (i), __ATOMIC_ACQUIRE)
#define atomic_add_return_release(i, v) __atomic_add_fetch(&(v)->counter, (i), __ATOMIC_RELEASE)
#define atomic_sub_return_release(i, v) __atomic_sub_fetch(&(v)->counter, (i), __ATOMIC_RELEASE)
#define atomic_inc_return_relaxed(v) __atomic_add_fetch(&(v)->counter, 1, __ATOMIC_RELAXED)
#define atomic_fetch_add(i, v) GL_FULL(__atomic_fetch_add(&(v)->counter, (i), __ATOMIC_SEQ_CST))
#define atomic_fetch_add_release(i, v) __atomic_fetch_add(&(v)->counter, (i), __ATOMIC_RELEASE)
#define atomic_dec_and_test(v) (GL_FULL(__atomic_sub_fetch(&(v)->counter, 1, __ATOMIC_SEQ_CST)) == 0)
#define atomic_xchg(v, i) xchg(&(v)->counter, (i))
#define atomic_cmpxchg(v, expected, desired) cmpxchg(&(v)->counter, expected, desired)
#define atomic_cmpxchg_relaxed(v, expected, desired) cmpxchg_relaxed(&(v)->counter, expected, desired)
#define atomic_cmpxchg_acquire(v, expected, desired) cmpxchg_acquire(&(v)->counter, expected, desired)
#define atomic_cmpxchg_release(v, expected, desired) cmpxchg_release(&(v)->counter, expected, desired)
#define atomic_try_cmpxchg(v, expected, desired) GL_TRY_CMPXCHG_FULL(&(v)->counter, expected, desired)
#define atomic_try_cmpxchg_relaxed(v, expected, desired) \
  GL_TRY_CMPXCHG(&(v)->counter, expected, desired, __ATOMIC_RELAXED)
#define atomic_try_cmpxchg_acquire(v, expected, desired) \
  GL_TRY_CMPXCHG(&(v)->counter, expected, desired, __ATOMIC_ACQUIRE)
#define atomic_try_cmpxchg_release(v, expected, desired) \
  GL_TRY_CMPXCHG(&(v)->counter, expected, desired, __ATOMIC_RELEASE)
#define atomic_cond_read_relaxed(v, condition) smp_cond_load_relaxed(&(v)->counter, condition)
#define atomic_cond_read_acquire(v, condition) smp_cond_load_acquire(&(v)->counter, condition)

/* Adds unless it is `unless`; true if it was added. */
#define atomic_add_unless(v, i, unless)                                                             \
  ({                                                                                                \
    __typeof__((v)->counter) unless_value = atomic_read(v);                                         \
    while (unless_value != (unless) && !atomic_try_cmpxchg(v, &unless_value, unless_value + (i))) { \
    }                                                                                               \
    unless_value != (unless);                                                                       \
  })

/* The same on the wider word: all of the above take their type from it. */
#define atomic_long_read atomic_read
#define atomic_long_set atomic_set
#define atomic_long_add atomic_add
#define atomic_long_or atomic_or
#define atomic_long_andnot atomic_andnot
#define atomic_long_add_return atomic_add_return
#define atomic_long_add_return_acquire atomic_add_return_acquire
#define atomic_long_add_return_release atomic_add_return_release
#define atomic_long_inc_return_relaxed atomic_inc_return_relaxed
#define atomic_long_fetch_add atomic_fetch_add
#define atomic_long_fetch_add_release atomic_fetch_add_release
#define atomic_long_try_cmpxchg atomic_try_cmpxchg
#define atomic_long_try_cmpxchg_acquire atomic_try_cmpxchg_acquire
#define atomic_long_try_cmpxchg_release atomic_try_cmpxchg_release

#endif
