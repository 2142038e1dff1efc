// Orders of locks that no run shows alone. A run takes A before B, another one B before A: nothing is wrong with
// either, and a verdict is of one scenario, so that it can be replayed. This keeps what runs showed, and says which
// scenario has both: the programs of the two, one after the other on each cpu. Running it decides; nothing here is a
// finding.
//
// May include: base, model. No clock, no randomness: the same runs give the same scenarios.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_set>
#include <vector>

#include "engine/model/lock_graph.h"
#include "engine/model/scenario.h"

namespace gridlock {

class LockHistory {
 public:
  // Runs that are kept: those that showed something new. When they are so many, nothing more is learned.
  static constexpr std::size_t kRunsMax = 64;

  // What the run of `scenario` showed, with the schedule that it had. A scenario whose run may show a cycle of this and
  // an earlier run, if there is one. It is legal if both are and no rule of the target is about more than one cpu.
  // Nothing is learned of a run that did not complete, that has a cycle of its own, or in which cpus were created: what
  // is ordered in each of two such runs is not in both. Costs a hash for each moment where there is nothing new.
  [[nodiscard]] std::optional<Scenario> learn(const RunView& run, const Scenario& scenario);

 private:
  struct Run {
    std::vector<LockObject> locks;
    std::vector<LockMoment> moments;
    Scenario scenario;
  };

  [[nodiscard]] bool shows_news(const LockGraph& graph);
  // REQUIRES: `fresh` is the last run.
  [[nodiscard]] std::optional<Scenario> compose_with_earlier(const Run& fresh) const;

  std::unordered_set<std::uint64_t> seen_;  // hashes of what moments are, but for the cpu
  std::vector<Run> runs_;
};

}  // namespace gridlock
