// What time it is, passed in: the wall clock for what is written down, a steady one for how long something takes. A
// wall clock may jump in either direction and nothing but times that people read may depend on it.
//
// May include: base, store (records).
#pragma once

#include <chrono>

#include "engine/store/records.h"

namespace gridlock::campaign {

class Clock {
 public:
  virtual ~Clock() = default;
  // Since 1970-01-01 UTC; may jump.
  [[nodiscard]] virtual store::UnixMs now() const = 0;
  // Since some moment; never goes back.
  [[nodiscard]] virtual std::chrono::milliseconds steady() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] store::UnixMs now() const override {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
  [[nodiscard]] std::chrono::milliseconds steady() const override {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch());
  }
};

}  // namespace gridlock::campaign
