// How nearly a trace orders one access before another: the way of communication from the first to the second that
// lacks least. What is missing on it is the edge that a data race lacks.
//
// A *hop* is a value that one cpu stored and another read. It orders what came before the store with what comes behind
// the read if the store releases (by its own order, by a release fence before it, or as the head of a release sequence
// of read-modify-writes) and the read acquires (by its own order, or by an acquire fence behind it). Contexts of one
// cpu are ordered as the interrupt flag says, an interrupt that was sent after who sent it, a created cpu after its
// creator: those edges lack nothing and are no hops. A *way* is a chain of hops and of what one context does in program
// order; each side of a hop that does not order counts one. Of two ways that lack the same the shorter counts, of these
// the later.
//
// The search is one pass over the steps between the accesses, as a vector clock would make it, with a count in the
// place of the clock. It judges nothing: that the accesses race is known.
//
// May include: base, model. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "engine/model/trace.h"

namespace gridlock {

// All numbers are indices of steps.
struct Hop {
  std::size_t store = 0;
  std::size_t read = 0;
  bool releases = false;
  bool acquires = false;
  std::optional<std::size_t> release_fence;  // it makes the store release
  std::optional<std::size_t> acquire_fence;  // it makes the read acquire
  // A fence of the kind that is missing, in the same operation but on the wrong side.
  std::optional<std::size_t> misplaced_release_fence;
  std::optional<std::size_t> misplaced_acquire_fence;
};

// The best way from step `first` to step `second`, in the order of time; empty if there is none. REQUIRES: both are
// kRacingAccess, in this order.
[[nodiscard]] std::vector<Hop> nearest_way(const std::vector<Step>& steps, std::size_t first, std::size_t second);

// The step at which the access that `racing`, a kRacingAccess, announces was made: an atomic access is a step of its
// own, of a plain one there is nothing but the announcement.
[[nodiscard]] std::size_t step_of_access(const std::vector<Step>& steps, std::size_t racing);

}  // namespace gridlock
