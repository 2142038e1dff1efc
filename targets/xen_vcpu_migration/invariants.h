// What must hold of vcpus and run queues, I1 to I9.
//
// Those that a schedule lock guards are looked at under it, by CHECK_SCHEDULE_LOCK before it is let go, so that the
// step that breaks one is the one that is reported; all are looked at again at rest. Checks registered for points would
// find nothing more and stop the engine at every point of every run.
//
// May include: engine/hook, the standard library, this target.
#pragma once

#include "engine/hook/gridlock.h"
#include "targets/xen_vcpu_migration/spinlock.h"

// The name of an invariant that does not hold of what `lock`, held by this cpu, guards; nullptr if all hold. Reads
// without points, and is no access for the race judge.
const char* broken_invariant_under(const spinlock_t& lock);

// A macro, so that the function that breaks an invariant is the innermost one of the report.
#define CHECK_SCHEDULE_LOCK(lock)                                                                          \
  do {                                                                                                     \
    if (const char* const broken = broken_invariant_under(lock); __builtin_expect(broken != nullptr, 0)) { \
      gl_assertion_failed(broken, __FILE__, __LINE__);                                                     \
    }                                                                                                      \
  } while (false)

extern const gl_invariant_entry kInvariants[];
