// What the wrapped functions of a program (pthread_*, malloc, exit, ...) need to know of the run that is under way.
//
// A program that gridlock-cc or gridlock-c++ built calls its C library through wrappers: while a run is under way they
// are Gridlock's, otherwise they pass through to the C library's own.
//
// May include: base, hook, machine.
#pragma once

#include <cstddef>

#include "engine/machine/machine_impl.h"

namespace gridlock::program {

// True while code of the program runs on a virtual cpu. False in the engine's own code, in its threads, and in a
// program that was started as it is.
[[nodiscard]] inline bool in_run() {
  const MachineImpl* const machine = MachineImpl::current();
  return machine != nullptr && machine->in_target();
}

// Zeroed memory that lives until the end of the run; ends the run if there is no more. REQUIRES: in_run().
[[nodiscard]] void* run_allocate(std::size_t size, std::size_t align);

// Ends the run with a verdict at the call whose wrapper has this frame pointer. `what` lives as long as the program.
// REQUIRES: in_run().
[[noreturn]] void end_run(RunEnd end, const char* what, const void* hook_frame);

// Ends the run because the program called what Gridlock does not control; the command ends with an error that names
// `function`, which lives as long as the program, and the line of the call. REQUIRES: in_run().
[[noreturn]] void refuse(const char* function, const void* hook_frame);

}  // namespace gridlock::program
