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
// So many pcpus run a vcpu when a run begins; further vcpus are queued on pcpu 0, and further pcpus idle.
inline constexpr unsigned kBusyCpusAtStart = 2;

// Indices of the variants and parameters in the target's table.
enum class Variant : unsigned {
  kSetFlagThenSleep = 0,
  kStartFinish = 1,
  kNoSleepInStart = 2,
  kNoRecheck = 3,
  kFinishBeforeUnlock = 4,
  kSkipFinish = 5,
  kContextSavedSkipsFinish = 6,
  kCredit2SetFlagThenSleep = 7,
  kCredit2StartFinish = 8,
  kCredit2PauseFlagsNotAtomic = 9,
  kMoveDomainUnlocked = 10,
};
enum class Parameter : unsigned { kVcpus = 0, kTicksPerTslice = 1, kPool1Cpus = 2, kCap = 3, kRunqueues = 4 };

inline Variant running_variant() {
  return static_cast<Variant>(gl_variant());
}

inline unsigned parameter(Parameter which) {
  return gl_parameter(static_cast<unsigned>(which));
}

// 9a36de17c16d: before it, an initiator of a migration set VPF_migrating under the schedule lock and put the vcpu to
// sleep only after it had let go of the lock.
inline bool flag_and_sleep_are_one_step() {
  return running_variant() != Variant::kSetFlagThenSleep && running_variant() != Variant::kCredit2SetFlagThenSleep;
}

// Which policy runs; no line of the core depends on it.
inline bool runs_credit2() {
  return running_variant() == Variant::kCredit2SetFlagThenSleep || running_variant() == Variant::kCredit2StartFinish ||
         running_variant() == Variant::kCredit2PauseFlagsNotAtomic;
}

// d74eb10956 (2020): Credit2 changed pause flags by a load and a store.
inline bool credit2_changes_pause_flags_atomically() {
  return running_variant() != Variant::kCredit2PauseFlagsNotAtomic;
}

// ef55257bc8 (2013): sched_move_domain changed v->processor without the schedule lock.
inline bool move_domain_holds_the_schedule_lock() {
  return running_variant() != Variant::kMoveDomainUnlocked;
}

// Mutations of the fix.
inline bool start_takes_off_the_queue() {
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
