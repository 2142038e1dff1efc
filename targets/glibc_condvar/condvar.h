// glibc's condition variable since 2.25: waiters are in two groups. New ones join G2; signals go to G1 only, and when
// all of G1 have one, G2 becomes G1. The historic bug is BZ 25847; variants differ where `steals()` is asked.
//
//     wseq      waiters so far * 2 + which of the two slots is G2         position and group of a new waiter
//     g1_start  position of the first waiter of G1 * 2 + the same bit
//     slot s:   g_signals[s] that its waiters sleep on and take from; g_refs[s] those about to sleep; g_size[s] without
//               a signal
//
// In stolen-signal a slot's signals are counted from 0 in each of its lives, with bit 0 for "closed". So a waiter that
// is slow can take a signal out of a later life of its slot. It puts one back if it thinks so, which is once too many
// if it had its own. In counted-from-g1-start the numbers of one life never come again.
//
// May include: engine/hook, the standard library.
#pragma once

#include <atomic>
#include <cstdint>

#include "engine/hook/futex.h"

// In the order of the target's table.
enum Variant : unsigned { kStolenSignal, kCountedFromG1Start };

struct pthread_cond {
  explicit pthread_cond(futex::Futex& shared) : futex(shared), lock(shared) {}

  futex::Futex& futex;
  futex::Mutex lock;  // in glibc the two low bits of g1_orig_size
  std::atomic<std::uint64_t> wseq{0};
  std::atomic<std::uint64_t> g1_start{0};
  std::atomic<std::uint32_t> wrefs{0};  // waiters * 8; the low bits are flags
  futex::Word g_refs[2]{};              // * 2, and bit 0: somebody waits for it to become 0
  futex::Word g_signals[2]{};           // * 2
  std::uint32_t g_size[2] = {};         // guarded by `lock`
  std::uint32_t g1_orig_size = 0;       // guarded by `lock`
};

void name_cond(const pthread_cond& cond);

// Returns false if all sleep for ever and `needed` says that this waiter does not mind: then the mutex is not taken
// again, and the condition variable may not be used any more.
bool __pthread_cond_wait(pthread_cond& cond, futex::Mutex& mutex, bool (*needed)(void*), void* arg);
void __pthread_cond_signal(pthread_cond& cond);
