// `random`: a naive random walk. At every point the cpu that takes it is drawn uniformly from the runnable ones, as
// C11Tester does (Luo and Demsky, "C11Tester: A Race Detector for C/C++ Atomics", ASPLOS 2021). It has no
// memory and no bound on the probability of a bug: a long stretch without a switch is exponentially rare. Kept as the
// baseline that the other policies are measured against.
//
// May include: base, model. Not thread safe.
#pragma once

#include <optional>

#include "engine/base/prng.h"
#include "engine/strategy/policy.h"

namespace gridlock {

class RandomStrategy final : public PolicyStrategy {
 public:
  explicit RandomStrategy(std::uint64_t seed);

 public:
  [[nodiscard]] LastingBytes lasting() override { return {bytes_of(prng_)}; }

 protected:
  void begin_run(const Scenario& scenario) override;
  CpuId pick(const Moment& moment) override;
  void passes(const Moment& moment) override;
  void sent_back(CpuId cpu) override;
  [[nodiscard]] std::uint32_t policy_quiet_points() const override;

 private:
  Prng prng_;
  std::optional<CpuId> picked_;  // drawn, and not yet the highest of the priority list
};

}  // namespace gridlock
