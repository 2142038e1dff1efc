#include "engine/cli/journal.h"

namespace gridlock {

void JournalStrategy::begin(const Scenario& scenario) {
  page_.decision_count.store(0, std::memory_order_relaxed);
  decider_.begin(scenario);
}

std::optional<Decision> JournalStrategy::decide(const Moment& moment) {
  const auto decision = decider_.decide(moment);
  const auto made = page_.decision_count.load(std::memory_order_relaxed);
  if (!decision || made >= kDirectivesMax) return decision;
  Directive& entry = page_.decisions[made];
  entry.cpu = moment.cpu;
  entry.point = moment.point;
  entry.action = decision->action;
  entry.a = decision->a;
  entry.b = decision->b;
  page_.decision_count.store(made + 1, std::memory_order_relaxed);
  return decision;
}

}  // namespace gridlock
