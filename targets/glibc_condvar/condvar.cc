// glibc's condition variable since 2.25; see condvar.h. Memory orders are those of the original as far as known.
//
// May include: engine/hook, the standard library, this target.
#include "targets/glibc_condvar/condvar.h"

#include "engine/hook/gridlock.h"

namespace {

constexpr std::uint32_t kOne = 2;          // of a group's references and signals
constexpr std::uint32_t kClosed = 1;       // of g_signals
constexpr std::uint32_t kWakeRequest = 1;  // of g_refs
constexpr std::uint32_t kWaiter = 8;       // of wrefs

bool steals() {
  return gl_variant() == kStolenSignal;
}

// A waiter's place: its position among all, and its slot.
struct Place {
  std::uint64_t seq;
  unsigned g;
};

std::uint64_t load_g1_start(const pthread_cond& cond) {
  return cond.g1_start.load(std::memory_order_relaxed);
}

// What a waiter knows of its group, read in this order: signals that are older than g1_start are not taken for new
// ones.
struct Look {
  std::uint32_t signals;
  std::uint64_t g1_start;
};

Look look_at(const pthread_cond& cond, const Place& place) {
  const std::uint32_t signals = cond.g_signals[place.g].load(std::memory_order_acquire);
  return {signals, load_g1_start(cond)};
}

// The group has left: all its waiters have, or had, a signal.
bool is_closed(const Place& place, const Look& look) {
  return place.seq < look.g1_start >> 1;
}

// Only G1 has any to take, and it counts from g1_start.
bool has_signal(const Place& place, const Look& look) {
  if (steals()) return look.signals != 0;
  if ((look.g1_start & 1) == place.g) return false;
  const std::uint32_t lowseq = static_cast<std::uint32_t>(look.g1_start) & ~std::uint32_t{1};
  return static_cast<std::int32_t>(look.signals - lowseq) >= static_cast<std::int32_t>(kOne);
}

[[gnu::noinline]] void __condvar_dec_grefs(pthread_cond& cond, unsigned g) {
  if (cond.g_refs[g].fetch_sub(kOne, std::memory_order_release) != (kOne | kWakeRequest)) return;
  cond.g_refs[g].fetch_and(~kWakeRequest, std::memory_order_relaxed);
  cond.futex.wake(cond.g_refs[g], futex::kAll);
}

enum class Taken { kSignal, kGroupClosed, kAtRest };

// Sleeps while there is neither a signal nor an end of the group. The reference keeps the slot from a new life.
[[gnu::noinline]] Taken wait_for_signal(pthread_cond& cond, const Place& place, bool (*needed)(void*), void* arg) {
  futex::Word& slot = cond.g_signals[place.g];
  for (;;) {
    Look look = look_at(cond, place);
    if (steals() ? (look.signals & kClosed) != 0 : is_closed(place, look)) return Taken::kGroupClosed;
    if (has_signal(place, look)) {
      const std::uint32_t left = look.signals - kOne;
      if (slot.compare_exchange_strong(look.signals, left, std::memory_order_acquire)) return Taken::kSignal;
      continue;
    }
    cond.g_refs[place.g].fetch_add(kOne, std::memory_order_acquire);
    look = look_at(cond, place);
    const bool closed = is_closed(place, look) || (steals() && (look.signals & kClosed) != 0);
    if (!closed && !has_signal(place, look)) {
      if (cond.futex.wait(slot, look.signals, needed, arg) == futex::Result::kAtRest) return Taken::kAtRest;
    }
    __condvar_dec_grefs(cond, place.g);
    if (closed) return Taken::kGroupClosed;
  }
}

// The historic remedy. A waiter of an earlier life may have taken a signal of the current G1: whether it did it cannot
// tell, so it gives one back; g_size does not know of it.
[[gnu::noinline]] void give_back_stolen(pthread_cond& cond, const Place& place) {
  const std::uint64_t g1_start = load_g1_start(cond);
  if (place.seq >= g1_start >> 1 || (g1_start & 1) == place.g) return;
  futex::Word& slot = cond.g_signals[place.g];
  std::uint32_t signals = slot.load(std::memory_order_relaxed);
  while (g1_start == load_g1_start(cond)) {
    if ((signals & kClosed) != 0 || slot.compare_exchange_strong(signals, signals + kOne, std::memory_order_relaxed)) {
      cond.futex.wake(slot);
      return;
    }
  }
}

// Waits until nobody is about to sleep in the slot any more.
void wait_for_references(pthread_cond& cond, unsigned g) {
  std::uint32_t refs = cond.g_refs[g].fetch_or(0, std::memory_order_release);
  while (refs >> 1 != 0) {
    refs = cond.g_refs[g].fetch_or(kWakeRequest, std::memory_order_relaxed);
    if (refs >> 1 != 0) cond.futex.wait(cond.g_refs[g], refs | kWakeRequest);
    refs = cond.g_refs[g].load(std::memory_order_relaxed);
  }
  std::atomic_thread_fence(std::memory_order_acquire);
}

// Ends the life of G1's slot and makes G2 the new G1. False if G2 is empty: then nothing has changed.
// REQUIRES: the lock is held, and all waiters of G1 have a signal.
[[gnu::noinline]] bool __condvar_quiesce_and_switch_g1(pthread_cond& cond, unsigned& g1) {
  const std::uint64_t wseq = cond.wseq.load(std::memory_order_relaxed) >> 1;
  const std::uint64_t old_start = load_g1_start(cond) >> 1;
  const std::uint64_t new_start = old_start + cond.g1_orig_size;
  if (static_cast<std::uint32_t>(wseq - new_start) + cond.g_size[g1 ^ 1] == 0) return false;

  if (steals()) cond.g_signals[g1].fetch_or(kClosed, std::memory_order_relaxed);
  wait_for_references(cond, g1);
  cond.g1_start.store((new_start << 1) | g1, std::memory_order_relaxed);
  if (steals()) {
    cond.g_signals[g1].store(0, std::memory_order_release);
  } else {
    cond.g_signals[g1 ^ 1].store(static_cast<std::uint32_t>(new_start << 1), std::memory_order_release);
  }
  const std::uint64_t waiters = cond.wseq.fetch_xor(1, std::memory_order_release) >> 1;
  g1 ^= 1;
  cond.g1_orig_size = static_cast<std::uint32_t>(waiters - new_start);
  cond.g_size[g1] += cond.g1_orig_size;
  return cond.g_size[g1] != 0;
}

}  // namespace

void name_cond(const pthread_cond& cond) {
  cond.lock.name("cond.lock");
  gl_name(&cond.wseq, sizeof(cond.wseq), "wseq");
  gl_name(&cond.g1_start, sizeof(cond.g1_start), "g1_start");
  gl_name(&cond.wrefs, sizeof(cond.wrefs), "wrefs");
  gl_name(&cond.g1_orig_size, sizeof(cond.g1_orig_size), "g1_orig_size");
  for (unsigned g = 0; g < 2; ++g) {
    gl_name(&cond.g_refs[g], sizeof(cond.g_refs[g]), "g_refs[%u]", g);
    gl_name(&cond.g_signals[g], sizeof(cond.g_signals[g]), "g_signals[%u]", g);
    gl_name(&cond.g_size[g], sizeof(cond.g_size[g]), "g_size[%u]", g);
  }
}

[[gnu::noinline]] bool __pthread_cond_wait(pthread_cond& cond, futex::Mutex& mutex, bool (*needed)(void*), void* arg) {
  const std::uint64_t wseq = cond.wseq.fetch_add(2, std::memory_order_acquire);
  const Place place{wseq >> 1, static_cast<unsigned>(wseq & 1)};
  cond.wrefs.fetch_add(kWaiter, std::memory_order_relaxed);
  mutex.unlock();
  const Taken taken = wait_for_signal(cond, place, needed, arg);
  if (taken == Taken::kAtRest) return false;
  if (steals() && taken == Taken::kSignal) give_back_stolen(cond, place);
  cond.wrefs.fetch_sub(kWaiter, std::memory_order_release);
  mutex.lock();
  return true;
}

[[gnu::noinline]] void __pthread_cond_signal(pthread_cond& cond) {
  if (cond.wrefs.load(std::memory_order_relaxed) < kWaiter) return;
  cond.lock.lock();
  unsigned g1 = static_cast<unsigned>(cond.wseq.load(std::memory_order_relaxed) & 1) ^ 1;
  const bool has_waiter = cond.g_size[g1] != 0 || __condvar_quiesce_and_switch_g1(cond, g1);
  if (has_waiter) {
    cond.g_signals[g1].fetch_add(kOne, std::memory_order_relaxed);
    --cond.g_size[g1];
  }
  cond.lock.unlock();
  if (has_waiter) cond.futex.wake(cond.g_signals[g1]);
}
