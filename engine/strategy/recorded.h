// `recorded`: follows the order in which the points of a run were passed elsewhere, on real cores, as far as it can.
// It is no replay. There the cpus ran at once, spun as often as chance had it, and their clocks are as exact as they
// are; here one step follows the other and a cpu that spins is stuck. So the order is a list of wishes, by cpu:
//
//     order     0:A 1:B 0:C 1:B 1:B 0:A ...      cpu:access
//     cpu 0     A(1) C(3) A(6)                   its next wish, with the place it had in the order
//     cpu 1     B(2) B(4) B(5)
//
// - Who runs: the runnable cpu whose next wish has the lowest place; one without wishes comes last.
// - A cpu that passes looks for its access among its next kWindow wishes: those in front of it did not come true here
//   (rounds of a spin) and are dropped. If it is not among them, the step is one that was not taken there, and the wish
//   stays, for at most kExtraStepsMax steps in a row.
// - With `blur` > 0 each place is moved at random by up to that many places first, a cpu's own wishes staying in order:
// a
//   neighbour of the order, for those that clocks could not tell apart.
//
// May include: base, model. Not thread safe.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "engine/base/prng.h"
#include "engine/model/recorded_order.h"
#include "engine/strategy/policy.h"

namespace gridlock {

class RecordedStrategy final : public PolicyStrategy {
 public:
  // The wishes of one order; `seed` matters only with a blur. Cpus at or above kCpusMax are left out.
  RecordedStrategy(const RecordedOrder& order, std::uint32_t blur, std::uint64_t seed);

  static constexpr std::uint32_t kWindow = 64;
  static constexpr std::uint32_t kExtraStepsMax = 32;

 protected:
  void begin_run(const Scenario& scenario) override;
  CpuId pick(const Moment& moment) override;
  void passes(const Moment& moment) override;
  void sent_back(CpuId cpu) override;
  [[nodiscard]] std::uint32_t policy_quiet_points() const override { return 0; }

 private:
  struct Wish {
    std::uint64_t place = 0;
    std::uint64_t address = 0;
    bool is_write = false;
  };
  static constexpr std::uint64_t kNoPlace = UINT64_MAX;

  [[nodiscard]] std::uint64_t place_of(std::uint32_t cpu) const;

  std::array<std::vector<Wish>, kCpusMax> wishes_;
  std::array<std::size_t, kCpusMax> next_{};
  std::array<std::uint32_t, kCpusMax> extra_steps_{};
};

}  // namespace gridlock
