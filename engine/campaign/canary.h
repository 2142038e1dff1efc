// The canary: a bug that is always there. From time to time a stint without a corpus has to find it; if it does not,
// the service finds nothing at all, however busy it looks.
//
// Each attempt is another engine's turn. This says when it is time and what to tell people; the stints are run by the
// loop (fuzz_loop.h).
//
// May include: base, store (records), campaign (plan). Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "engine/campaign/plan.h"
#include "engine/store/records.h"

namespace gridlock::campaign {

struct CanaryLimits {
  std::chrono::seconds interval{3600};
  std::chrono::seconds retry{300};           // after an attempt that failed
  double stint_seconds = 60;                 // it is found within the first seconds of them
  std::chrono::seconds age_limit{2 * 3600};  // older: something is wrong
};

struct CanaryStatus {
  bool ok = true;
  std::optional<store::UnixMs> last_found;
  std::optional<double> age_seconds;
  double limit_seconds = 0;
  std::string text;  // "found 40 s ago"
};

class Canary {
 public:
  // `last_found`: in an earlier life of the server.
  Canary(CanaryLimits limits, std::optional<store::UnixMs> last_found) : limits_(limits), last_found_(last_found) {}

  // `now` is of a steady clock, `time` the wall clock's: when that has jumped, the last time means nothing any more,
  // and another attempt is due at once.
  [[nodiscard]] bool due(std::chrono::milliseconds now, store::UnixMs time) const;
  // What to fuzz; counts as running until ended().
  [[nodiscard]] CampaignKey begin();
  void ended(bool found, std::chrono::milliseconds now, store::UnixMs time);
  // The attempt did not happen, for no fault of the engine's: again at once.
  void cancelled() { running_ = false; }

  [[nodiscard]] CanaryStatus status(store::UnixMs now) const;
  [[nodiscard]] const CanaryLimits& limits() const { return limits_; }

 private:
  [[nodiscard]] bool is_old(store::UnixMs time) const;
  [[nodiscard]] std::string_view engine() const { return kEngines[attempts_ % std::size(kEngines)]; }

  CanaryLimits limits_;
  std::optional<store::UnixMs> last_found_;
  std::optional<std::chrono::milliseconds> next_;  // nothing: at once
  std::uint32_t attempts_ = 0;                     // that came to an end; a failed one is repeated with its engine
  bool running_ = false;
  bool failed_ = false;  // the last attempt
};

}  // namespace gridlock::campaign
