// Deadlocks that a run did not have, but that the order in which it took its locks makes possible.
//
// The rules are those that Linux documents for its lock validator (Documentation/locking/lockdep-design.rst), as one:
// a graph whose edges say "holds X and waits for Y", and a cycle in it. An edge is
//
//   * real: a cpu took Y while it held X;
//   * by interrupt: a handler took Y on a cpu which, at another moment, held X with interrupts enabled, and the handler
//     may come at any time. A lock used in a handler and under it is then a cycle of one edge ("hardirq-safe versus
//     hardirq-unsafe", the same for softirqs), and an irq-safe lock taken before an irq-unsafe one a cycle of two ("irq
//     lock inversion").
//
// Where lockdep asks only whether two classes were ever taken so, each cycle here has to be possible:
//
//   * Locks are instances. A handler counts on the cpu where it took the lock, since another cpu may use another one.
//   * Each edge is of another cpu: one cpu does not run beside itself.
//   * The cpus can hold what they hold at the same time: no lock that all are under (a gate) keeps them apart, and none
//     has ended before another was created. A lock that was held when another was taken is such a gate even if it was
//     given back since.
//   * Everybody waits: not for a lock that is tried, not a reader for a reader. A reader that lets waiting writers go
//     first does wait for a reader, if another cpu takes that lock as a writer. (One such wait in a cycle: for two, two
//     other cpus would have to wait as writers at once.)
//   * A vector or softirq comes at any time if it is external, or a handler that does so raised it, or the task of
//     another cpu sent it that held no lock. What a program raises on its own cpu comes where that program says.
//
// What is assumed, as by lockdep: locks and the creation and end of cpus are all that keeps cpus apart. A program that
// keeps them apart by other means (a flag, a handshake) has to take that into its locks, or tell less.
//
// May include: base, model. Pure.
#pragma once

#include <optional>
#include <string>

#include "engine/model/lock_graph.h"
#include "engine/model/verdict.h"

namespace gridlock {

// Cycles of more cpus are not looked for.
inline constexpr std::uint32_t kLockCycleMax = 6;
// Bounds on the work for one run. Reaching one leaves cycles out, never makes one up.
inline constexpr std::uint32_t kLockEdgesMax = 4096;
inline constexpr std::uint32_t kLockSearchStepsMax = 100'000;
inline constexpr std::uint32_t kLockCyclesMax = 64;

// True if some cycle is possible.
[[nodiscard]] bool has_lock_cycle(const LockGraph& graph);

// Of the shortest cycles the one whose signature sorts first, whatever the order in which the run came to them.
[[nodiscard]] std::optional<LockOrderReport> predicted_deadlock(const LockGraph& graph, const SiteNames& names);

// "lock-order: A > B: f<g + B > A: h<i": for each link the lock that is held, the one that is wanted, and who wants it;
// a link by interrupt: "A > B: irq h<i over f<g", f being where A was taken. Sorted, without repetition.
[[nodiscard]] std::string lock_order_signature(const LockOrderReport& report, const SiteNames& names);
[[nodiscard]] std::string lock_order_summary(const LockOrderReport& report, const SiteNames& names);

}  // namespace gridlock
