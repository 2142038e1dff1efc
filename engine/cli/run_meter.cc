// See run_meter.h. May include: base, model.
#include "engine/cli/run_meter.h"

#include <algorithm>
#include <bit>

namespace gridlock {

std::size_t status_bucket(std::uint64_t value) {
  if (value < 4) return 0;
  const auto power_of_four = static_cast<std::size_t>(std::bit_width(value) - 1) / 2;
  return std::min(power_of_four, kStatusBuckets - 1);
}

void RunMeter::note(const RunView& view, Clock::time_point now) {
  const auto nanoseconds = static_cast<std::uint64_t>(std::chrono::nanoseconds(now - begun_).count());
  begun_ = now;
  count(page_.points, view.points);
  count(page_.switches, view.switches);
  count(page_.interrupts_raised, view.interrupts_raised);
  count(page_.interrupts_taken, view.interrupts_taken);
  count(page_.migrations_taken, view.migrations_taken);
  count(page_.migrations_dropped, view.migrations_dropped);
  count(page_.migrations_pending, view.migrations_pending);
  count(page_.ordered_reports, view.ordered_reports);
  count(page_.run_nanoseconds, nanoseconds);
  count(page_.run_nanoseconds_buckets[status_bucket(nanoseconds)]);
  count(page_.run_points_buckets[status_bucket(view.points)]);
}

}  // namespace gridlock
