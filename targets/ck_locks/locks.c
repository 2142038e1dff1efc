/* Concurrency Kit's locks behind the table of locks.h. Nothing of the library is changed: each function here calls one
 * of its functions, and each lock has what its user has to bring (queue nodes, slots, contexts) beside it.
 *
 * Two other sources include this one with another KINDS, WITH_ALL_FENCES and WITH_C11_ACCESSES:
 *
 * - All fences. ck_pr.h leaves out those that the machine makes needless, and x86 needs few. What is judged here is the
 *   C11 memory model, so all of them are there, as on a machine with weak memory.
 * - Accesses as C11 wants them. The builtin port casts to `volatile void *const *`, which makes volatile what the
 *   pointer points to and not the pointer; its accesses of all other types are volatile. Here pointers are accessed as
 *   those are. And the nodes of MCS and CLH are let go by one cpu's store and taken up again by another's plain store:
 *   what orders the two is coherence, which C11 does not count. Here stores to nodes release and loads acquire.
 *
 * May include: the standard library, Concurrency Kit. */
#ifndef KINDS
#define KINDS ck_lock_kinds
#define WITH_ALL_FENCES 1
#define WITH_C11_ACCESSES 1
#define THE_FIRST
#endif

#include "targets/ck_locks/locks.h"

#if WITH_ALL_FENCES
#define CK_MD_RMO
#endif

#if WITH_C11_ACCESSES
/* A port may bring its own exchange; the builtin port's reads the pointer first. */
#define CK_F_PR_FAS_PTR
static inline void* ck_pr_fas_ptr(void* target, void* value) {
  return __atomic_exchange_n((void**)target, value, __ATOMIC_SEQ_CST);
}
#include <ck_pr.h>
static inline void* load_pointer(const void* target) {
  return *(void* volatile const*)target;
}
static inline void store_pointer(void* target, const void* value) {
  *(void* volatile*)target = (void*)value;
}

static inline void store_flag_of_node(unsigned* target, unsigned value) {
  __atomic_store_n(target, value, __ATOMIC_RELEASE);
}
static inline void* load_node(const void* target) {
  return __atomic_load_n((void* const*)target, __ATOMIC_ACQUIRE);
}
static inline void store_node(void* target, const void* node) {
  __atomic_store_n((void**)target, (void*)node, __ATOMIC_RELEASE);
}
#define ck_pr_md_store_uint store_flag_of_node
#define ck_pr_md_load_ptr load_node
#define ck_pr_md_store_ptr store_node
#include <spinlock/clh.h>
#include <spinlock/mcs.h>
#undef ck_pr_md_store_uint
#undef ck_pr_md_load_ptr
#undef ck_pr_md_store_ptr
/* What ck_pr_load_ptr and ck_pr_store_ptr call. */
#define ck_pr_md_load_ptr load_pointer
#define ck_pr_md_store_ptr store_pointer
#endif

#include <ck_brlock.h>
#include <ck_bytelock.h>
#include <ck_cohort.h>
#include <ck_pflock.h>
#include <ck_rwlock.h>
#include <ck_spinlock.h>
#include <ck_swlock.h>
#include <ck_tflock.h>

/* One cpu of the machine is in cluster cpu % kClusters. */
enum { kClusters = 2, kSlotsMax = kCkCpusMax + 1, kLocalPassesMax = 2 };

static void cohort_fas_lock(void* lock, void* context) {
  (void)context;
  ck_spinlock_fas_lock(lock);
}
static void cohort_fas_unlock(void* lock, void* context) {
  (void)context;
  ck_spinlock_fas_unlock(lock);
}
static bool cohort_fas_locked(void* lock, void* context) {
  (void)context;
  return ck_spinlock_fas_locked(lock);
}
static bool cohort_fas_trylock(void* lock, void* context) {
  (void)context;
  return ck_spinlock_fas_trylock(lock);
}
CK_COHORT_TRYLOCK_PROTOTYPE(fas, cohort_fas_lock, cohort_fas_unlock, cohort_fas_locked, cohort_fas_trylock,
                            cohort_fas_lock, cohort_fas_unlock, cohort_fas_locked, cohort_fas_trylock)

/* Where a user of the library has the parts of a lock. */
typedef union any_lock {
  ck_spinlock_fas_t fas;
  ck_spinlock_cas_t cas;
  ck_spinlock_dec_t dec;
  ck_spinlock_ticket_t ticket;
  struct {
    ck_spinlock_mcs_t tail;
    ck_spinlock_mcs_context_t nodes[kCkCpusMax];
  } mcs;
  struct {
    ck_spinlock_clh_t* tail;
    ck_spinlock_clh_t* mine[kCkCpusMax];
    ck_spinlock_clh_t nodes[kCkCpusMax + 1];
  } clh;
  struct {
    ck_spinlock_anderson_t lock;
    ck_spinlock_anderson_thread_t slots[kSlotsMax];
    ck_spinlock_anderson_thread_t* mine[kCkCpusMax];
  } anderson;
  struct {
    ck_spinlock_fas_t global;
    ck_spinlock_fas_t local[kClusters];
    CK_COHORT_INSTANCE(fas) clusters[kClusters];
  } cohort;
  ck_rwlock_t rwlock;
  ck_rwlock_recursive_t rwlock_recursive;
  ck_pflock_t pflock;
  ck_tflock_ticket_t tflock;
  ck_swlock_t swlock;
  ck_bytelock_t bytelock;
  struct {
    ck_brlock_t lock;
    ck_brlock_reader_t readers[kCkCpusMax];
  } brlock;
} any_lock;

/* Functions of the table for a lock that is one object and asks for no context. */
#define INIT(name, member, call)       \
  static void name##_init(void* any) { \
    call(&((any_lock*)any)->member);   \
  }
#define WITHOUT_CONTEXT(type, name, member, call) \
  static type name(void* any, unsigned cpu) {     \
    (void)cpu;                                    \
    return call(&((any_lock*)any)->member);       \
  }
#define SPINLOCK(kind)                                                    \
  INIT(kind, kind, ck_spinlock_##kind##_init)                             \
  WITHOUT_CONTEXT(void, kind##_lock, kind, ck_spinlock_##kind##_lock)     \
  WITHOUT_CONTEXT(void, kind##_unlock, kind, ck_spinlock_##kind##_unlock) \
  WITHOUT_CONTEXT(bool, kind##_trylock, kind, ck_spinlock_##kind##_trylock)
#define RWLOCK(kind, member, prefix)                                  \
  INIT(kind, member, prefix##_init)                                   \
  WITHOUT_CONTEXT(void, kind##_lock, member, prefix##_write_lock)     \
  WITHOUT_CONTEXT(void, kind##_unlock, member, prefix##_write_unlock) \
  WITHOUT_CONTEXT(void, kind##_read_lock, member, prefix##_read_lock) \
  WITHOUT_CONTEXT(void, kind##_read_unlock, member, prefix##_read_unlock)

SPINLOCK(fas)
SPINLOCK(cas)
SPINLOCK(dec)
SPINLOCK(ticket)
RWLOCK(pflock, pflock, ck_pflock)
RWLOCK(tflock, tflock, ck_tflock_ticket)
RWLOCK(rwlock, rwlock, ck_rwlock)
WITHOUT_CONTEXT(bool, rwlock_trylock, rwlock, ck_rwlock_write_trylock)
WITHOUT_CONTEXT(bool, rwlock_read_trylock, rwlock, ck_rwlock_read_trylock)
WITHOUT_CONTEXT(void, rwlock_downgrade, rwlock, ck_rwlock_write_downgrade)
RWLOCK(swlock, swlock, ck_swlock)
WITHOUT_CONTEXT(bool, swlock_trylock, swlock, ck_swlock_write_trylock)
WITHOUT_CONTEXT(bool, swlock_read_trylock, swlock, ck_swlock_read_trylock)
WITHOUT_CONTEXT(void, swlock_downgrade, swlock, ck_swlock_write_downgrade)
WITHOUT_CONTEXT(void, swlock_latch, swlock, ck_swlock_write_latch)
WITHOUT_CONTEXT(void, swlock_unlatch, swlock, ck_swlock_write_unlatch)

INIT(mcs, mcs.tail, ck_spinlock_mcs_init)
static void mcs_lock(void* any, unsigned cpu) {
  any_lock* lock = any;
  ck_spinlock_mcs_lock(&lock->mcs.tail, &lock->mcs.nodes[cpu]);
}
static void mcs_unlock(void* any, unsigned cpu) {
  any_lock* lock = any;
  ck_spinlock_mcs_unlock(&lock->mcs.tail, &lock->mcs.nodes[cpu]);
}
static bool mcs_trylock(void* any, unsigned cpu) {
  any_lock* lock = any;
  return ck_spinlock_mcs_trylock(&lock->mcs.tail, &lock->mcs.nodes[cpu]);
}

static void clh_init(void* any) {
  any_lock* lock = any;
  for (unsigned cpu = 0; cpu < kCkCpusMax; ++cpu) lock->clh.mine[cpu] = &lock->clh.nodes[cpu];
  ck_spinlock_clh_init(&lock->clh.tail, &lock->clh.nodes[kCkCpusMax]);
}
static void clh_lock(void* any, unsigned cpu) {
  any_lock* lock = any;
  ck_spinlock_clh_lock(&lock->clh.tail, lock->clh.mine[cpu]);
}
static void clh_unlock(void* any, unsigned cpu) {
  any_lock* lock = any;
  ck_spinlock_clh_unlock(&lock->clh.mine[cpu]);
}

/* With as many slots as cpus, a power of two, the place is masked; with one more it is counted up by compare-exchange.
 */
static void anderson_init(void* any) {
  any_lock* lock = any;
  ck_spinlock_anderson_init(&lock->anderson.lock, lock->anderson.slots, kCkCpusMax);
}
static void anderson_odd_init(void* any) {
  any_lock* lock = any;
  ck_spinlock_anderson_init(&lock->anderson.lock, lock->anderson.slots, kSlotsMax);
}
static void anderson_lock(void* any, unsigned cpu) {
  any_lock* lock = any;
  ck_spinlock_anderson_lock(&lock->anderson.lock, &lock->anderson.mine[cpu]);
}
static void anderson_unlock(void* any, unsigned cpu) {
  any_lock* lock = any;
  ck_spinlock_anderson_unlock(&lock->anderson.lock, lock->anderson.mine[cpu]);
}

static void cohort_init(void* any) {
  any_lock* lock = any;
  ck_spinlock_fas_init(&lock->cohort.global);
  for (unsigned i = 0; i < kClusters; ++i) {
    ck_spinlock_fas_init(&lock->cohort.local[i]);
    CK_COHORT_INIT(fas, &lock->cohort.clusters[i], &lock->cohort.global, &lock->cohort.local[i], kLocalPassesMax);
  }
}
static void cohort_lock(void* any, unsigned cpu) {
  any_lock* lock = any;
  CK_COHORT_LOCK(fas, &lock->cohort.clusters[cpu % kClusters], NULL, NULL);
}
static void cohort_unlock(void* any, unsigned cpu) {
  any_lock* lock = any;
  CK_COHORT_UNLOCK(fas, &lock->cohort.clusters[cpu % kClusters], NULL, NULL);
}
static bool cohort_trylock(void* any, unsigned cpu) {
  any_lock* lock = any;
  return CK_COHORT_TRYLOCK(fas, &lock->cohort.clusters[cpu % kClusters], NULL, NULL, NULL);
}

/* The owner comes in twice. */
static void rwlock_recursive_init(void* any) {
  any_lock* lock = any;
  ck_rwlock_init(&lock->rwlock_recursive.rw);
  lock->rwlock_recursive.wc = 0;
}
static void rwlock_recursive_lock(void* any, unsigned cpu) {
  any_lock* lock = any;
  ck_rwlock_recursive_write_lock(&lock->rwlock_recursive, cpu + 1);
  ck_rwlock_recursive_write_lock(&lock->rwlock_recursive, cpu + 1);
}
static void rwlock_recursive_unlock(void* any, unsigned cpu) {
  any_lock* lock = any;
  (void)cpu;
  ck_rwlock_recursive_write_unlock(&lock->rwlock_recursive);
  ck_rwlock_recursive_write_unlock(&lock->rwlock_recursive);
}
static bool rwlock_recursive_trylock(void* any, unsigned cpu) {
  any_lock* lock = any;
  if (!ck_rwlock_recursive_write_trylock(&lock->rwlock_recursive, cpu + 1)) return false;
  return ck_rwlock_recursive_write_trylock(&lock->rwlock_recursive, cpu + 1);
}
WITHOUT_CONTEXT(void, rwlock_recursive_read_lock, rwlock_recursive, ck_rwlock_recursive_read_lock)
WITHOUT_CONTEXT(void, rwlock_recursive_read_unlock, rwlock_recursive, ck_rwlock_recursive_read_unlock)
WITHOUT_CONTEXT(bool, rwlock_recursive_read_trylock, rwlock_recursive, ck_rwlock_recursive_read_trylock)

/* Any number beyond the slots says that a cpu has none. This is the smallest: with CK_BYTELOCK_UNSLOTTED, the largest,
 * the library's write beyond its slots hits a stack's guard page. */
static unsigned bytelock_slot(unsigned cpu) {
  return cpu < kCkSlottedCpus ? cpu + 1 : sizeof(((ck_bytelock_t*)NULL)->readers) + 1;
}
INIT(bytelock, bytelock, ck_bytelock_init)
static void bytelock_lock(void* any, unsigned cpu) {
  ck_bytelock_write_lock(&((any_lock*)any)->bytelock, bytelock_slot(cpu));
}
WITHOUT_CONTEXT(void, bytelock_unlock, bytelock, ck_bytelock_write_unlock)
static void bytelock_read_lock(void* any, unsigned cpu) {
  ck_bytelock_read_lock(&((any_lock*)any)->bytelock, bytelock_slot(cpu));
}
static void bytelock_read_unlock(void* any, unsigned cpu) {
  ck_bytelock_read_unlock(&((any_lock*)any)->bytelock, bytelock_slot(cpu));
}

/* A trylock gives up after this many looks. */
enum { kBrlockLooks = 2 };
static void brlock_init(void* any) {
  any_lock* lock = any;
  ck_brlock_init(&lock->brlock.lock);
  for (unsigned cpu = 0; cpu < kCkCpusMax; ++cpu) {
    ck_brlock_read_register(&lock->brlock.lock, &lock->brlock.readers[cpu]);
  }
}
WITHOUT_CONTEXT(void, brlock_lock, brlock.lock, ck_brlock_write_lock)
WITHOUT_CONTEXT(void, brlock_unlock, brlock.lock, ck_brlock_write_unlock)
static bool brlock_trylock(void* any, unsigned cpu) {
  (void)cpu;
  return ck_brlock_write_trylock(&((any_lock*)any)->brlock.lock, kBrlockLooks);
}
static void brlock_read_lock(void* any, unsigned cpu) {
  any_lock* lock = any;
  ck_brlock_read_lock(&lock->brlock.lock, &lock->brlock.readers[cpu]);
}
static void brlock_read_unlock(void* any, unsigned cpu) {
  ck_brlock_read_unlock(&((any_lock*)any)->brlock.readers[cpu]);
}
static bool brlock_read_trylock(void* any, unsigned cpu) {
  any_lock* lock = any;
  return ck_brlock_read_trylock(&lock->brlock.lock, &lock->brlock.readers[cpu], kBrlockLooks);
}

#define EXCLUSIVE(kind) .name = #kind, .init = kind##_init, .lock = kind##_lock, .unlock = kind##_unlock
#define SHARED(kind) EXCLUSIVE(kind), .read_lock = kind##_read_lock, .read_unlock = kind##_read_unlock

const ck_lock_kind KINDS[kCkKinds] = {
    [kCkFas] = {EXCLUSIVE(fas), .trylock = fas_trylock},
    [kCkCas] = {EXCLUSIVE(cas), .trylock = cas_trylock},
    [kCkDec] = {EXCLUSIVE(dec), .trylock = dec_trylock},
    [kCkTicket] = {EXCLUSIVE(ticket), .trylock = ticket_trylock},
    [kCkMcs] = {EXCLUSIVE(mcs), .trylock = mcs_trylock},
    [kCkClh] = {EXCLUSIVE(clh)},
    [kCkAnderson] = {EXCLUSIVE(anderson)},
    [kCkAndersonOdd] = {.name = "anderson, odd",
                        .init = anderson_odd_init,
                        .lock = anderson_lock,
                        .unlock = anderson_unlock},
    [kCkCohort] = {EXCLUSIVE(cohort), .trylock = cohort_trylock},
    [kCkRwlock] = {SHARED(rwlock), .trylock = rwlock_trylock, .read_trylock = rwlock_read_trylock,
                   .downgrade = rwlock_downgrade},
    [kCkRwlockRecursive] = {SHARED(rwlock_recursive), .trylock = rwlock_recursive_trylock,
                            .read_trylock = rwlock_recursive_read_trylock},
    [kCkPflock] = {SHARED(pflock)},
    [kCkTflock] = {SHARED(tflock)},
    [kCkSwlock] = {SHARED(swlock), .trylock = swlock_trylock, .read_trylock = swlock_read_trylock,
                   .downgrade = swlock_downgrade, .has_one_writer = true},
    [kCkSwlockLatch] = {.name = "swlock, latch",
                        .init = swlock_init,
                        .lock = swlock_latch,
                        .unlock = swlock_unlatch,
                        .read_lock = swlock_read_lock,
                        .read_unlock = swlock_read_unlock,
                        .read_trylock = swlock_read_trylock,
                        .has_one_writer = true},
    [kCkBytelock] = {SHARED(bytelock), .downgrade = bytelock_read_lock},
    [kCkBrlock] = {SHARED(brlock), .trylock = brlock_trylock, .read_trylock = brlock_read_trylock},
};

#ifdef THE_FIRST
const unsigned ck_lock_bytes = sizeof(any_lock);
_Static_assert(_Alignof(any_lock) <= kCkLockAlign, "the harness aligns as a lock needs it");
#endif
