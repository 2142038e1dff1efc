// A program that gridlock-cc built as its own driver for AFL++.
//
// May include: all of the engine.
#include "engine/abi/program/entry.h"
#include "engine/cli/afl_driver.h"

int gridlock_command(int, char**) {
  gridlock::run_afl_driver();
}
