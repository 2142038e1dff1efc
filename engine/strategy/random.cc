// See random.h. May include: base, model.
#include "engine/strategy/random.h"

namespace gridlock {
RandomStrategy::RandomStrategy(std::uint64_t seed) : prng_(seed) {}

void RandomStrategy::begin_run(const Scenario&) {
  picked_.reset();
}

CpuId RandomStrategy::pick(const Moment& moment) {
  if (!picked_ || !contains(moment.runnable, *picked_)) picked_ = uniformly(prng_, moment.runnable);
  return *picked_;
}

void RandomStrategy::passes(const Moment&) {
  picked_.reset();
}

void RandomStrategy::sent_back(CpuId) {
  picked_.reset();
}

// Every point is a draw of its own.
std::uint32_t RandomStrategy::policy_quiet_points() const {
  return 0;
}

}  // namespace gridlock
