// The end of a process, for the tests of threads: a run that ends there is complete.
//
// Used by tests only. May include: base, hook, machine.
#include "engine/abi/program/exit.h"
#include "engine/abi/program/run.h"

namespace gridlock::program {

void exit_program(int, const void* hook_frame) {
  end_run(RunEnd::kCompleted, "exit", hook_frame);
}

}  // namespace gridlock::program
