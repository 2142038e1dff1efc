// See policy.h. May include: base, model.
#include "engine/strategy/policy.h"

#include <algorithm>

#include "engine/base/check.h"

namespace gridlock {

CpuId highest(CpuSet set, const std::array<std::uint64_t, kCpusMax>& priorities) {
  CpuId best = lowest(set);
  for (CpuSet rest = set; rest != 0; rest &= rest - 1) {
    const CpuId cpu = lowest(rest);
    if (priorities[cpu.value()] > priorities[best.value()]) best = cpu;
  }
  return best;
}

CpuId uniformly(Prng& prng, CpuSet set) {
  for (std::uint32_t skip = prng.below(static_cast<std::uint32_t>(std::popcount(set))); skip > 0; --skip) {
    set &= set - 1;
  }
  return lowest(set);
}

void PolicyStrategy::begin(const Scenario& scenario) {
  table_.load(scenario);
  begin_run(scenario);
}

std::optional<Decision> PolicyStrategy::decide(const Moment& moment) {
  GRIDLOCK_CHECK(contains(moment.runnable, moment.cpu));
  if (const auto decision = table_.take(moment.cpu, moment.point)) {
    if (decision->action == Action::kDemote) sent_back(moment.cpu);
    return decision;
  }
  const CpuId picked = pick(moment);
  GRIDLOCK_CHECK(contains(moment.runnable, picked));
  if (picked != moment.cpu) return Decision{Action::kDemote};
  passes(moment);
  return std::nullopt;
}

std::uint32_t PolicyStrategy::quiet_points(const Moment& moment) const {
  return std::min(policy_quiet_points(), table_.quiet_points(moment.cpu, moment.point));
}

}  // namespace gridlock
