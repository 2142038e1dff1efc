// The report of something that was seen on real cores and did not come again on fibers: no repro, because nothing
// replays it, but all that is known. It claims no more than was seen.
//
// May include: base, model.
#pragma once

#include <cstdint>
#include <string>

#include "engine/cli/target_list.h"
#include "engine/cli/threads_worker.h"

namespace gridlock {

// The same scenario once more on real cores, with delays of its own each time.
struct SeenAgain {
  std::uint32_t seen = 0;  // runs that showed the same signature
  std::uint32_t of = 0;
};

// The text of `<signature>.seen.txt`: what, how often, where each cpu stood, the scenario in a repro's form.
[[nodiscard]] std::string seen_report(const CoreSighting& sighting, SeenAgain again, const Target& target,
                                      std::uint32_t variant);

}  // namespace gridlock
