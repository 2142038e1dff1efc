/* Concurrency Kit's locks behind one table, because its headers are C and the harness is C++. There are three tables
 * over the same headers, which differ in what the port brings; locks.c says in what.
 *
 * May include: the standard library. */
#ifndef TARGETS_CK_LOCKS_LOCKS_H
#define TARGETS_CK_LOCKS_LOCKS_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { kCkCpusMax = 4 };
/* How many of the cpus have a slot of their own in a bytelock. */
enum { kCkSlottedCpus = 2 };

/* A lock, as the cpu `cpu` uses it. Functions that a lock does not have are NULL. */
typedef struct ck_lock_kind {
  const char* name;
  void (*init)(void* lock);
  void (*lock)(void* lock, unsigned cpu);
  void (*unlock)(void* lock, unsigned cpu);
  bool (*trylock)(void* lock, unsigned cpu);
  void (*read_lock)(void* lock, unsigned cpu);
  void (*read_unlock)(void* lock, unsigned cpu);
  bool (*read_trylock)(void* lock, unsigned cpu);
  void (*downgrade)(void* lock, unsigned cpu); /* from writer to reader */
  bool has_one_writer;                         /* only one cpu may write */
} ck_lock_kind;

enum {
  kCkFas,
  kCkCas,
  kCkDec,
  kCkTicket,
  kCkMcs,
  kCkClh,
  kCkAnderson,
  kCkAndersonOdd,
  kCkCohort,
  kCkRwlock,
  kCkRwlockRecursive,
  kCkPflock,
  kCkTflock,
  kCkSwlock,
  kCkSwlockLatch,
  kCkBytelock,
  kCkBrlock,
  kCkKinds
};

/* By the numbers above. */
extern const ck_lock_kind ck_lock_kinds[kCkKinds];
extern const ck_lock_kind ck_lock_kinds_without_fences[kCkKinds];
extern const ck_lock_kind ck_lock_kinds_plain_accesses[kCkKinds];

/* Bytes that any of the locks needs, with the nodes of all cpus; aligned to kCkLockAlign. */
enum { kCkLockAlign = 64 };
extern const unsigned ck_lock_bytes;

#ifdef __cplusplus
}
#endif

#endif
