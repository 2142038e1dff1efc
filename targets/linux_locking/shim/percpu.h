/* percpu.h: per-cpu variables as the kernel has them: one section holds them all, each cpu has a copy of it, and a
 * variable's address in the section says where it lies in a copy. The copies are in memory that is wiped between runs;
 * nothing reads or writes the section itself.
 *
 * May include: this folder. */
#ifndef GRIDLOCK_TARGETS_LINUX_LOCKING_SHIM_PERCPU_H
#define GRIDLOCK_TARGETS_LINUX_LOCKING_SHIM_PERCPU_H

#include "targets/linux_locking/shim/atomics.h"
#include "targets/linux_locking/shim/machine.h"

#define DEFINE_PER_CPU(type, name) __attribute__((section("linux_percpu"))) __typeof__(type) name
#define DEFINE_PER_CPU_ALIGNED(type, name) DEFINE_PER_CPU(type, name) __attribute__((aligned(SMP_CACHE_BYTES)))
#define DEFINE_PER_CPU_SHARED_ALIGNED(type, name) DEFINE_PER_CPU_ALIGNED(type, name)

#define per_cpu_ptr(pointer, cpu) ((__typeof__(pointer))linux_percpu_address((pointer), (unsigned)(cpu)))
#define this_cpu_ptr(pointer) per_cpu_ptr(pointer, gl_this_cpu())
/* One instruction on x86: no handler comes in between, and the compiler moves nothing across. */
#define __this_cpu_dec(variable)  \
  do {                            \
    barrier();                    \
    --*this_cpu_ptr(&(variable)); \
    barrier();                    \
  } while (0)

#define smp_processor_id() ((int)gl_this_cpu())
#define num_possible_cpus() ((int)gl_cpu_count())
#define in_interrupt() gl_in_interrupt()

/* A table that lives as long as the machine. `bits` gets the logarithm of its number of entries. */
#define HASH_EARLY 1
#define HASH_ZERO 4
void* alloc_large_system_hash(const char* name, unsigned long entry_bytes, unsigned long entries, int scale, int flags,
                              unsigned* bits, unsigned* mask, unsigned long low, unsigned long high);

#endif
