#include "engine/campaign/loop_watch.h"

#include <algorithm>
#include <utility>

namespace gridlock::campaign {
namespace {

constexpr std::chrono::milliseconds kCheckEvery{1000};

}  // namespace

LoopWatch::LoopWatch(const Clock& clock, std::chrono::milliseconds limit, std::function<void()> on_stall)
    : clock_(clock), limit_(limit), on_stall_(std::move(on_stall)), last_(clock.steady().count()) {}

void LoopWatch::start() {
  beat();
  thread_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
}

void LoopWatch::stop() {
  thread_ = {};
}

void LoopWatch::watch(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!ended_.wait_for(lock, stop, std::min(kCheckEvery, limit_), [&] { return stop.stop_requested(); })) {
    if (age() <= limit_) continue;
    on_stall_();
    return;
  }
}

}  // namespace gridlock::campaign
