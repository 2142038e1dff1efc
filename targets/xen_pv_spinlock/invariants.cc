// The invariants; see invariants.h. Mutual exclusion is not here: each holder of a lock asserts it (kernel_lock.cc).
//
// None is checked at points, on purpose: that stops the engine at every point of every run and costs a factor of seven
// in runs a second (measured). What must hold of a task while its run queue is locked is asserted there, in sched.cc.
//
// May include: engine/hook, the standard library, this target.
#include "targets/xen_pv_spinlock/invariants.h"

#include "targets/xen_pv_spinlock/blkfront.h"
#include "targets/xen_pv_spinlock/hypervisor.h"
#include "targets/xen_pv_spinlock/operations.h"
#include "targets/xen_pv_spinlock/sched.h"

namespace {

template <typename T>
T peek(const std::atomic<T>& word) {
  return word.load(std::memory_order_relaxed);
}

bool runs_task(const rq& queue) {
  return queue.curr != queue.idle;
}

bool task_is_current_on_one_cpu_at_most() {
  for (unsigned a = 0; a < gl_cpu_count(); ++a) {
    for (unsigned b = 0; b < a; ++b) {
      if (cpu_rq(a).curr == cpu_rq(b).curr) return false;
    }
  }
  return true;
}

// Exactly the current tasks are on_cpu: no switch is under way.
bool on_cpu_means_current() {
  std::uint32_t on_cpu = 0;
  for (unsigned number = 0; number < task_count(); ++number) on_cpu += peek(task_by_number(number).on_cpu);
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) {
    const rq& queue = cpu_rq(cpu);
    if (!runs_task(queue)) continue;
    if (peek(queue.curr->on_cpu) == 0) return false;
    --on_cpu;
  }
  return on_cpu == 0;
}

// Counts the runnable tasks of a run queue, curr included; kTasksMax + 1 if a task is there that does not belong there.
std::uint32_t count_runnable(const rq& queue) {
  constexpr std::uint32_t kWrong = kTasksMax + 1;
  std::uint32_t count = 0;
  if (runs_task(queue) && peek(queue.curr->on_rq) != 0) {
    if (peek(queue.curr->cpu) != queue.cpu) return kWrong;
    ++count;
  }
  for (const task_struct* p = queue.queue; p != nullptr; p = p->next) {
    if (p == queue.curr || peek(p->on_rq) == 0 || peek(p->cpu) != queue.cpu || ++count >= kWrong) return kWrong;
  }
  return count;
}

// A task is on one queue at most, because it is only where its `cpu` says; the sum says that none is on no queue.
bool runnable_task_is_on_the_queue_of_its_cpu() {
  std::uint32_t runnable = 0;
  for (unsigned number = 0; number < task_count(); ++number) runnable += peek(task_by_number(number).on_rq);
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) {
    const std::uint32_t counted = count_runnable(cpu_rq(cpu));
    if (counted != peek(cpu_rq(cpu).nr_running)) return false;
    runnable -= counted;
  }
  return runnable == 0;
}

bool task_sleeps_exactly_off_its_queue() {
  for (unsigned number = 0; number < task_count(); ++number) {
    const task_struct& p = task_by_number(number);
    if ((peek(p.state) == TASK_RUNNING) != (peek(p.on_rq) != 0)) return false;
  }
  return true;
}

// Only the end of its request wakes a task from uninterruptible sleep, but for wake_up_process, which leaves it
// running.
bool io_sleeper_has_a_request_under_way() {
  for (unsigned number = 0; number < task_count(); ++number) {
    const task_struct& p = task_by_number(number);
    if (peek(p.state) == TASK_UNINTERRUPTIBLE && !blkfront_is_busy(p)) return false;
  }
  return true;
}

bool is_unused(const raw_spinlock_t& lock) {
  return raw_spin_is_free(lock) && raw_spin_has_no_spinners(lock);
}

bool all_locks_are_free_without_spinners() {
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) {
    if (!is_unused(cpu_rq(cpu).lock)) return false;
  }
  for (unsigned number = 0; number < task_count(); ++number) {
    if (!is_unused(task_by_number(number).pi_lock)) return false;
  }
  return is_unused(blkfront_io_lock()) && is_unused(inode_lock());
}

// Not the poll_mask: a wakeup that comes late may leave a bit there, and the next one of that vcpu takes it off.
bool no_vcpu_is_blocked() {
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) {
    if ((peek(this_domain().vcpus[cpu].pause_flags) & VPF_blocked) != 0) return false;
  }
  return true;
}

}  // namespace

const gl_invariant_entry kInvariants[] = {
    {"a task is current on one cpu at most", task_is_current_on_one_cpu_at_most, nullptr},
    {"on_cpu means current", on_cpu_means_current, nullptr},
    {"a runnable task is on the queue of its cpu", runnable_task_is_on_the_queue_of_its_cpu, nullptr},
    {"a task sleeps exactly when it is off its queue", task_sleeps_exactly_off_its_queue, nullptr},
    {"a task that sleeps for i/o has a request under way", io_sleeper_has_a_request_under_way, nullptr},
    {"all locks are free and have no spinners", all_locks_are_free_without_spinners, nullptr},
    {"no cpu is registered as a spinner", no_cpu_is_registered_as_spinner, nullptr},
    {"no vcpu is blocked", no_vcpu_is_blocked, nullptr},
    {},
};
