/* locks.c once more, with the fences that the library has on x86: most are compiler barriers. By the memory model that
 * is judged here the locks then order nothing, which a broken variant shows.
 *
 * May include: what locks.c does. */
#define KINDS ck_lock_kinds_without_fences
#define WITH_ALL_FENCES 0
#define WITH_C11_ACCESSES 1

#include "targets/ck_locks/locks.c"
