// The step after which nothing could be saved: where a picture of the run puts its mark.
//
// May include: base, model. Pure.
#pragma once

#include <cstddef>
#include <optional>

#include "engine/explain/explain.h"

namespace gridlock {

// Index of a step: of a hang, a deadlock or a livelock where the last of the stuck cpus is found stuck for good; of a
// race its second access; of an order of locks the lock that is taken last; of the rest the last step of the cpu that
// broke something. Nothing if the run is fine, or has no trace.
[[nodiscard]] std::optional<std::size_t> fatal_step(const ExplainInput& input);

}  // namespace gridlock
