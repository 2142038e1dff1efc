// Asks threads that will never come back where they stand. By a signal whose handler does not return: the process has
// nothing left to do but to report. By bare system calls, because ThreadSanitizer puts off the handlers of asynchronous
// signals until the thread calls something that it intercepts, which a spinning thread does not.
//
// May include: base, model, hook, machine.
#pragma once

#include <span>

#include "engine/threads/thread_cpu.h"

namespace gridlock {

struct DumpedThread {
  ThreadCpu* cpu = nullptr;
  int thread_id = 0;  // of gettid(2)
};

// Dumps the stacks of the cpus and stops their threads for good. Waits at most a second for each: one that does not
// answer is shown without stacks. To be called once a process.
void stop_and_dump(std::span<const DumpedThread> threads);

}  // namespace gridlock
