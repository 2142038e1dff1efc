// Counts what a worker's run was, in the page that its parent reads: once a run, with one look at the clock, so that a
// worker that nobody watches is as fast.
//
// May include: base, model.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "engine/cli/run_page.h"
#include "engine/model/run_view.h"

namespace gridlock {

class RunMeter {
 public:
  using Clock = std::chrono::steady_clock;

  // `page` outlives the meter. The first run begins `now`.
  RunMeter(RunPage& page, Clock::time_point now) : page_(page), begun_(now) {}

  // A run has ended `now`; the next one begins. What it took to choose the run is part of its duration.
  void note(const RunView& view, Clock::time_point now);
  // What went on until `now` was no run of the search: a reduction, a wait for the parent.
  void skip_to(Clock::time_point now) { begun_ = now; }

 private:
  RunPage& page_;
  Clock::time_point begun_;
};

// Which bucket of a histogram of the status page counts `value`.
[[nodiscard]] std::size_t status_bucket(std::uint64_t value);

}  // namespace gridlock
