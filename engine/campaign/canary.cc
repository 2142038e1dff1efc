#include "engine/campaign/canary.h"

#include <fmt/format.h>

#include <algorithm>

namespace gridlock::campaign {
namespace {

std::string ago(double seconds) {
  if (seconds < 120) return fmt::format("{:.0f} s ago", seconds);
  if (seconds < 2 * 3600) return fmt::format("{:.0f} min ago", seconds / 60);
  return fmt::format("{:.0f} h ago", seconds / 3600);
}

}  // namespace

bool Canary::is_old(store::UnixMs time) const {
  return last_found_ && time - *last_found_ > std::chrono::milliseconds(limits_.age_limit).count();
}

bool Canary::due(std::chrono::milliseconds now, store::UnixMs time) const {
  if (running_) return false;
  if (!next_ || now >= *next_) return true;
  // An attempt that failed is repeated in its own time, whatever the calendar says.
  return !failed_ && last_found_ && (is_old(time) || time < *last_found_);
}

CampaignKey Canary::begin() {
  running_ = true;
  return {std::string(kCanaryTarget), std::string(kCanaryVariant), std::string(engine()), "none"};
}

void Canary::ended(bool found, std::chrono::milliseconds now, store::UnixMs time) {
  running_ = false;
  failed_ = !found;
  next_ = now + (found ? limits_.interval : limits_.retry);
  if (!found) return;
  last_found_ = time;
  ++attempts_;
}

CanaryStatus Canary::status(store::UnixMs now) const {
  CanaryStatus status{.last_found = last_found_, .limit_seconds = static_cast<double>(limits_.age_limit.count())};
  if (last_found_) status.age_seconds = std::max(0.0, static_cast<double>(now - *last_found_) / 1000);
  status.ok = !failed_ && !is_old(now);
  const std::string found = status.age_seconds ? "found " + ago(*status.age_seconds) : "never found";
  if (failed_) {
    status.text = fmt::format("not found by {} in {:.0f} s; {}", engine(), limits_.stint_seconds, found);
  } else if (!last_found_) {
    status.text = "looked for";
  } else {
    status.text = found;
  }
  return status;
}

}  // namespace gridlock::campaign
