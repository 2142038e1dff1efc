// A token bucket: `burst` at once, then `per_second`. Of all clients together: what it protects is the disk.
//
// Thread safe. May include: nothing of the engine.
#pragma once

#include <algorithm>
#include <chrono>
#include <mutex>

#include "dashboard/server/server_clock.h"

namespace gridlock::dashboard {

class RateLimit {
 public:
  RateLimit(double per_second, double burst) : per_second_(per_second), burst_(burst), left_(burst) {}

  // True if one more is allowed at `now`, which never goes back.
  [[nodiscard]] bool take(Moment now) {
    const std::lock_guard lock(mutex_);
    left_ = std::min(burst_, left_ + per_second_ * std::chrono::duration<double>(now - last_).count());
    last_ = now;
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
  }

 private:
  const double per_second_;
  const double burst_;
  std::mutex mutex_;
  double left_;
  Moment last_{};
};

}  // namespace gridlock::dashboard
