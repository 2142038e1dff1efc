// What `gridlock explain` shows of this target beside each step.
//
// May include: engine/hook, the standard library, this target.
#pragma once

#include "engine/hook/gridlock.h"

extern const gl_state_entry kStates[];
