// `surw`: Zhao, Wolff, Mathur and Roychoudhury, "Selectively Uniform Concurrency Testing", ASPLOS 2025. A random walk
// that lets each cpu go with equal chance favours the interleavings in which short programs end early; here a cpu goes
// with a chance in proportion to the accesses that it still has to make, which is uniform over interleavings where
// nobody blocks. To be selective, only the accesses to one word count: who makes the next of them is drawn by weight,
// and whoever else arrives at one waits for that; what lies between runs without preemption.
//
// Deviations from the paper:
// - Counts come from the run before of the same program, not from a separate profile; of a program's first run all
//   accesses count, and every cpu has the same weight.
// - The word is drawn anew for each run, of those that several cpus access and one writes; one run in four takes all
//   accesses for selected.
// - Accesses that do not count are not interleaved at random: a cpu goes on until it arrives at one that does.
// - Counts are estimates, because schedules change them: a cpu that has used up its own keeps a small weight.
// - After kPatiencePoints without a selected access, kEvenPoints are interleaved at random: beside a loop that makes
// none,
//   whoever waits at one would wait for ever.
//
// May include: base, model. Not thread safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/prng.h"
#include "engine/strategy/access_counts.h"
#include "engine/strategy/policy.h"

namespace gridlock {

class SurwStrategy final : public PolicyStrategy {
 public:
  explicit SurwStrategy(std::uint64_t seed);

 public:
  [[nodiscard]] LastingBytes lasting() override { return {bytes_of(prng_), bytes_of(counts_), bytes_of(now_)}; }

 protected:
  void begin_run(const Scenario& scenario) override;
  CpuId pick(const Moment& moment) override;
  void passes(const Moment& moment) override;
  void sent_back(CpuId cpu) override;
  [[nodiscard]] std::uint32_t policy_quiet_points() const override;

 private:
  static constexpr std::uint32_t kPatiencePoints = 128;
  static constexpr std::uint32_t kEvenPoints = 64;

  [[nodiscard]] AccessCounts& earlier() { return counts_[1 - now_]; }
  void select();
  [[nodiscard]] bool is_selected(const PendingAccess& access) const;
  CpuId draw_next(CpuSet cpus);

  Prng prng_;
  std::vector<std::vector<OperationCall>> programs_;  // whose accesses are counted
  std::array<AccessCounts, 2> counts_;                // of this run and of the one before it
  std::size_t now_ = 0;                               // which of them is of this run
  std::uint64_t word_ = 0;                            // selected; 0: every access is
  std::array<std::uint32_t, kCpusMax> left_{};        // by cpu: selected accesses to come, as far as is known
  std::optional<CpuId> next_;                         // makes the next selected access
  std::optional<CpuId> running_;                      // goes on until it arrives at a selected access
  std::optional<CpuId> sent_back_;                    // lets others go first
  std::uint32_t passes_left_ = kPatiencePoints;       // until chance takes over
  std::uint32_t even_left_ = 0;                       // points for which it does
};

}  // namespace gridlock
