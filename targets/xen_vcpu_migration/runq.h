// A run queue: a circular list through the vcpus' links, as Xen's list.h.
//
// May include: engine/hook, the standard library, this target.
#pragma once

#include "engine/hook/gridlock.h"
#include "targets/xen_vcpu_migration/vcpu.h"

inline void runq_init(runq_elem& elem) {
  elem.next = elem.prev = &elem;
}
inline bool runq_is_linked(const runq_elem& elem) {
  return elem.next != &elem;
}
inline void runq_insert_before(runq_elem& elem, runq_elem& next) {
  GL_ASSERT(!runq_is_linked(elem));
  elem.next = &next;
  elem.prev = next.prev;
  next.prev->next = &elem;
  next.prev = &elem;
}
inline void runq_unlink(runq_elem& elem) {
  GL_ASSERT(runq_is_linked(elem));
  elem.prev->next = elem.next;
  elem.next->prev = elem.prev;
  runq_init(elem);
}
