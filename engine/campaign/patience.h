// How long a child may stand still, be silent or take too long: the times that a stint is judged by, without the
// child, so that each of them can be told apart in a test.
//
// Time in which a process of the child wants a processor and gets none is forgiven: a machine that is busy with other
// things makes a child slow, not hung. Its processes wait for each other in turn (afl-fuzz for its runner, which waits
// for afl-fuzz), so what each of them waits for a processor adds up. No more is forgiven than has passed.
//
// Pure. May include: campaign (process table).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/campaign/process_table.h"

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

  // What is seen of the child. `heartbeat`: of its page; nothing: it has no valid one yet. `waits`: of the processes
  // that it has now. REQUIRES: `now` is no earlier than before.
  void look(std::optional<std::uint64_t> heartbeat, std::span<const ProcessWait> waits, std::chrono::milliseconds now);
  // True once the child has shown a heartbeat.
  [[nodiscard]] bool has_begun() const { return heartbeat_.has_value(); }
  // True if it is hung, at the moment of the last look.
  [[nodiscard]] bool is_over() const;

 private:
  // Seconds that those of `waits` have waited since the last look.
  [[nodiscard]] double more_than_before(std::span<const ProcessWait> waits) const;
  void forgive(std::span<const ProcessWait> waits, std::chrono::milliseconds now);

  PatienceLimits limits_;
  std::chrono::milliseconds time_up_;
  std::chrono::milliseconds silent_since_;  // until it has begun
  std::chrono::milliseconds heartbeat_at_;
  std::chrono::milliseconds looked_at_;
  std::optional<std::uint64_t> heartbeat_;
  std::vector<ProcessWait> waits_;
};

}  // namespace gridlock::campaign
