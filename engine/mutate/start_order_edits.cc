// Edits of the priority list that a run starts with. May include: base, model, decode.
#include <algorithm>
#include <utility>

#include "engine/mutate/edits.h"

namespace gridlock {

bool swap_in_start_order(EditContext& context, Scenario& scenario) {
  auto& order = scenario.start_order;
  if (order.size() < 2) return false;
  const std::uint32_t left = context.index(order.size());
  const std::uint32_t step = 1 + context.index(order.size() - 1);
  std::swap(order[left], order[(left + step) % order.size()]);
  return true;
}

bool rotate_start_order(EditContext& context, Scenario& scenario) {
  auto& order = scenario.start_order;
  if (order.size() < 2) return false;
  std::ranges::rotate(order, order.begin() + 1 + context.index(order.size() - 1));
  return true;
}

bool promote_in_start_order(EditContext& context, Scenario& scenario) {
  auto& order = scenario.start_order;
  if (order.size() < 2) return false;
  const auto chosen = order.begin() + 1 + context.index(order.size() - 1);
  std::rotate(order.begin(), chosen, chosen + 1);
  return true;
}

}  // namespace gridlock
