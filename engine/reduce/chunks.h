// Removing elements of a list in runs: the core of delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating
// Failure-Inducing Input", IEEE TSE 2002, algorithm ddmin), in the form that most reducers use.
//
// Deviations from ddmin:
// - Only complements are tried, no subsets: with halves they are the same, and smaller subsets rarely keep anything.
// - The run length only falls; after a success the scan goes on where it is instead of starting over.
// - From the back, because what happens early in a run decides what the later directives are aimed at.
//
// May include: nothing of the engine beyond edits.h.
#pragma once

#include <algorithm>
#include <cstddef>

#include "engine/reduce/edits.h"

namespace gridlock {

// Calls `remove` with runs of a list of `count` elements, of length count, count / 2, ..., 1; where it returns true the
// elements are gone. Runs of one are repeated until each of those left was refused since the last success.
template <typename Remove>
void remove_chunks(std::size_t count, Remove remove) {
  for (std::size_t length = count; length > 0;) {
    bool removed_any = false;
    for (std::size_t end = count; end > 0;) {
      const std::size_t begin = end - std::min(length, end);
      if (remove(IndexRange{begin, end})) {
        count -= end - begin;
        removed_any = true;
      }
      end = begin;
    }
    if (length > 1) {
      length /= 2;
    } else if (!removed_any) {
      return;
    }
  }
}

}  // namespace gridlock
