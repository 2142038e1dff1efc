// What the C library keeps for a program and would keep from run to run: the state of rand and getopt, what is buffered
// for stdout, the environment, the locale. Only what has an interface to put it back; what has none (the state of
// strtok, a file left open) is for the check at the start of a campaign to notice, which then makes a process a run.
//
// May include: nothing.
#pragma once

namespace gridlock::program {

// Keeps what there is now. To be called once, before any code of the program has run.
void keep_library_state();

// Puts it back. Called between runs, on the host.
void restore_library_state();

}  // namespace gridlock::program
