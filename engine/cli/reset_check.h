// Whether a program can run again and again in one process: tried, not guessed. A few schedules are run one after the
// other in one process, each several times, and each for itself in a process that has run nothing. If some run is not
// the same (its points, the sites of its steps, its end), or leaves files open, something outlives a run, and the
// program needs a process for each.
//
// May include: base, model, decode, machine.
#pragma once

#include <string>

#include "engine/base/error.h"
#include "engine/cli/options.h"
#include "engine/cli/session.h"

namespace gridlock {

struct ResetCheck {
  bool can_reset = true;
  std::string why;  // not: one sentence
};

// Runs `target`, a program, in children. A run that dies says nothing: that it can reset is then assumed, for the
// campaign will find it. ERRORS: as ChildRunner; the program calls what Gridlock does not control.
[[nodiscard]] Result<ResetCheck> check_reset(Tools tools, const Target& target, std::uint32_t variant, RunPage& page);

// `tools` as the command is to use them for `target`. Tells a person where each run gets a process of its own though
// nobody asked for it. ERRORS: as check_reset.
[[nodiscard]] Result<Tools> choose_process(Tools tools, RunsIn wanted, const Target& target, std::uint32_t variant,
                                           RunPage& page);

}  // namespace gridlock
