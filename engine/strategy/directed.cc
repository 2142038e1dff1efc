// See directed.h. May include: base, model.
#include "engine/strategy/directed.h"

namespace gridlock {

void DirectedStrategy::begin(const Scenario& scenario) {
  table_.load(scenario);
}

std::optional<Decision> DirectedStrategy::decide(const Moment& moment) {
  return table_.take(moment.cpu, moment.point);
}

std::uint32_t DirectedStrategy::quiet_points(const Moment& moment) const {
  return table_.quiet_points(moment.cpu, moment.point);
}

}  // namespace gridlock
