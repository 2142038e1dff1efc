// The operations; see operations.h. Most take some lock for a moment and matter to a hang only as its holder or as a
// bystander, which is what the rest of a kernel is to a bug in its locks.
//
// May include: engine/hook, the standard library, this target.
#include "targets/xen_pv_spinlock/operations.h"

#include "targets/xen_pv_spinlock/balance.h"
#include "targets/xen_pv_spinlock/blkfront.h"
#include "targets/xen_pv_spinlock/interrupts.h"
#include "targets/xen_pv_spinlock/sched.h"

namespace {

using Arguments = const std::uint32_t[4];

struct inode {
  raw_spinlock_t i_lock;  // no handler takes it: held and waited for with interrupts enabled
  std::uint32_t i_bytes;
};

inode* shared_inode;

// Any number names a cpu: modulo the number of cpus.
unsigned cpu_by_number(std::uint32_t number) {
  return number % gl_cpu_count();
}

void sched_yield(Arguments) {
  schedule();
}

void io_schedule(Arguments) {
  blkfront_io_schedule();
}

// pause(2): sleeps until wake_up_process, the signal. A wakeup before the state is set is lost, as it is there.
void sys_pause(Arguments) {
  if (!current_is_idle()) set_current_state(TASK_INTERRUPTIBLE);
  schedule();
}

void cond_resched(Arguments) {
  if (current().need_resched.load(std::memory_order_relaxed) != 0) schedule();
}

void wake_up(Arguments arguments) {
  wake_up_process(task_by_number(arguments[0]));
}

void set_user_nice(Arguments arguments) {
  task_struct& p = task_by_number(arguments[0]);
  unsigned long flags = 0;
  rq& queue = task_rq_lock(p, flags);
  p.static_prio = arguments[1];
  if (p.on_rq.load(std::memory_order_relaxed) != 0 && &p != queue.curr) check_preempt_curr(queue, p);
  task_rq_unlock(queue, p, flags);
}

// The part of /proc/sched_debug that a cpu has: its run queue, task by task, under the lock.
void print_cfs_rq(Arguments arguments) {
  rq& queue = cpu_rq(cpu_by_number(arguments[0]));
  const unsigned long flags = raw_spin_lock_irqsave(queue.lock);
  std::uint32_t runnable = 0;
  if (queue.curr != queue.idle && queue.curr->on_rq.load(std::memory_order_relaxed) != 0) ++runnable;
  for (const task_struct* p = queue.queue; p != nullptr; p = p->next) {
    GL_ASSERT(p->on_rq.load(std::memory_order_relaxed) != 0);
    GL_ASSERT(p->on_cpu.load(std::memory_order_relaxed) == 0);
    GL_ASSERT(p->cpu.load(std::memory_order_relaxed) == queue.cpu);
    ++runnable;
  }
  GL_ASSERT(runnable == queue.nr_running.load(std::memory_order_relaxed));
  raw_spin_unlock_irqrestore(queue.lock, flags);
}

// Writes the share of a task group to all run queues, one after the other.
void sched_group_set_shares(Arguments arguments) {
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) {
    rq& queue = cpu_rq(cpu);
    const unsigned long flags = raw_spin_lock_irqsave(queue.lock);
    queue.shares = arguments[0] * queue.nr_running.load(std::memory_order_relaxed);
    raw_spin_unlock_irqrestore(queue.lock, flags);
  }
}

void resched_cpu(Arguments arguments) {
  rq& queue = cpu_rq(cpu_by_number(arguments[0]));
  unsigned long flags = 0;
  if (!raw_spin_trylock_irqsave(queue.lock, flags)) return;
  resched_task(*queue.curr);
  raw_spin_unlock_irqrestore(queue.lock, flags);
}

void kick_nohz_balancer(Arguments) {
  nohz_balancer_kick();
}

void inode_add_bytes(Arguments arguments) {
  raw_spin_lock(shared_inode->i_lock);
  shared_inode->i_bytes += arguments[0];
  raw_spin_unlock(shared_inode->i_lock);
}

constexpr gl_range kTask = {"task", 0, kTasksMax - 1};
constexpr gl_range kCpu = {"cpu", 0, kCpusMax - 1};

}  // namespace

const gl_operation_entry kOperations[] = {
    {"sched_yield", sched_yield, {}},
    {"io_schedule", io_schedule, {}},
    {"pause", sys_pause, {}},
    {"cond_resched", cond_resched, {}},
    {"wake_up_process", wake_up, {kTask}},
    {"set_user_nice", set_user_nice, {kTask, {"static_prio", kStaticPrioMin, kStaticPrioMax}}},
    {"print_cfs_rq", print_cfs_rq, {kCpu}},
    {"sched_group_set_shares", sched_group_set_shares, {{"shares", 2, 1 << 18}}},
    {"resched_cpu", resched_cpu, {kCpu}},
    {"nohz_balancer_kick", kick_nohz_balancer, {}},
    {"inode_add_bytes", inode_add_bytes, {{"bytes", 0, 4096}}},
    {},
};

void operations_init() {
  shared_inode = static_cast<inode*>(gl_alloc(sizeof(inode), alignof(inode)));
  name_lock(shared_inode->i_lock, "inode", 0);
}

const raw_spinlock_t& inode_lock() {
  return shared_inode->i_lock;
}
