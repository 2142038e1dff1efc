// The two clocks of the server, passed in: the calendar, which people read and which may jump, and one that never goes
// back, for limits and for what is kept a while.
//
// May include: store.
#pragma once

#include <chrono>
#include <functional>

#include "engine/store/records.h"

namespace gridlock::dashboard {

using Moment = std::chrono::nanoseconds;  // since some fixed time of this process

struct ServerClock {
  std::function<store::UnixMs()> now = [] {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<store::UnixMs>(std::chrono::duration_cast<std::chrono::milliseconds>(since).count());
  };
  std::function<Moment()> steady = [] { return Moment(std::chrono::steady_clock::now().time_since_epoch()); };
};

}  // namespace gridlock::dashboard
