// Scenarios out of a random number generator: what the builtin engine runs. Small ones are likely, larger ones become
// rarer at a constant rate. Every legal scenario has a positive probability up to the sizes in the options, as far as
// its parameters lie in their fuzz ranges and its directives at the points it is given.
//
// May include: base, model. Deterministic in the Prng.
#pragma once

#include <span>

#include "engine/base/prng.h"
#include "engine/model/scenario.h"
#include "engine/model/target_schema.h"

namespace gridlock {

struct GenerateOptions {
  std::uint32_t cpus_max = 4;        // further bounded by the target; never below the target's own minimum
  std::uint32_t calls_max = 4;       // operations a cpu, at most kProgramCallsMax
  std::uint32_t directives_max = 6;  // of one schedule, at most kDirectivesMax
};

// Configuration, programs and start order; no directives. Parameters come from the fuzz range of the schema.
// ENSURES: is_legal.
[[nodiscard]] Scenario generate_program(Prng& prng, const TargetSchema& schema, const GenerateOptions& options);

// Replaces start order and directives by new ones. `points_by_cpu` is how many points each cpu passed in an earlier run
// of the same programs: directives are aimed at points that exist, and a little beyond. REQUIRES: an entry for each cpu
// that has a program, and no more than kCpusMax; further entries are the cpus that the run created. ENSURES: is_legal.
// `demotes`: false leaves preemption to a strategy and draws only interrupts, deferrals and migrations.
void generate_schedule(Prng& prng, const TargetSchema& schema, const GenerateOptions& options,
                       std::span<const std::uint32_t> points_by_cpu, bool demotes, Scenario& scenario);

}  // namespace gridlock
