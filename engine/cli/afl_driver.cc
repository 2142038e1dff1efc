// The AFL++ driver of a flavour, with all targets, of which a process runs one. `gridlock fuzz --engine afl` runs it
// below afl-fuzz and under its supervision; afl-fuzz alone runs it too, and so do the other tools of AFL++:
//
//     GRIDLOCK_TARGET=xen-pv-spinlock afl-fuzz -i seeds -o out -- build/bin/gridlock-afl
//
// What it is told by variables, and what it does with a bug: engine/cli/fuzz_driver.h.
//
// afl-fuzz starts a fork server, which is this process once everything is set up, and which forks a runner; the runner
// takes one input after the other from shared memory (persistent mode). A runner that dies in a run is followed by
// another, which tells the parent before it runs anything. All of them go when afl-fuzz does, however it ends.
//
// May include: all of the engine.
#include "engine/cli/afl_driver.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <limits>

#include "engine/cli/afl_coverage.h"
#include "engine/cli/fuzz_driver.h"

extern "C" {
// AFL++'s runtime (afl-compiler-rt.o); afl-cc would write calls of these into a program.
extern std::uint8_t* __afl_fuzz_ptr;
extern std::uint32_t* __afl_fuzz_len;
void __afl_manual_init();
int __afl_persistent_loop(unsigned runs_max);
int __afl_sharedmem_fuzzing = 1;  // inputs come in shared memory

// afl-fuzz looks for these words in the program's file: it keeps its state from run to run, and starts the fork server
// itself.
[[gnu::used, gnu::retain]] extern const char gridlock_afl_persistent[] = "##SIG_AFL_PERSISTENT##";
[[gnu::used, gnu::retain]] extern const char gridlock_afl_deferred[] = "##SIG_AFL_DEFER_FORKSRV##";
}

namespace gridlock {
namespace {

constexpr const char* kMapVariable = "__AFL_SHM_ID";
constexpr const char* kInputVariable = "__AFL_SHM_FUZZ_ID";

void die_with_parent() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
}

// Shared memory of the old kind outlives its processes, unless it is told beforehand to go with the last of them:
// afl-fuzz only does so in an orderly end.
void let_shared_memory_go() {
  for (const char* variable : {kMapVariable, kInputVariable}) {
    if (const char* id = std::getenv(variable)) ::shmctl(std::atoi(id), IPC_RMID, nullptr);
  }
}

// AFL++ takes the end of a runner for the end of a run, so it has to be ended itself; it kills this process.
[[noreturn]] void end_instance(pid_t afl_fuzz) {
  ::kill(afl_fuzz, SIGTERM);
  for (;;) ::pause();
}

[[noreturn]] void run_inputs(FuzzDriver& driver, pid_t afl_fuzz) {
  feedback::InterleavingMap interleavings;
  driver.begin();
  forget_coverage();
  while (__afl_persistent_loop(std::numeric_limits<unsigned>::max()) != 0) {
    if (driver.should_end()) end_instance(afl_fuzz);
    driver.run_one({__afl_fuzz_ptr, *__afl_fuzz_len}, interleavings);
    publish_coverage(interleavings.touched(), driver.code_edges());
  }
  ::_exit(0);
}

}  // namespace

void run_afl_driver() {
  die_with_parent();
  const pid_t afl_fuzz = ::getppid();
  if (std::getenv(kMapVariable) == nullptr || std::getenv(kInputVariable) == nullptr) {
    leave_with_wrong_use({"start the driver", "", "it runs below afl-fuzz: see `gridlock fuzz --engine afl`"});
  }
  auto driver = FuzzDriver::create();
  if (!driver) leave_with_wrong_use(driver.error());
  __afl_manual_init();
  // From here on in a runner.
  die_with_parent();
  let_shared_memory_go();
  run_inputs(**driver, afl_fuzz);
}

}  // namespace gridlock
