/* osq_lock.c: Linux's kernel/locking/osq_lock.c for harnesses; see locks.h.
 *
 * May include: engine/hook, this folder, the archive. */
#include "targets/linux_locking/shim/kernel.h"

#include "kernel/locking/osq_lock.c"

struct optimistic_spin_queue* linux_osq_new(const char* name) {
  struct optimistic_spin_queue* const queue = gl_alloc(sizeof(*queue), _Alignof(struct optimistic_spin_queue));
  gl_name(queue, sizeof(*queue), "%s", name);
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) {
    const struct optimistic_spin_node* const node = per_cpu_ptr(&osq_node, cpu);
    gl_name(&node->next, sizeof(node->next), "osq_node[%u].next", cpu);
    gl_name(&node->prev, sizeof(node->prev), "osq_node[%u].prev", cpu);
    gl_name(&node->locked, sizeof(node->locked), "osq_node[%u].locked", cpu);
  }
  osq_lock_init(queue);
  return queue;
}

bool linux_osq_lock(struct optimistic_spin_queue* queue) {
  return osq_lock(queue);
}

void linux_osq_unlock(struct optimistic_spin_queue* queue) {
  osq_unlock(queue);
}

GL_MACHINE bool linux_osq_is_free(const struct optimistic_spin_queue* queue) {
  return queue->tail.counter == OSQ_UNLOCKED_VAL;
}
