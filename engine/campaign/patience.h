// How long a child may stand still, be silent or take too long: the times that a stint is judged by, without the
// child, so that each of them can be told apart in a test.
//
// Time in which a process of the child wants a processor and gets none is forgiven: a machine that is busy with other
// things makes a child slow, not hung. It is forgiven as far as it has passed, and once.
//
// Pure. May include: nothing of the engine.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace gridlock::campaign {

struct PatienceLimits {
  std::chrono::milliseconds still{30'000};     // a heartbeat that stands still for so long: hung
  std::chrono::milliseconds silent{60'000};    // no status page for so long after its begin: hung
  std::chrono::milliseconds overtime{30'000};  // beyond its time: hung
};

class Patience {
 public:
  // `seconds`: the child's time.
  Patience(const PatienceLimits& limits, double seconds, std::chrono::milliseconds now);

  // What is seen of the child. `heartbeat`: of its page; nothing: it has no valid one yet. `waited_seconds`: for a
  // processor, since the child's begin, of the process that waited longest; falls back when that one ends.
  // REQUIRES: `now` is no earlier than before.
  void look(std::optional<std::uint64_t> heartbeat, double waited_seconds, std::chrono::milliseconds now);
  // True once the child has shown a heartbeat.
  [[nodiscard]] bool has_begun() const { return heartbeat_.has_value(); }
  // True if it is hung, at the moment of the last look.
  [[nodiscard]] bool is_over() const;

 private:
  void forgive(double waited_seconds, std::chrono::milliseconds now);

  PatienceLimits limits_;
  std::chrono::milliseconds time_up_;
  std::chrono::milliseconds silent_since_;  // until it has begun
  std::chrono::milliseconds heartbeat_at_;
  std::chrono::milliseconds looked_at_;
  std::optional<std::uint64_t> heartbeat_;
  double waited_seconds_ = 0;
};

}  // namespace gridlock::campaign
