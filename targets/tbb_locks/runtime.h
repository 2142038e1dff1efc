// What oneTBB's headers call in its shared library, for a target that has headers only: memory from the run's arena,
// and waiting. The library's own waiting is not under test; this has its contract:
//
//     wait:    join the waiters, then ask the condition once more; sleep if it still says so, until notified
//     notify:  those of the waiters that are meant go on, and ask their conditions themselves
//
// So a waiter that joins before the notifier looks is found, and a notification that nobody waits for is forgotten.
//
// Include it in exactly one source of a target: it defines these functions.
//
// May include: engine/hook, the standard library, oneTBB.
#pragma once

#include <oneapi/tbb/cache_aligned_allocator.h>
#include <oneapi/tbb/detail/_exception.h>
#include <oneapi/tbb/detail/_waitable_atomic.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"
#include "engine/hook/oracles.h"

namespace tbb_runtime {

enum State : std::uint32_t { kNone, kWaiting, kNotified };

// The waiters, by cpu: a cpu waits in one place at a time.
struct Waiter {
  std::atomic<std::uint32_t> state{kNone};
  std::atomic<const void*> address{nullptr};
  std::atomic<std::uintptr_t> context{0};
};

inline Waiter* waiters = nullptr;
// False is broken on purpose: waiters sleep without asking again after they joined.
inline bool asks_again = true;

inline void begin_run(bool waiters_ask_again) {
  waiters = new (gl_alloc(sizeof(Waiter) * oracle::kCpusMax, alignof(Waiter))) Waiter[oracle::kCpusMax];
  asks_again = waiters_ask_again;
}

inline bool is_notified(void* waiter) {
  return static_cast<Waiter*>(waiter)->state.load() == kNotified;
}

// Notifies at most `count` of those who wait at `address` and of whose context `is_meant` says so.
template <class IsMeant>
inline void notify(const void* address, std::uint32_t count, IsMeant is_meant) {
  for (unsigned cpu = 0; cpu < gl_cpu_count() && count != 0; ++cpu) {
    Waiter& waiter = waiters[cpu];
    if (waiter.state.load() != kWaiting || waiter.address.load() != address) continue;
    if (!is_meant(waiter.context.load())) continue;
    std::uint32_t waiting = kWaiting;
    if (waiter.state.compare_exchange_strong(waiting, kNotified)) --count;
  }
}

// `is_over`: what ends the wait. Returns after a notification, or at once if it is over already.
inline void wait(const void* address, std::uintptr_t context, const tbb::detail::d1::delegate_base& is_over) {
  Waiter& mine = waiters[gl_this_cpu()];
  mine.address.store(address);
  mine.context.store(context);
  if (!asks_again && is_over()) return;
  mine.state.store(kWaiting);
  if (!asks_again || !is_over()) gl_wait(is_notified, &mine, GL_WAIT_PLAIN);
  mine.state.store(kNone);
}

inline constexpr std::uint32_t kAll = UINT32_MAX;
inline bool anybody(std::uintptr_t) {
  return true;
}

}  // namespace tbb_runtime

namespace tbb::detail::r1 {

void* cache_aligned_allocate(std::size_t size) {
  return gl_alloc(size, d0::max_nfs_size);
}
void cache_aligned_deallocate(void* block) {
  if (block != nullptr) gl_free(block);
}
std::size_t cache_line_size() {
  return d0::max_nfs_size;
}
void throw_exception(d0::exception_id) {
  gl_assertion_failed("the library throws no exception", __FILE__, __LINE__);
}
void assertion_failure(const char*, int, const char* expression, const char*) {
  gl_assertion_failed(expression, __FILE__, __LINE__);
}
void wait_on_address(void* address, d1::delegate_base& is_over, std::uintptr_t context) {
  tbb_runtime::wait(address, context, is_over);
}
void notify_by_address(void* address, std::uintptr_t context) {
  tbb_runtime::notify(address, tbb_runtime::kAll, [context](std::uintptr_t its) { return its == context; });
}
void notify_by_address_one(void* address) {
  tbb_runtime::notify(address, 1, tbb_runtime::anybody);
}
void notify_by_address_all(void* address) {
  tbb_runtime::notify(address, tbb_runtime::kAll, tbb_runtime::anybody);
}

}  // namespace tbb::detail::r1

// std::this_thread::yield, in a spin.
extern "C" int sched_yield() noexcept {
  gl_cpu_relax();
  return 0;
}
