// May include: nothing of the engine.
#include "engine/campaign/patience.h"

#include <algorithm>

namespace gridlock::campaign {

using std::chrono::milliseconds;

Patience::Patience(const PatienceLimits& limits, double seconds, milliseconds now)
    : limits_(limits),
      time_up_(now + milliseconds(static_cast<std::int64_t>(seconds * 1000))),
      silent_since_(now),
      heartbeat_at_(now),
      looked_at_(now) {}

void Patience::look(std::optional<std::uint64_t> heartbeat, double waited_seconds, milliseconds now) {
  forgive(waited_seconds, now);
  if (!heartbeat || heartbeat == heartbeat_) return;
  heartbeat_ = heartbeat;
  heartbeat_at_ = now;
}

void Patience::forgive(double waited_seconds, milliseconds now) {
  const milliseconds more(static_cast<std::int64_t>((waited_seconds - waited_seconds_) * 1000));
  const auto forgiven = std::clamp(more, milliseconds(0), now - looked_at_);
  waited_seconds_ = std::max(waited_seconds_, waited_seconds);
  looked_at_ = now;
  silent_since_ += forgiven;
  heartbeat_at_ += forgiven;
  time_up_ += forgiven;
}

bool Patience::is_over() const {
  const bool stands_still =
      has_begun() ? looked_at_ - heartbeat_at_ > limits_.still : looked_at_ - silent_since_ > limits_.silent;
  return stands_still || looked_at_ - time_up_ > limits_.overtime;
}

}  // namespace gridlock::campaign
