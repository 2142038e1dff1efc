/* machine.h: what the shim's headers ask of machine.c: the environment of a run, per-cpu memory, time. Other names than
 * the kernel's, because the kernel's are macros over these.
 *
 * May include: engine/hook, this folder. */
#ifndef GRIDLOCK_TARGETS_LINUX_LOCKING_SHIM_MACHINE_H
#define GRIDLOCK_TARGETS_LINUX_LOCKING_SHIM_MACHINE_H

#include "engine/hook/gridlock.h"
#include "targets/linux_locking/shim/locks.h"

/* Of functions that are the machine's or a check's, not the kernel's: no points, not judged. */
#define GL_MACHINE __attribute__((__noinline__, no_sanitize("thread")))

/* What setup() gave to linux_setup(). */
GL_MACHINE bool linux_cmpxchg_is_split(void);
GL_MACHINE bool linux_pending_in_two_steps(void);
GL_MACHINE int linux_pending_loops(void);
GL_MACHINE int linux_spin_threshold(void);

/* Where the per-cpu variable at `in_section` lies for `cpu`. */
void* linux_percpu_address(const void* in_section, unsigned cpu);

/* Each tick of virtual time is a microsecond, and so many are a jiffy as the environment says. */
unsigned long linux_jiffies(void);
unsigned long linux_clock_ns(void);

#endif
