// What of a metric survives a restart of the service: counters, histograms and the marks that never go back, as rows
// of numbers.
//
// Values only. May include: base, model.
#pragma once

#include <string>

namespace gridlock::metrics {

// One number. A histogram is one row "NAME_bucket" for each bucket, with the cumulative count and the label "le", and
// one row "NAME_sum".
struct Total {
  std::string name;    // as in the exposition
  std::string labels;  // label_text() of its labels
  double value = 0;
  bool operator==(const Total&) const = default;
};

}  // namespace gridlock::metrics
