// Who fuzzes next, and for how long. The first pass goes over the campaigns by rank in stints of seconds: all of the
// time is that of the first ranks, which run each variant once; half of it is that of the others, which are many and
// slow, while there is one that has never run. The rest goes to what pays, and nobody starves.
//
// What a campaign is worth: its weight, times what it has brought lately (new interleaving features an hour of
// processor time, findings), both forgotten with a half-life. Next is who has the highest product of worth and time
// since its last stint, so that in the long run turns are in proportion to worth, and any weight above 0 comes round.
// Every kExploreEvery-th turn goes to who has waited longest, whatever it is worth: a campaign that was hopeless for a
// day may not be so for another build.
//
// Deterministic: the same calls, the same answers. Times are passed in, and may go back.
//
// May include: base, store (records). Not thread safe.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/store/records.h"

namespace gridlock::campaign {

struct ShareLimits {
  double first_stint_seconds = 6;
  double first_rank_stint_seconds = 20;  // of the few that are shown first
  std::uint32_t first_ranks = 4;         // rank below this: one of those
  std::uint32_t first_pass_ranks = 8;    // rank below this: has its first turn before anybody has a second
  double stint_seconds_max = 180;        // a stint is twice as long as the one before, up to this
  double half_life_seconds = 2 * 3600;
  double known_broken_share = 0.05;  // of its weight, once its findings are known
  double backoff_seconds = 10;       // after an end that nobody asked for; doubles with each in a row
  double backoff_seconds_max = 3600;
};

inline constexpr std::uint32_t kExploreEvery = 8;

struct ShareEntry {
  double weight = 1;
  std::uint32_t rank = 0;
  bool known_broken = false;
  // From an earlier life of the server.
  bool ran_before = false;
  store::UnixMs last_end = 0;
};

// What a stint brought.
struct StintYield {
  double cpu_seconds = 0;
  std::uint64_t new_features = 0;
  std::uint32_t new_findings = 0;    // that nobody had seen before
  std::uint32_t known_findings = 0;  // seen again
  bool unasked_end = false;          // crash, hung, memory, garbage
};

struct Turn {
  std::size_t campaign = 0;  // index of the entry
  double seconds = 0;
};

class TimeShare {
 public:
  TimeShare(const std::vector<ShareEntry>& entries, std::uint64_t seed, ShareLimits limits = {});

  // Nothing: all run, are paused, or wait after an unasked end. ENSURES: the campaign counts as running until ended().
  [[nodiscard]] std::optional<Turn> next(store::UnixMs now);
  // REQUIRES: `campaign` runs.
  void ended(std::size_t campaign, const StintYield& yield, store::UnixMs now);
  // 0: paused.
  void set_weight(std::size_t campaign, double weight) { entries_[campaign].weight = weight; }

  // New features an hour of processor time, with what is long ago forgotten.
  [[nodiscard]] double features_an_hour(std::size_t campaign, store::UnixMs now) const;
  // True while a campaign waits after an unasked end.
  [[nodiscard]] bool backs_off(std::size_t campaign, store::UnixMs now) const;

 private:
  struct Entry {
    double weight = 1;
    std::uint32_t rank = 0;
    bool known_broken = false;
    bool running = false;
    std::uint32_t stints = 0;
    std::uint64_t last_turn = 0;  // number of the turn; what breaks ties, and stands for time where a clock jumps
    store::UnixMs last_end = 0;
    store::UnixMs counted_at = 0;  // to when the three below are decayed
    double features = 0;
    double cpu_hours = 0;
    double findings = 0;
    bool findings_known = false;
    std::uint32_t unasked_ends = 0;  // in a row
    store::UnixMs not_before = 0;
    std::uint64_t lot = 0;  // drawn once: the order of equals
  };

  [[nodiscard]] bool may_run(const Entry& entry, store::UnixMs now) const;
  [[nodiscard]] bool is_urgent(const Entry& entry) const {
    return entry.stints == 0 && entry.rank < limits_.first_pass_ranks;
  }
  [[nodiscard]] double remembered(const Entry& entry, store::UnixMs now) const;
  [[nodiscard]] double worth(const Entry& entry, store::UnixMs now) const;
  [[nodiscard]] double stint_seconds(const Entry& entry) const;
  template <typename Better>
  [[nodiscard]] std::optional<std::size_t> best(store::UnixMs now, const Better& better) const;
  [[nodiscard]] std::optional<std::size_t> choose(store::UnixMs now);

  ShareLimits limits_;
  std::vector<Entry> entries_;
  std::uint64_t turns_ = 0;
  // Given out once the first ranks had their turns: to those that had never run, and to the others.
  double seconds_to_fresh_ = 0;
  double seconds_to_others_ = 0;
};

}  // namespace gridlock::campaign
