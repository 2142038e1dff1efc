// The lines in which the variants of this target differ, one predicate each, and the bounds that all files of the
// target share. Everything else is the same code in every variant.
//
// No file of the target has a namespace: the build keeps its symbols local, and call chains read like the hypervisor's.
//
// May include: engine/hook, the standard library.
#pragma once

#include <cstdint>

#include "engine/hook/gridlock.h"

inline constexpr unsigned kCpusMax = 4;
inline constexpr unsigned kVcpusMax = 6;

// Indices of the variants and parameters in the target's table.
enum class Variant : unsigned {
  kSetFlagThenSleep = 0,
  kStartFinish = 1,
  kNoSleepInStart = 2,
  kNoRecheck = 3,
  kFinishBeforeUnlock = 4,
  kSkipFinish = 5,
  kContextSavedSkipsFinish = 6,
};
enum class Parameter : unsigned { kVcpus = 0, kTicksPerTslice = 1 };

inline Variant running_variant() {
  return static_cast<Variant>(gl_variant());
}

inline unsigned parameter(Parameter which) {
  return gl_parameter(static_cast<unsigned>(which));
}

// 9a36de17c16d: before it, an initiator of a migration set VPF_migrating under the schedule lock and put the vcpu to
// sleep only after it had let go of the lock.
inline bool flag_and_sleep_are_one_step() {
  return running_variant() != Variant::kSetFlagThenSleep;
}

// Mutations of the fix.
inline bool start_sleeps() {
  return running_variant() != Variant::kNoSleepInStart;
}
inline bool finish_rechecks_under_the_locks() {
  return running_variant() != Variant::kNoRecheck;
}
inline bool set_affinity_finishes_before_unlock() {
  return running_variant() == Variant::kFinishBeforeUnlock;
}
inline bool set_affinity_finishes() {
  return running_variant() != Variant::kSkipFinish;
}
inline bool context_saved_finishes() {
  return running_variant() != Variant::kContextSavedSkipsFinish;
}
