// The paravirtual block device; see blkfront.h.
//
// May include: engine/hook, the standard library, this target.
#include "targets/xen_pv_spinlock/blkfront.h"

namespace {

struct blkfront_info {
  raw_spinlock_t io_lock;  // before pi_lock in the lock order
  // Under io_lock.
  std::uint32_t requests;
  task_struct* ring[kTasksMax];
  // By task: a request is under way. Written under io_lock, read by the sleeper without, like a page's lock bit.
  std::atomic<std::uint8_t> busy[kTasksMax];
};

blkfront_info* device;

// Nothing if a request of `p` is under way already: it was woken early and comes back to wait.
[[gnu::noinline]] void blkif_queue_request(task_struct& p) {
  const unsigned long flags = raw_spin_lock_irqsave(device->io_lock);
  if (device->busy[p.pid].exchange(1) == 0) device->ring[device->requests++] = &p;
  raw_spin_unlock_irqrestore(device->io_lock, flags);
}

[[gnu::noinline]] void blk_end_request(task_struct& p) {
  device->busy[p.pid].store(0);
  wake_up_process(p);
}

}  // namespace

void blkfront_init() {
  device = static_cast<blkfront_info*>(gl_alloc(sizeof(blkfront_info), alignof(blkfront_info)));
  name_lock(device->io_lock, "blkfront", 0);
  for (unsigned number = 0; number < task_count(); ++number) {
    gl_name(&device->busy[number], sizeof(device->busy[number]), "task[%u].io_busy", number);
  }
}

bool blkfront_is_busy(const task_struct& p) {
  return device->busy[p.pid].load() != 0;
}
const raw_spinlock_t& blkfront_io_lock() {
  return device->io_lock;
}

// The state is set before the request is looked at: an end between the two sees a sleeper and wakes it.
[[gnu::noinline]] void blkfront_io_schedule() {
  if (current_is_idle()) return schedule();
  task_struct& curr = current();
  blkif_queue_request(curr);
  set_current_state(TASK_UNINTERRUPTIBLE);
  if (blkfront_is_busy(curr)) return schedule();
  set_current_state(TASK_RUNNING);
}

[[gnu::noinline]] void blkif_interrupt() {
  const unsigned long flags = raw_spin_lock_irqsave(device->io_lock);
  for (unsigned i = 0; i < device->requests; ++i) blk_end_request(*device->ring[i]);
  device->requests = 0;
  raw_spin_unlock_irqrestore(device->io_lock, flags);
}
