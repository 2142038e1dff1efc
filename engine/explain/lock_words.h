// The words for a deadlock that did not happen: what each cpu of the circle holds and takes, where, and why they can
// meet.
//
// May include: base, model. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/explain/ending.h"
#include "engine/explain/explain.h"
#include "engine/explain/words.h"
#include "engine/model/lock_graph.h"

namespace gridlock {

// What the target calls the lock, or else its class.
[[nodiscard]] std::string lock_text(const LockObject& lock, const Words& words);

// REQUIRES: input.lock_order is set.
[[nodiscard]] std::vector<Stand> lock_stands(const ExplainInput& input, const Words& words);

// The steps, as indices, at which the cpus of the circle took the locks of it.
[[nodiscard]] std::vector<std::size_t> lock_steps(const LockOrderReport& report, const std::vector<Step>& steps);

}  // namespace gridlock
