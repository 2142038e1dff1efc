// Watches a loop from another thread: a service whose loop stands still looks alive, and must not. A process that
// cannot go on ends, so that whoever supervises it starts another.
//
// May include: campaign (clock).
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "engine/campaign/clock.h"

namespace gridlock::campaign {

inline constexpr std::chrono::milliseconds kLoopStandsStill{5 * 60'000};

class LoopWatch {
 public:
  // Watches from start() to stop() or its end, and calls `on_stall` once, from a thread of its own, when no beat came
  // for longer than `limit`. `clock` outlives it.
  LoopWatch(const Clock& clock, std::chrono::milliseconds limit, std::function<void()> on_stall);

  void start();
  void stop();
  // The loop has gone round. Thread safe, as age().
  void beat() { last_.store(clock_.steady().count(), std::memory_order_relaxed); }
  // Since the last beat.
  [[nodiscard]] std::chrono::milliseconds age() const {
    return clock_.steady() - std::chrono::milliseconds(last_.load(std::memory_order_relaxed));
  }

 private:
  void watch(const std::stop_token& stop);

  const Clock& clock_;
  std::chrono::milliseconds limit_;
  std::function<void()> on_stall_;
  std::atomic<std::int64_t> last_;
  std::mutex mutex_;
  std::condition_variable_any ended_;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace gridlock::campaign
