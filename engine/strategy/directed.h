// `directed`: the schedule is the scenario's own directives and nothing else. It is what replay, reduction and the
// byte-driven fuzzers run, and so the fastest of the strategies: a run costs a question a directive and one a switch.
//
// May include: base, model. Not thread safe.
#pragma once

#include "engine/strategy/directive_table.h"
#include "engine/strategy/strategy.h"

namespace gridlock {

class DirectedStrategy final : public Strategy {
 public:
  void begin(const Scenario& scenario) override;
  std::optional<Decision> decide(const Moment& moment) override;
  [[nodiscard]] std::uint32_t quiet_points(const Moment& moment) const override;

 private:
  DirectiveTable table_;
};

}  // namespace gridlock
