// What the driver for AFL++ does below afl-fuzz: afl_driver.cc has the whole story.
//
// May include: nothing of the engine.
#pragma once

namespace gridlock {

// Runs what afl-fuzz sends until it is told to end; ends the process, with the exit code of a wrong use where it was
// not started by afl-fuzz.
[[noreturn]] void run_afl_driver();

}  // namespace gridlock
