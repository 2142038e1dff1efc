// A minimal scenario becomes a repro: every variant's verdict goes into its `expect` lines, and each directive gets the
// place in the code where it applies.
//
// May include: base, model, judge, machine.
#pragma once

#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/cli/run_page.h"
#include "engine/cli/session.h"
#include "engine/model/finding.h"

namespace gridlock {

// Runs the scenario against all other variants, in children. The first expectation is of `variant`, whose verdict is
// `verdict`. ERRORS: as ChildRunner.
[[nodiscard]] Result<Repro> build_repro(Tools tools, const Target& target, std::uint32_t variant, RunPage& page,
                                        const Scenario& scenario, const Verdict& verdict);

// By directive: "function (file:line)" of the point that it names, or empty where the run did not come that far.
[[nodiscard]] std::vector<std::string> site_hints(const Scenario& scenario, const Trace& trace, const SiteNames& names);

}  // namespace gridlock
