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

void Patience::look(std::optional<std::uint64_t> heartbeat, std::span<const ProcessWait> waits, milliseconds now) {
  forgive(waits, now);
  if (!heartbeat || heartbeat == heartbeat_) return;
  heartbeat_ = heartbeat;
  heartbeat_at_ = now;
}

double Patience::more_than_before(std::span<const ProcessWait> waits) const {
  double more = 0;
  for (const ProcessWait& wait : waits) {
    const auto before = std::ranges::find(waits_, wait.name, &ProcessWait::name);
    more += wait.seconds - (before == waits_.end() ? 0 : before->seconds);
  }
  return more;
}

void Patience::forgive(std::span<const ProcessWait> waits, milliseconds now) {
  const auto passed = now - looked_at_;
  const auto more = std::chrono::duration<double>(more_than_before(waits));
  const auto forgiven = more < passed ? std::chrono::duration_cast<milliseconds>(more) : passed;
  waits_.assign(waits.begin(), waits.end());
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
