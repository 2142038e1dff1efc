// Code under test for the benchmarks, compiled and instrumented like targets.
//
// May include: hook.
#pragma once

#include "engine/hook/gridlock.h"

namespace bench_targets {

// The operations of `accesses`, in the order of its table; each takes a number of rounds. kPoll loads the same word
// again and again with a count in a register, as a spin with a budget does: the machine looks whether it is a spin for
// ever.
enum class Accesses : unsigned { kLoad, kPoll, kStore, kFetchAdd, kPlain };

struct Targets {
  // operation 1: takes a ticket and never gives it back
  const gl_target* ticket;      // operation 0: one section
  const gl_target* run_queue;   // operation 0: one turn of a cpu's scheduler
  const gl_target* neighbours;  // operation 0: one section under the next cpu's lock; as many locks as cpus
  const gl_target* accesses;
};

}  // namespace bench_targets

extern "C" const bench_targets::Targets bench_target_table;
