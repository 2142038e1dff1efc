// A word that a thread sleeps on and others wake it by: the futex of Linux by its bare system call, because what runs
// on a cpu's thread may call nothing that ThreadSanitizer intercepts, and std::atomic::wait spins first.
//
// May include: nothing of the engine.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <climits>
#include <cstdint>

namespace gridlock {

// All functions: thread safe, async-signal safe.
class WakeWord {
 public:
  // What sleep() compares with, to be read before the reason to sleep is looked at.
  [[nodiscard]] std::uint32_t value() const { return word_.load(); }

  // Sleeps until a wake after value() was read, or for `microseconds`, or for no reason.
  void sleep(std::uint32_t value, std::uint32_t microseconds) {
    sleepers_.fetch_add(1);
    const timespec limit{.tv_sec = microseconds / 1'000'000, .tv_nsec = microseconds % 1'000'000 * 1000L};
    ::syscall(SYS_futex, &word_, FUTEX_WAIT_PRIVATE, value, &limit, nullptr, 0);
    sleepers_.fetch_sub(1);
  }

  void wake() {
    word_.fetch_add(1);
    if (sleepers_.load() != 0) ::syscall(SYS_futex, &word_, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
  }

 private:
  std::atomic<std::uint32_t> word_ = 0;
  std::atomic<std::uint32_t> sleepers_ = 0;
};

}  // namespace gridlock
