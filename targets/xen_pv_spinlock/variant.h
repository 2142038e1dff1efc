// The historic lines in which the variants of this target differ, one predicate each, and the bounds that all files of
// the target share. Everything else is the same code in every variant.
//
// No file of the target has a namespace: the build keeps its symbols local, and call chains read like the kernel's.
//
// May include: engine/hook, the standard library.
#pragma once

#include "engine/hook/gridlock.h"

inline constexpr unsigned kCpusMax = 8;
inline constexpr unsigned kExtraTasksMax = 8;
inline constexpr unsigned kTasksMax = kCpusMax + kExtraTasksMax;

// Indices of the variants and parameters in the target's table.
enum class Variant : unsigned { kKickFirst = 0, kKickAll = 1, kIrqOffPoll = 2, kNoSavePrev = 3 };
enum class Parameter : unsigned { kSpinBudget = 0, kExtraTasks = 1 };

inline Variant running_variant() {
  return static_cast<Variant>(gl_variant());
}

inline unsigned parameter(Parameter which) {
  return gl_parameter(static_cast<unsigned>(which));
}

// 76eaca031f0a: the loop over the waiters goes on after the first kick.
inline bool unlock_kicks_all_waiters() {
  return running_variant() == Variant::kKickAll || running_variant() == Variant::kNoSavePrev;
}

// Ubuntu's first fix for the same hang: interrupts stay as they are for the poll.
inline bool poll_enables_irqs() {
  return running_variant() != Variant::kIrqOffPoll;
}

// 168d2f464ab9: a nested waiter puts the outer registration back and leaves the kicker pending.
inline bool slow_path_saves_prev() {
  return running_variant() != Variant::kNoSavePrev;
}
