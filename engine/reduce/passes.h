// The passes of a reduction, each a greedy descent in one direction. All of them go through Search, which decides what
// is tried and what is better; a pass only proposes. A pass may be run again at any time, and what it tried before
// costs a look-up.
//
// May include: base, model. Deterministic.
#pragma once

#include "engine/model/target_schema.h"
#include "engine/reduce/search.h"

namespace gridlock {

// Drops whole cpus, down to the target's minimum; then empties the programs of those that must stay.
void shrink_cpus(Search& search, const TargetSchema& schema);

// Drops operations in ever smaller runs, then one by one until none can go, moving the directives behind them along.
void shrink_calls(Search& search);

// Drops directives in ever smaller runs, then one by one until none can go, then pairs.
void shrink_directives(Search& search);

// Towards starting in the order of their numbers.
void shrink_start_order(Search& search);

// Parameters, arguments, points and deferrals, each towards its minimum by halved steps.
void shrink_numbers(Search& search, const TargetSchema& schema);

// For a scenario that no other pass can shrink: drops one thing, or lowers one number of the program, and moves one or
// two of the directives that stay by a few points, or one cpu in the start order, to make up for it. Returns at the
// first success, because then the other passes are cheaper again.
void re_aim(Search& search, const TargetSchema& schema);

// Tries to drop each single directive, operation and cpu. False if every one of them was tried, now or before, and
// loses: the best is 1-minimal (unless the search is exhausted).
bool drop_any_single(Search& search, const TargetSchema& schema);

}  // namespace gridlock
