/* gridlock.h: all that a target and its harness may call. C11 and C++23.
 *
 * Two directions meet here:
 *
 *     code under test --(atomics, via the ThreadSanitizer ABI)--> engine      no call written by hand
 *     harness         --(gl_*: interrupts, waits, identity)-----> engine
 *     engine          --(gl_target: operations, handlers, checks)--> harness
 *
 * Every atomic access of the code under test is a point already; a harness only calls gl_* for what a CPU or a
 * hypervisor does and a language does not: interrupt flags, inter-processor interrupts, blocking, identity.
 *
 * Memory: all state lives in what gl_alloc returned during setup(): it is at the same address in every run, process
 * and flavour, and is wiped between runs. A static variable of a target may only hold such a pointer.
 *
 * Thread safety: all functions are called from code that the engine runs (operations, handlers, setup, checks), never
 * from threads of the target's own.
 *
 * This header includes nothing of the engine. */
#ifndef GRIDLOCK_ENGINE_HOOK_GRIDLOCK_H
#define GRIDLOCK_ENGINE_HOOK_GRIDLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Identity and configuration ---------------------------------------------------------------------------------*/

/* The calling cpu, 0 to 63. During setup() and checks: 0. */
unsigned gl_this_cpu(void);
/* The number of cpus that have a program in this run, 1 to 64. */
unsigned gl_cpu_count(void);
/* The index of the variant that runs, in gl_target::variants. */
unsigned gl_variant(void);
/* The value of parameter `index` of gl_target::parameters in this run. */
uint32_t gl_parameter(unsigned index);

/* ---- Memory -----------------------------------------------------------------------------------------------------*/

/* Zeroed memory from the run's arena; never fails (exhaustion ends the run as an assertion). `align` is a power of
 * two, at most 4096. Addresses depend only on the sequence of sizes and alignments. */
void* gl_alloc(size_t size, size_t align);
/* Ends the life of a gl_alloc block. The memory is not handed out again in this run; AddressSanitizer flavours report
 * any later access. */
void gl_free(void* block);
/* Gives [p, p + size) a name in traces ("rq[0].lock"). printf-style. Call from setup(). Costs nothing unless a trace
 * is being recorded. */
void gl_name(const void* p, size_t size, const char* format, ...) __attribute__((format(printf, 3, 4)));

/* ---- Interrupts of the calling cpu ------------------------------------------------------------------------------*/
/* A cpu starts with interrupts enabled. A handler starts with them disabled and gets the interrupted state back when
 * it returns. Enabling is a point, and what is pending is taken right there. */

void gl_irq_disable(void);
void gl_irq_enable(void);
/* Disables and returns the earlier state for gl_irq_restore: non-zero if interrupts were enabled. */
unsigned long gl_irq_save(void);
void gl_irq_restore(unsigned long flags);
bool gl_irqs_disabled(void);
/* True if some vector is pending on this cpu, deliverable or not. */
bool gl_irq_pending(void);
/* True inside an interrupt handler (not in a softirq or task). */
bool gl_in_irq(void);
/* True inside an interrupt handler or a softirq. */
bool gl_in_interrupt(void);

/* Raises `vector` on `cpu`: an inter-processor interrupt. It is taken at a point of that cpu where interrupts are
 * enabled; raising what is already pending does nothing. */
void gl_send_ipi(unsigned cpu, unsigned vector);
/* Marks softirq `number` (0 to 31) of this cpu: its handler runs with interrupts enabled when the outermost interrupt
 * handler of this cpu returns. */
void gl_raise_softirq(unsigned number);

/* ---- Spinning and blocking --------------------------------------------------------------------------------------*/

/* The spin hint (`pause`, cpu_relax). A point. Only a hint: a loop without it is recognised as well. */
void gl_cpu_relax(void);

enum {
  GL_WAIT_PLAIN = 0,
  /* The wait also ends when an interrupt becomes pending on this cpu, even one that is disabled, as a hypervisor's
   * block does. Without it only `ready` ends the wait. */
  GL_WAIT_IRQ_ENDS = 1
};

/* Blocks the calling cpu until ready(arg) is true. Where interrupts are enabled, handlers run inside the wait. A point
 * at the entry and one each time the cpu goes to sleep. `ready` must only read, and must read what it depends on by
 * atomic or volatile accesses. */
void gl_wait(bool (*ready)(void* arg), void* arg, unsigned flags);
/* The same with a limit of `ticks` of virtual time; returns false if the time passed first. */
bool gl_wait_for(bool (*ready)(void* arg), void* arg, unsigned flags, uint64_t ticks);
/* Virtual time in ticks: it moves by one a point of any cpu, and jumps when every cpu sleeps. */
uint64_t gl_now(void);

/* ---- Locks ------------------------------------------------------------------------------------------------------*/
/* Tells the engine that the calling cpu has a lock, so that it can predict deadlocks that did not happen: locks that
 * are taken in opposite orders, or by an interrupt handler and under it. No points; they order nothing. */

enum {
  GL_LOCK_EXCLUSIVE = 0,
  /* A reader, which waits for writers that hold the lock and for those that wait. */
  GL_LOCK_SHARED = 1,
  /* A reader that waits for writers that hold the lock only: it may come in again under a reader. */
  GL_LOCK_RECURSIVE_READ = 2,
  /* With one of the above: it would have been left, had it not been free. */
  GL_LOCK_TRY = 4
};

/* Right after the access that gives the lock. `lock` tells instances apart within a run; `name` is of its class, not
 * NULL, and lives as long as the program ("rq->lock"). */
void gl_lock_acquired(const void* lock, const char* name, unsigned flags);
/* Right before the access that gives it back; by whichever cpu. A lock that nobody holds is ignored. */
void gl_lock_released(const void* lock);

/* ---- CPUs that come and go --------------------------------------------------------------------------------------*/

/* Starts one more virtual cpu at the back of the priority list, running entry(arg); it ends when entry returns. The
 * new cpu's number is returned; more than 64 in one run ends the run as an assertion. */
unsigned gl_cpu_create(void (*entry)(void* arg), void* arg);
/* True once a cpu made by gl_cpu_create has returned from its entry. */
bool gl_cpu_ended(unsigned cpu);

/* ---- Judgement --------------------------------------------------------------------------------------------------*/

/* Ends the run with the verdict `assertion`. Does not return. */
void gl_assertion_failed(const char* text, const char* file, int line) __attribute__((noreturn));

#define GL_ASSERT(condition) \
  (__builtin_expect(!!(condition), 1) ? (void)0 : gl_assertion_failed(#condition, __FILE__, __LINE__))

/* ---- On real cores ----------------------------------------------------------------------------------------------*/
/* `gridlock fuzz --machine threads` runs each cpu on a thread of its own: there, what lies between two points is no
 * single step as it is on fibers. */

/* What a model or an oracle does in between happens in one step on every machine. They may nest. No handler runs in
 * between; nothing there may wait. On fibers both do nothing. */
void gl_step_begin(void);
void gl_step_end(void);
/* True on real cores: an access and what a harness tells of it are two steps there. */
bool gl_in_parallel(void);

/* ---- The table a target registers -------------------------------------------------------------------------------*/
/* All arrays are ended by an entry whose first member is NULL; an array that is not there is NULL. All strings and
 * arrays live as long as the program. */

typedef struct gl_range {
  const char* name;
  uint32_t minimum, maximum; /* inclusive */
} gl_range;

typedef struct gl_variant_entry {
  const char* name;
  const char* summary;
  const char* expect; /* "ok", or the verdict that fuzzing it finds: "hang", "invariant", ... */
} gl_variant_entry;

/* A historic bug that a variant of this target reproduces: a row of `gridlock targets` and of docs/MUSEUM.md. It counts
 * only if the two variants share all their code but the historic lines. */
typedef struct gl_bug_entry {
  const char* variant; /* the broken one */
  const char* fixed;   /* its twin, which expects "ok" */
  const char* source;  /* commit, bug number or report: "Linux 76eaca031f0a (2013)" */
  const char* failure; /* what goes wrong, in one line and in the words of the system it is from */
} gl_bug_entry;

typedef struct gl_parameter_entry {
  const char* name;
  uint32_t minimum, maximum;           /* what is legal, inclusive */
  uint32_t fuzz_minimum, fuzz_maximum; /* what fuzzing draws from, inclusive */
} gl_parameter_entry;

typedef struct gl_operation_entry {
  const char* name;
  void (*run)(const uint32_t arguments[4]); /* in task context, interrupts enabled; must leave them enabled */
  gl_range arguments[4];                    /* those with a name; ends at the first without */
} gl_operation_entry;

typedef struct gl_vector_entry {
  const char* name;
  void (*handler)(void);
  bool external; /* a schedule may raise it; false: only gl_send_ipi does */
} gl_vector_entry;

typedef struct gl_softirq_entry {
  const char* name;
  void (*handler)(void);
} gl_softirq_entry;

typedef struct gl_invariant_entry {
  const char* name;
  bool (*holds)(void); /* only reads */
  /* NULL: checked when the run has come to rest. Otherwise also at every point where this returns true ("the locks
   * that guard it are free"). */
  bool (*applies)(void);
} gl_invariant_entry;

/* State of the target that `gridlock explain` shows beside each step; in a column of its own, if it changes.
 */
typedef struct gl_state_entry {
  const char* name; /* heads the column: "v0.processor" */
  /* Writes a few characters and a 0, at most `size` bytes in all. Only reads; called without points, like a check. */
  void (*show)(char* text, size_t size);
} gl_state_entry;

typedef struct gl_target {
  const char* name;
  const char* summary;
  const char* models;
  unsigned cpus_minimum, cpus_maximum;
  const gl_variant_entry* variants; /* at least one; the first is what `gridlock fuzz` runs by default */
  const gl_parameter_entry* parameters;
  const gl_operation_entry* operations;
  const gl_vector_entry* vectors;   /* at most 64 */
  const gl_softirq_entry* softirqs; /* at most 32 */
  const gl_invariant_entry* invariants;
  const gl_bug_entry* bugs;
  const gl_state_entry* states; /* at most 32 */
  const char* const* entities;  /* what a migration request may name */
  /* Carries out a migration request on the cpu it was raised on, like an interrupt handler. NULL if entities is. */
  void (*migrate)(unsigned entity, unsigned cpu);
  /* Builds all state for a run. No points, no interrupts. */
  void (*setup)(void);
} gl_target;

#ifdef __cplusplus
}
#endif

#endif
