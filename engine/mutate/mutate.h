// Mutations of scenarios that know what a scenario is, for every engine: the builtin one, libFuzzer and AFL++ (those
// two through mutate_bytes.h).
//
// A mutation is one to a few edits (edits.h), drawn by weight (edit_table.h). What is known of a run of the scenario
// makes edits aim at words that cpus share and at windows in which an interrupt is taken; without it they are blind,
// and all the same legal.
//
// May include: base, model, decode. Pure functions of their arguments, deterministic in the Prng, thread safe.
#pragma once

#include <span>

#include "engine/base/prng.h"
#include "engine/decode/generate.h"
#include "engine/model/run_profile.h"
#include "engine/model/scenario.h"
#include "engine/model/target_schema.h"

namespace gridlock {

// What is known of runs. All borrowed for the time of the call, all optional.
struct MutationAim {
  const RunProfile* profile = nullptr;  // of the scenario that is mutated, as it is
  std::span<const Site> sites = {};  // seen in other runs and worth a preemption: rare, or where control changed hands
};

struct MutationOptions {
  // What grows stops growing here but for one time in eight: small scenarios find as much and run faster.
  GenerateOptions generate;
  bool demotes = true;   // false: preemption is left to a strategy; no demote is added, those that are there may stay
  bool programs = true;  // false: programs, parameters and the number of cpus stay as they are
};

// One to a few edits. REQUIRES: is_legal(scenario, schema). ENSURES: is_legal; the scenario differs from what it was,
// but for one without options.programs whose schedule could not be changed.
void mutate(Prng& prng, const TargetSchema& schema, const MutationOptions& options, const MutationAim& aim,
            Scenario& scenario);

// Programs and schedule of both: one of them with parts of the other. REQUIRES: both are legal. ENSURES: is_legal;
// without options.demotes, no demotes but those of one parent. Where that gives a parent again, it is mutated.
[[nodiscard]] Scenario cross_over(Prng& prng, const TargetSchema& schema, const MutationOptions& options,
                                  const Scenario& a, const Scenario& b);

}  // namespace gridlock
