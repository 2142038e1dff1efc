// The driver for AFL++ with the targets of folders.
//
// May include: all of the engine.
#include "engine/cli/afl_driver.h"

int main() {
  gridlock::run_afl_driver();
}
