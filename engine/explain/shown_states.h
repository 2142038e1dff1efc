// The state that a target shows beside the steps (gl_state_entry), as far as it changes in the run.
//
// May include: base, model. Pure; borrows the trace.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/model/trace.h"

namespace gridlock {

class ShownStates {
 public:
  explicit ShownStates(const Trace& trace);

  // The states that change, in the order of the target's table; what follows counts by this list.
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  // What is shown now; at first what it was before the run.
  [[nodiscard]] const std::vector<std::string>& texts() const { return texts_; }
  // Goes on to what is shown after step `last`; returns which states that changed, in ascending order.
  // REQUIRES: `last` is not below that of the call before.
  std::vector<std::size_t> advance(std::size_t last);
  // True if step `at` changed something.
  [[nodiscard]] bool changes_at(std::size_t at) const;

 private:
  const Trace& trace_;
  std::vector<std::size_t> columns_;  // by state of the trace: its index in names_
  std::vector<std::string> names_;
  std::vector<std::string> texts_;
  std::size_t next_ = 0;  // in trace_.state_changes
};

}  // namespace gridlock
