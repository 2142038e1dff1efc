// Small programs with threads for the tests of engine/abi/program, each one operation of the target `programs`. They
// include nothing of Gridlock but this: what they call are the C and C++ libraries. Each can be called natively too.
//
// May include: hook.
#pragma once

#include <cstdint>

#include "engine/hook/gridlock.h"

// Ended by nullptr.
extern "C" const gl_target* const machine_test_targets[];

namespace programs {

// What a program has to say; the test compares it between a run and the native call.
struct Results {
  static constexpr int kResultsMax = 256;
  int count;
  long values[kResultsMax];
};

}  // namespace programs

extern "C" programs::Results program_results;

namespace programs {

inline void say(long value) {
  if (program_results.count < Results::kResultsMax) program_results.values[program_results.count++] = value;
}

// Each file's, ended by one without a name.
extern const gl_operation_entry code_programs[], cpp_programs[], order_programs[], wait_programs[], end_programs[];

}  // namespace programs

// A program by the name of its function.
#define PROGRAM(name) \
  {                   \
    #name, name, {}   \
  }
