// The best scenario so far and the trials that led to it. Everything that tries a candidate goes through here, so that
// the rules hold whatever the passes do: only what is smaller is tried, nothing is tried twice, and no more than
// trials_max of them.
//
// May include: base, model. Not thread safe.
#pragma once

#include <cstdint>
#include <unordered_set>

#include "engine/base/hash.h"
#include "engine/reduce/edits.h"
#include "engine/reduce/reduce.h"

namespace gridlock {

class Search {
 public:
  // `trial` outlives the search.
  Search(Scenario original, const TrialFunction& trial, std::uint64_t trials_max);

  // Tries the original, to learn where its operations start. False if it does not keep what it was said to keep.
  [[nodiscard]] bool start();

  // Tries `candidate` unless it is no smaller than the best or was tried before; it becomes the best if it keeps. True
  // if so. REQUIRES: `candidate` is legal.
  bool attempt(const Scenario& candidate);

  [[nodiscard]] const Scenario& best() const { return best_; }
  // Of a run of best(); may be empty.
  [[nodiscard]] const OperationStarts& starts() const { return starts_; }
  [[nodiscard]] Size size() const { return size_; }
  [[nodiscard]] std::uint64_t trials() const { return trials_; }
  // True once a candidate was not tried because trials_max was reached; none is tried any more.
  [[nodiscard]] bool exhausted() const { return exhausted_; }

 private:
  struct LowBits {
    std::size_t operator()(const Hash128& hash) const { return hash.low; }
  };

  const TrialFunction& trial_;
  std::uint64_t trials_max_;
  std::uint64_t trials_ = 0;
  bool exhausted_ = false;

  Scenario best_;
  Size size_;
  OperationStarts starts_;
  std::unordered_set<Hash128, LowBits> tried_;  // never iterated
};

}  // namespace gridlock
