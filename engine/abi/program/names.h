// The names of the program's global variables in traces.
//
// May include: base, machine.
#pragma once

namespace gridlock::program {

// Names each variable of the program's sections as its source does. For a run that is traced; called in setup().
void name_globals();

}  // namespace gridlock::program
