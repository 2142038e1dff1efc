/* locks.c once more, with the accesses that the library's builtin port has.
 *
 * May include: what locks.c does. */
#define KINDS ck_lock_kinds_plain_accesses
#define WITH_ALL_FENCES 1
#define WITH_C11_ACCESSES 0

#include "targets/ck_locks/locks.c"
