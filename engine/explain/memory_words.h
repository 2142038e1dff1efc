// The words for a memory error that the engine itself finds: which block was hit and where, who freed it.
//
// May include: base, model. Pure.
#pragma once

#include <string>
#include <vector>

#include "engine/explain/history.h"
#include "engine/explain/words.h"

namespace gridlock {

// Lines below the failure's own. REQUIRES: failure.access.
[[nodiscard]] std::vector<std::string> bad_access_lines(const Words& words, const History& history,
                                                        const Failure& failure);

}  // namespace gridlock
