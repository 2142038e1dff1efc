// `pct`: Burckhardt, Kothari, Musuvathi and Nagarakatte, "A Randomized Scheduler with Probabilistic Guarantees of
// Finding Bugs", ASPLOS 2010. Each cpu gets a random priority and the highest runs. Of the first k steps, d - 1 are
// drawn as change points k_1 .. k_(d-1), in any order; the cpu that is about to take step k_i falls to priority i,
// below all that have not fallen. With n cpus, a bug that d ordering constraints suffice to cause is hit by one run
// with probability at least 1 / (n k^(d-1)).
//
// Deviations from the paper:
// - Blocked means stuck: a spinning cpu whose state repeats is skipped, where the paper has spinning threads yield.
// - A cpu falls before its step k_i, not behind it, so that a change before the very first step is possible too.
// - k is not given but learned: the longest run of the same configuration and program so far.
// - A cpu that the scenario or the machine demotes (a directive; the limit on running alone) falls below everybody.
// - A cpu created during a run gets its random priority, and may preempt, at the first question after that.
//
// May include: base, model. Not thread safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/prng.h"
#include "engine/strategy/policy.h"

namespace gridlock {

class PctStrategy final : public PolicyStrategy {
 public:
  // `depth` is d; 0 is read as 1. `points_expected` is k for the very first run; 0 is read as 1.
  PctStrategy(std::uint64_t seed, std::uint32_t depth, std::uint32_t points_expected);

 public:
  [[nodiscard]] LastingBytes lasting() override { return {bytes_of(prng_), bytes_of(length_), bytes_of(longest_)}; }

 protected:
  void begin_run(const Scenario& scenario) override;
  CpuId pick(const Moment& moment) override;
  void passes(const Moment& moment) override;
  void sent_back(CpuId cpu) override;
  [[nodiscard]] std::uint32_t policy_quiet_points() const override;

 private:
  struct Change {
    std::uint64_t step = 0;  // k_i: the step, counted from 1, before which a cpu falls
    std::uint64_t priority = 0;
    auto operator<=>(const Change&) const = default;
  };

  void learn_length(const Scenario& scenario);
  void draw_changes();
  void draw_priorities(CpuSet cpus);
  void notice_machine_demote(const Moment& moment);
  [[nodiscard]] bool higher_may_wake(const Moment& moment) const;

  Prng prng_;
  std::vector<Change> changes_;  // d - 1, by step; kept for its memory
  std::size_t changes_done_ = 0;

  std::array<std::uint64_t, kCpusMax> priorities_{};
  CpuSet known_ = 0;         // cpus whose priority is drawn
  std::uint64_t floor_ = 0;  // what the next cpu that is sent back gets; below all others, falling

  std::optional<CpuId> passed_;  // who passed last, until the question after that
  CpuSet runnable_at_pass_ = 0;
  std::uint32_t quiet_ = 0;

  std::uint64_t length_ = 0;   // of this run, as far as questions were asked
  std::uint64_t longest_ = 0;  // run of this program so far
  std::uint32_t k_;
  std::vector<std::uint32_t> parameters_;  // of the runs that longest_ speaks of
  std::vector<std::vector<OperationCall>> programs_;
};

}  // namespace gridlock
