// `pos`: Yuan, Yang and Gu, "Partial Order Aware Concurrency Sampling", CAV 2018. The next access of each
// cpu gets a random priority and the highest is executed; whatever was pending and races with it (same address, another
// cpu, one of the two a write) gets a new one. Orders of accesses that do not race are so sampled once instead of again
// and again, and those that differ are sampled more evenly than by a random walk.
//
// Deviations from the paper:
// - A point without an address (a spin hint, an interrupt edge, a wait, a start) races with nothing.
// - The pending access of a stuck cpu is redrawn as well: it is where the cpu looks when it wakes.
// - A cpu that the scenario demotes falls below everybody until its pending access is redrawn.
// - Every kPatiencePoints all priorities are redrawn: beside a loop that changes something in every round and never
//   races with what a cpu is about to do, a low priority would hold that cpu up for ever.
//
// May include: base, model. Not thread safe.
#pragma once

#include <array>
#include <cstdint>

#include "engine/base/prng.h"
#include "engine/strategy/policy.h"

namespace gridlock {

class PosStrategy : public PolicyStrategy {
 public:
  explicit PosStrategy(std::uint64_t seed);

 public:
  [[nodiscard]] LastingBytes lasting() override { return {bytes_of(prng_)}; }

 protected:
  void begin_run(const Scenario& scenario) override;
  CpuId pick(const Moment& moment) override;
  void passes(const Moment& moment) override;
  void sent_back(CpuId cpu) override;
  [[nodiscard]] std::uint32_t policy_quiet_points() const override;

 private:
  static constexpr std::uint32_t kPatiencePoints = 1024;

  Prng prng_;
  std::array<std::uint64_t, kCpusMax> priorities_{};  // by cpu: of its pending access
  CpuSet drawn_ = 0;                                  // cpus whose pending access has a priority
  std::uint32_t passes_left_ = kPatiencePoints;       // until all are redrawn
};

}  // namespace gridlock
