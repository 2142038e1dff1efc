// What the server is told of the moment by whoever runs the campaigns: nothing of this is in the store.
//
// May include: store.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/store/records.h"

namespace gridlock::dashboard {

// One child process that fuzzes, or is about to.
struct LiveWorker {
  std::string target;
  std::string variant;
  std::string engine;
  std::string sanitizer;
  std::int64_t pid = 0;
  store::UnixMs since = 0;
  std::uint64_t runs = 0;
  double runs_per_second = 0;
  std::uint64_t features = 0;
  enum class State : std::uint8_t { kStarting, kRunning, kBackingOff } state = State::kStarting;
};

// Of the target that always has a bug: whether it is still found.
struct LiveCanary {
  bool ok = false;
  std::optional<store::UnixMs> last_found;
  std::int64_t limit_seconds = 0;  // older than this is not ok
};

// Every call may be made from every thread, and answers at once.
class LiveStatus {
 public:
  virtual ~LiveStatus() = default;
  [[nodiscard]] virtual std::vector<LiveWorker> workers() const = 0;
  [[nodiscard]] virtual std::uint32_t workers_max() const = 0;
  [[nodiscard]] virtual LiveCanary canary() const = 0;
  // Of all children that run the target now.
  [[nodiscard]] virtual double runs_per_second(std::string_view target) const = 0;
  // One line on what the target is; empty if it is not known.
  [[nodiscard]] virtual std::string summary(std::string_view target) const = 0;
};

}  // namespace gridlock::dashboard
