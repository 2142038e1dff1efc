// Small pieces of code under test for the machine's own tests, compiled and instrumented like targets.
//
// May include: hook.
#pragma once

#include "engine/hook/gridlock.h"

// Ended by nullptr, found by name.
extern "C" const gl_target* const machine_test_targets[];

namespace test_targets {
extern const gl_target ticket, abba, lost_wakeup, spin_forever, assertion, livelock, irq, race, plain_spin, overflow,
    use_after_free, polling, accesses, proofs, delivery, invariants, invariants_at_rest, races, memory_errors,
    addresses, litmus, litmus_kernel, oracles, lock_orders;
}
