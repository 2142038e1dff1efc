// The writable data of the program under test between runs: as it was loaded, before any constructor.
//
// May include: machine.
#pragma once

namespace gridlock::program {

// Keeps what the sections hold now. To be called once, before any code of the program has run.
void keep_pristine_data();

// Puts back what keep_pristine_data() kept. Called between runs, on the host.
void restore_pristine_data();

// Runs the program's static constructors in the order of their priorities. In a run on the cpu of main; in a program
// that was started as it is, before main.
void run_constructors(int argument_count, char** arguments, char** environment);

// Runs its functions of the same kind for the end, in the opposite order.
void run_destructors();

}  // namespace gridlock::program
