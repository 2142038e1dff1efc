/* machine.c: the machine under the kernel's locks: per-cpu memory, tasks that sleep and are woken, virtual cpus that halt
 * and are kicked, time.
 *
 * What is `GL_MACHINE` is no code of the kernel's: no points, not judged. What tasks and virtual cpus tell each other is
 * atomic and has points, because there the kernel's own bugs would be.
 *
 * May include: engine/hook, this folder. */
#include "targets/linux_locking/shim/kernel.h"

#include <linux/sched/wake_q.h>



enum { kCpusMax = 64, kDefaultPriority = 120, kRealTimePriority = 50 };

/* The linker's: where the per-cpu variables of all targets lie. */
extern char __start_linux_percpu[] __attribute__((weak, visibility("hidden")));
extern char __stop_linux_percpu[] __attribute__((weak, visibility("hidden")));

struct virtual_cpu {
  u8 halted; /* it has looked for the last time and sleeps */
  u8 kicked;
} __attribute__((aligned(SMP_CACHE_BYTES)));

struct machine {
  struct linux_environment environment;
  char* percpu[kCpusMax];
  struct task_struct tasks[kCpusMax];
  struct virtual_cpu cpus[kCpusMax];
};
static struct machine* machine;

/* ---- The environment ----*/

GL_MACHINE bool linux_cmpxchg_is_split(void) {
  return machine->environment.cmpxchg_is_split;
}
GL_MACHINE bool linux_pending_in_two_steps(void) {
  return machine->environment.pending_in_two_steps;
}
GL_MACHINE int linux_pending_loops(void) {
  return (int)machine->environment.pending_loops;
}
GL_MACHINE int linux_spin_threshold(void) {
  return (int)machine->environment.spin_threshold;
}
GL_MACHINE static bool kicks_are_dropped(void) {
  return machine->environment.kicks_are_dropped;
}
GL_MACHINE static bool wakes_too_early(void) {
  return machine->environment.wakes_too_early;
}
GL_MACHINE static unsigned long ticks_of(long jiffies_count) {
  return (unsigned long)jiffies_count * machine->environment.ticks_a_jiffy;
}

GL_MACHINE struct task_struct* linux_current(void) {
  return &machine->tasks[gl_this_cpu()];
}

GL_MACHINE void linux_setup(const struct linux_environment* environment) {
  machine = gl_alloc(sizeof(*machine), SMP_CACHE_BYTES);
  machine->environment = *environment;
  const size_t percpu_bytes = (size_t)(__stop_linux_percpu - __start_linux_percpu);
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) {
    machine->percpu[cpu] = gl_alloc(percpu_bytes, SMP_CACHE_BYTES);
    struct task_struct* const task = &machine->tasks[cpu];
    task->on_cpu = 1;
    task->prio = cpu < environment->rt_tasks ? kRealTimePriority : kDefaultPriority;
    gl_name(&task->__state, sizeof(task->__state), "task[%u].state", cpu);
    gl_name(&task->on_cpu, sizeof(task->on_cpu), "task[%u].on_cpu", cpu);
    gl_name(&task->need_resched, sizeof(task->need_resched), "task[%u].need_resched", cpu);
    gl_name(&task->signal_pending, sizeof(task->signal_pending), "task[%u].signal_pending", cpu);
    gl_name(&task->wake_q, sizeof(task->wake_q), "task[%u].wake_q", cpu);
    gl_name(&machine->cpus[cpu].halted, sizeof(u8), "halted[%u]", cpu);
    gl_name(&machine->cpus[cpu].kicked, sizeof(u8), "kicked[%u]", cpu);
  }
}

/* ---- Per-cpu memory ----*/

GL_MACHINE void* linux_percpu_address(const void* in_section, unsigned cpu) {
  GL_ASSERT(cpu < gl_cpu_count());
  return machine->percpu[cpu] + ((const char*)in_section - __start_linux_percpu);
}

GL_MACHINE void* alloc_large_system_hash(const char* name, unsigned long entry_bytes, unsigned long entries, int scale,
                                         int flags, unsigned* bits, unsigned* mask, unsigned long low,
                                         unsigned long high) {
  *bits = 0;
  while (1UL << *bits < entries) ++*bits;
  void* const table = gl_alloc(entry_bytes << *bits, SMP_CACHE_BYTES);
  gl_name(table, entry_bytes << *bits, "%s", name);
  return table;
}

/* ---- Time ----*/

GL_MACHINE unsigned long linux_jiffies(void) {
  return gl_now() / machine->environment.ticks_a_jiffy;
}

GL_MACHINE unsigned long linux_clock_ns(void) {
  return gl_now() * 1000;
}

/* ---- Sleeping and waking ----*/

static bool is_running(void* task) {
  return smp_load_acquire(&((struct task_struct*)task)->__state) == TASK_RUNNING;
}

/* A signal keeps a task awake whose state says that signals matter. */
static bool must_sleep(struct task_struct* task) {
  const unsigned state = READ_ONCE(task->__state);
  if (state == TASK_RUNNING) return false;
  if (!signal_pending_state(state, task)) return true;
  WRITE_ONCE(task->__state, TASK_RUNNING);
  return false;
}

noinline void schedule(void) {
  struct task_struct* const task = current;
  barrier();
  WRITE_ONCE(task->need_resched, 0);
  smp_mb();
  if (!must_sleep(task)) return;
  WRITE_ONCE(task->on_cpu, 0);
  gl_wait(is_running, task, GL_WAIT_PLAIN);
  WRITE_ONCE(task->on_cpu, 1);
  barrier();
}

noinline long schedule_timeout(long jiffies_max) {
  if (jiffies_max == MAX_SCHEDULE_TIMEOUT) {
    schedule();
    return jiffies_max;
  }
  struct task_struct* const task = current;
  const unsigned long end = jiffies + (unsigned long)jiffies_max;
  WRITE_ONCE(task->need_resched, 0);
  smp_mb();
  if (must_sleep(task)) {
    WRITE_ONCE(task->on_cpu, 0);
    if (!gl_wait_for(is_running, task, GL_WAIT_PLAIN, ticks_of(jiffies_max))) WRITE_ONCE(task->__state, TASK_RUNNING);
    WRITE_ONCE(task->on_cpu, 1);
  }
  const long left = (long)(end - jiffies);
  return left > 0 ? left : 0;
}

/* Full order before it looks at the state: who is not woken will see what was written before. */
noinline int wake_up_state(struct task_struct* task, unsigned states) {
  smp_mb();
  if (wakes_too_early() && READ_ONCE(task->on_cpu) != 0) return 0;
  if ((READ_ONCE(task->__state) & states) == 0) return 0;
  return xchg(&task->__state, TASK_RUNNING) != TASK_RUNNING;
}

int wake_up_process(struct task_struct* task) {
  return wake_up_state(task, TASK_NORMAL);
}

int signal_pending_state(unsigned state, struct task_struct* task) {
  if ((state & (TASK_INTERRUPTIBLE | TASK_WAKEKILL)) == 0) return 0;
  return READ_ONCE(task->signal_pending) != 0;
}

/* A task is in one list at a time: who finds it in another's leaves the wakeup to that one. The failed look must be
 * ordered too, so that the wakeup to come sees what was written before. */
static bool claim_wakeup(struct task_struct* task) {
  smp_mb__before_atomic();
  return cmpxchg_relaxed(&task->wake_q.next, NULL, WAKE_Q_TAIL) == NULL;
}

static void append(struct wake_q_head* head, struct task_struct* task) {
  *head->lastp = &task->wake_q;
  head->lastp = &task->wake_q.next;
}

void wake_q_add(struct wake_q_head* head, struct task_struct* task) {
  if (claim_wakeup(task)) append(head, task);
}

/* The caller's reference to the task goes to the list; nothing here counts references. */
void wake_q_add_safe(struct wake_q_head* head, struct task_struct* task) {
  wake_q_add(head, task);
}

noinline void wake_up_q(struct wake_q_head* head) {
  struct wake_q_node* node = head->first;
  while (node != WAKE_Q_TAIL) {
    struct task_struct* const task = container_of(node, struct task_struct, wake_q);
    node = READ_ONCE(node->next);
    WRITE_ONCE(task->wake_q.next, NULL);
    wake_up_process(task);
  }
}

/* ---- Events ----*/

void linux_tick(void) {
  WRITE_ONCE(current->need_resched, 1);
}

void linux_signal(void) {
  WRITE_ONCE(current->signal_pending, 1);
  wake_up_state(current, TASK_INTERRUPTIBLE | TASK_WAKEKILL);
}

void linux_return_to_user(void) {
  WRITE_ONCE(current->need_resched, 0);
  WRITE_ONCE(current->signal_pending, 0);
}

void linux_wake_spuriously(unsigned cpu) {
  wake_up_process(&machine->tasks[cpu]);
}

__attribute__((weak)) void linux_joined_queue(const volatile void* tail) {}

/* ---- Virtual cpus ----*/

static bool is_kicked(void* cpu) {
  return smp_load_acquire(&((struct virtual_cpu*)cpu)->kicked) != 0;
}

/* Halts if the byte is still `val`, with interrupts held off from the look on, so that no handler's own wait comes in
 * between. A kick ends the halt, also one from before. So does an interrupt, if the caller had them enabled: then
 * halting enables them. */
noinline void pv_wait(u8* byte, u8 val) {
  struct virtual_cpu* const cpu = &machine->cpus[gl_this_cpu()];
  const unsigned long flags = gl_irq_save();
  if (READ_ONCE(*byte) == val) {
    WRITE_ONCE(cpu->halted, 1);
    gl_wait(is_kicked, cpu, flags != 0 ? GL_WAIT_IRQ_ENDS : GL_WAIT_PLAIN);
    WRITE_ONCE(cpu->halted, 0);
    xchg(&cpu->kicked, 0);
  }
  gl_irq_restore(flags);
}

noinline void pv_kick(int number) {
  struct virtual_cpu* const cpu = &machine->cpus[number];
  if (kicks_are_dropped() && READ_ONCE(cpu->halted) == 0) return;
  xchg(&cpu->kicked, 1);
}
