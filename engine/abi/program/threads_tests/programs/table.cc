// The target `programs`: all programs as operations.
//
// May include: hook.
#include "engine/abi/program/threads_tests/programs/programs.h"

extern "C" {
programs::Results program_results;
}

namespace gridlock::program {
void threads_begin();
extern const gl_vector_entry thread_vectors[];
}  // namespace gridlock::program

namespace {

constexpr int kProgramsMax = 200;
gl_operation_entry all_programs[kProgramsMax + 1];

void add(const gl_operation_entry* programs, int& count) {
  for (; programs->name != nullptr && count < kProgramsMax; ++programs) all_programs[count++] = *programs;
}

const gl_operation_entry* collect() {
  int count = 0;
  add(programs::code_programs, count);
  add(programs::cpp_programs, count);
  add(programs::order_programs, count);
  add(programs::wait_programs, count);
  add(programs::end_programs, count);
  return all_programs;
}

const gl_variant_entry variants[] = {{"only", "", "ok"}, {}};

const gl_target target = {
    .name = "programs",
    .summary = "programs with threads",
    .models = "",
    .cpus_minimum = 1,
    .cpus_maximum = 1,
    .variants = variants,
    .operations = collect(),
    .vectors = gridlock::program::thread_vectors,
    .setup = gridlock::program::threads_begin,
};

}  // namespace

extern "C" const gl_target* const machine_test_targets[] = {&target, nullptr};
