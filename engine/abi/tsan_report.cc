// ThreadSanitizer's reports as data, in place of its printed text: who accessed what from where. The hook is compiler-
// rt's weak OnReport; returning true keeps the runtime from printing, for the judge has the word.
//
// May include: base, hook, machine.
#include <sanitizer/tsan_interface.h>

#include "engine/machine/hook_code.h"
#include "engine/machine/machine_impl.h"
#include "engine/machine/parallel_cpu.h"

extern "C" {
void* __tsan_get_current_report();
int __tsan_get_report_data(void* report, const char** description, int* count, int* stack_count, int* mop_count,
                           int* location_count, int* mutex_count, int* thread_count, int* unique_tid_count,
                           void** sleep_trace, unsigned long trace_size);
int __tsan_get_report_mop(void* report, unsigned long index, int* thread, void** address, int* size, int* write,
                          int* atomic, void** trace, unsigned long trace_size);

// Reports are kept apart by nothing but the judge's signature; the runtime's own filters would hide the second run of
// the same race. Symbols are the engine's business: the runtime would start a process for each.
const char* __tsan_default_options() {
  return "exitcode=0:halt_on_error=0:symbolize=0:report_thread_leaks=0:report_signal_unsafe=0:"
         "suppress_equal_stacks=0:suppress_equal_addresses=0:atexit_sleep_ms=0:handle_segv=0:handle_sigbus=0:"
         "handle_sigfpe=0:handle_sigill=0:handle_abort=0";
}
}

namespace {

// Others are about the misuse of an object of the C library by code that runs on threads of its own.
bool is_about_two_accesses(void* report) {
  const char* description = nullptr;
  int count = 0, stacks = 0, accesses = 0, locations = 0, mutexes = 0, threads = 0, unique_threads = 0;
  void* sleep[1] = {};
  __tsan_get_report_data(report, &description, &count, &stacks, &accesses, &locations, &mutexes, &threads,
                         &unique_threads, sleep, 1);
  return accesses >= 2;
}

}  // namespace

namespace __tsan {

class ReportDesc;

bool OnReport(const ReportDesc*, bool) {
  gridlock::MachineImpl* const machine = gridlock::MachineImpl::current();
  gridlock::ParallelCpu* const cpu = gridlock::parallel_cpu();
  if (machine == nullptr && cpu == nullptr) return false;
  gridlock::RawRace race;
  void* const report = __tsan_get_current_report();
  if (!is_about_two_accesses(report)) return false;
  for (unsigned long i = 0; i < 2; ++i) {
    int thread = 0, size = 0, write = 0, atomic = 0;
    void* address = nullptr;
    void* trace[gridlock::kFailureFramesMax] = {};
    __tsan_get_report_mop(report, i, &thread, &address, &size, &write, &atomic, trace, gridlock::kFailureFramesMax);
    // The runtime names the access that has just been made first.
    auto& access = race.accesses[1 - i];
    access.is_write = write != 0;
    access.is_atomic = atomic != 0;
    if (i == 0) {
      race.address = reinterpret_cast<std::uint64_t>(address);
      race.bytes = static_cast<std::uint64_t>(size);
    }
    for (void* const frame : trace) {
      if (frame == nullptr) break;
      // A volatile access is made in a hook, whose frame stands above the target's.
      if (gridlock::in_hook(reinterpret_cast<std::uint64_t>(frame))) continue;
      const auto code = reinterpret_cast<std::uint64_t>(frame);
      access.frames[access.frame_count++] = machine != nullptr ? machine->site_of(code) : cpu->site_of(code);
    }
  }
  if (machine != nullptr) {
    machine->sanitizer_reported(race);
  } else {
    cpu->sanitizer_reported(race);
  }
  return true;
}

}  // namespace __tsan
