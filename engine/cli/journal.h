// A strategy that writes down what another one decides, in the page that the parent shares: should the run kill the
// process, its schedule is known all the same.
//
// May include: base, model, strategy.
#pragma once

#include "engine/cli/run_page.h"
#include "engine/strategy/strategy.h"

namespace gridlock {

// Works on a cpu's stack inside a run: no allocation, no call into libc. Not thread safe.
class JournalStrategy final : public Strategy {
 public:
  // Both outlive this object.
  JournalStrategy(Strategy& decider, RunPage& page) : decider_(decider), page_(page) {}

  void begin(const Scenario& scenario) override;
  std::optional<Decision> decide(const Moment& moment) override;
  [[nodiscard]] LastingBytes lasting() override { return decider_.lasting(); }
  [[nodiscard]] std::uint32_t quiet_points(const Moment& moment) const override {
    return decider_.quiet_points(moment);
  }

 private:
  Strategy& decider_;
  RunPage& page_;
};

}  // namespace gridlock
