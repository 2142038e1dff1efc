/* kernel.h: what the kernel's lock files find already there: it is included before their first line. The headers that
 * they name are real ones from the archive, where those are about a lock (cmake/linux_locking.cmake lists them), and
 * else empty: what they would give is here.
 *
 * Written from the list of symbols that the lock files use; README.md says what each stands for. C11 with GNU
 * extensions.
 *
 * May include: engine/hook, this folder, the archive's headers. */
#ifndef GRIDLOCK_TARGETS_LINUX_LOCKING_SHIM_KERNEL_H
#define GRIDLOCK_TARGETS_LINUX_LOCKING_SHIM_KERNEL_H

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/hook/gridlock.h"

/* ---- Configuration: that of Debian's kernel, where it matters here ----*/
#define CONFIG_SMP 1
#define CONFIG_64BIT 1
#define CONFIG_NR_CPUS 64
#define CONFIG_MUTEX_SPIN_ON_OWNER 1
#define CONFIG_RWSEM_SPIN_ON_OWNER 1
#ifndef __LITTLE_ENDIAN
#define __LITTLE_ENDIAN 1234
#endif

/* ---- Types ----*/
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;
typedef u64 __u64;
struct list_head {
  struct list_head *next, *prev;
};
struct hlist_node {
  struct hlist_node *next, **pprev;
};
struct hlist_head {
  struct hlist_node* first;
};
typedef struct {
  int counter;
} atomic_t;
typedef struct {
  long counter;
} atomic_long_t;
#define ATOMIC_INIT(i) {(i)}
#define ATOMIC_LONG_INIT(i) {(i)}

/* ---- Compiler ----*/
#define typeof __typeof__
#define __always_inline inline __attribute__((always_inline))
#define noinline __attribute__((noinline))
#define __pure __attribute__((pure))
#define __must_check __attribute__((warn_unused_result))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define __lockfunc
#define __sched
#define __visible
#define __init
#define __initdata
#define __read_mostly
#define __percpu
#define __user
#define __releases(x)
#define EXPORT_SYMBOL(symbol)
#define EXPORT_SYMBOL_GPL(symbol)
#define early_param(name, function)
#define _RET_IP_ ((unsigned long)__builtin_return_address(0))
#define container_of(pointer, type, member) ((type*)((char*)(pointer) - offsetof(type, member)))
/* Guards that leave a scope: no lock file uses them on its own locks. */
#define DEFINE_GUARD(...)
#define DEFINE_FREE(...)

/* ---- Numbers ----*/
#define BITS_PER_LONG 64
#define SMP_CACHE_BYTES 64
/* Small: the table of the paravirtual locks gets as many entries as its waiters may need, not a page of them, so that
 * two locks meet in it. */
#define PAGE_SIZE 256UL
#define HZ 250
#define NSEC_PER_USEC 1000L
#define ALIGN(x, a) (((x) + (a) - 1) & ~((typeof(x))(a) - 1))
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define ERR_PTR(error) ((void*)(long)(error))
#define IS_ERR(pointer) ((unsigned long)(pointer) >= (unsigned long)-4095L)
#define LIST_POISON1 ((void*)0x100)
#define LIST_POISON2 ((void*)0x122)

/* ---- What must not be ----*/
#define BUILD_BUG_ON(condition) _Static_assert(!(condition), "BUILD_BUG_ON")
#define BUG() gl_assertion_failed("BUG()", __FILE__, __LINE__)
#define BUG_ON(condition) \
  do {                    \
    if (condition) {      \
      BUG();              \
    }                     \
  } while (0)
#define WARN_ON(condition)                                                \
  ({                                                                      \
    const bool warned = !!(condition);                                    \
    if (warned) {                                                         \
      gl_assertion_failed("WARN_ON(" #condition ")", __FILE__, __LINE__); \
    }                                                                     \
    warned;                                                               \
  })
#define WARN(condition, ...) WARN_ON(condition)
#define WARN_ON_ONCE(condition) WARN_ON(condition)
#define DEBUG_LOCKS_WARN_ON(condition) WARN_ON(condition)
#define debug_locks_silent 0
#define might_sleep() ((void)0)

/* ---- lockdep and tracing: nothing ----*/
struct lock_class_key {
  char nothing[0];
};
#define lockdep_init_map(...) ((void)0)
#define lockdep_assert_held(lock) ((void)0)
#define lockdep_assert_preemption_disabled() ((void)0)
#define lock_acquired(map, ip) ((void)0)
#define lock_contended(map, ip) ((void)0)
#define lock_downgrade(map, ip) ((void)0)
#define mutex_acquire(map, subclass, trylock, ip) ((void)0)
#define mutex_acquire_nest(map, subclass, trylock, nest, ip) ((void)0)
#define mutex_release(map, ip) ((void)0)
#define rwsem_acquire(map, subclass, trylock, ip) ((void)0)
#define rwsem_acquire_read(map, subclass, trylock, ip) ((void)0)
#define rwsem_release(map, ip) ((void)0)
#define LOCK_CONTENDED(lock, trylock, acquire) acquire(lock)
#define LOCK_CONTENDED_RETURN(lock, trylock, acquire) acquire(lock)
#define trace_contention_begin(lock, flags) ((void)0)
#define trace_contention_end(lock, result) ((void)0)
#define prefetchw(address) ((void)(address))

#include "targets/linux_locking/shim/atomics.h"
#include "targets/linux_locking/shim/machine.h"
#include "targets/linux_locking/shim/percpu.h"
#include "targets/linux_locking/shim/spinlock.h"
#include "targets/linux_locking/shim/task.h"

#endif
