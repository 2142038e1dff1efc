// See shown_states.h.
//
// May include: base, model.
#include "engine/explain/shown_states.h"

#include <algorithm>

namespace gridlock {

ShownStates::ShownStates(const Trace& trace) : trace_(trace), columns_(trace.states.size()) {
  for (std::uint32_t state = 0; state < trace.states.size(); ++state) {
    const bool changes =
        std::ranges::any_of(trace.state_changes, [&](const StateChange& change) { return change.state == state; });
    if (!changes) continue;
    columns_[state] = names_.size();
    names_.push_back(trace.states[state].name);
    texts_.push_back(trace.states[state].initially);
  }
}

std::vector<std::size_t> ShownStates::advance(std::size_t last) {
  const std::vector<std::string> before = texts_;
  for (; next_ < trace_.state_changes.size() && trace_.state_changes[next_].step <= last; ++next_) {
    const StateChange& change = trace_.state_changes[next_];
    texts_[columns_[change.state]] = change.text;
  }
  std::vector<std::size_t> changed;
  for (std::size_t i = 0; i < texts_.size(); ++i) {
    if (texts_[i] != before[i]) changed.push_back(i);
  }
  return changed;
}

bool ShownStates::changes_at(std::size_t at) const {
  return std::ranges::binary_search(trace_.state_changes, at, {}, &StateChange::step);
}

}  // namespace gridlock
