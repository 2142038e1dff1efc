// What must hold when a run has come to rest: nothing is lost, nothing is held.
//
// May include: engine/hook, the standard library, this target.
#pragma once

#include "engine/hook/gridlock.h"

// For the target's table; ends with an entry without a name.
extern const gl_invariant_entry kInvariants[];
