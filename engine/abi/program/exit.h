// How a program under test ends: return from main, exit and its kin, abort, a failing assert, an exception that nobody
// catches. Each is an end of the run; none ends the process.
//
// May include: base, machine.
#pragma once

#include <cstddef>

namespace gridlock::program {

// Forgets what the run before registered. Called between runs, on the host.
void reset_exit();

// What exit(3) does: thread_local destructors of the calling thread, what atexit and its kin registered, latest first,
// then the end of the run: complete if `status` is 0, whatever other threads still do, otherwise an assertion that
// names the status. `hook_frame`: of the wrapper that the program called; nullptr: main has returned.
// REQUIRES: in_run().
[[noreturn]] void exit_program(int status, const void* hook_frame);

}  // namespace gridlock::program
