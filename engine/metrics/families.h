// Families of metrics with a bounded number of label sets each, what they show and what of them survives a restart.
// prometheus-cpp counts; what it lacks is here: limits, checked labels, an order of its output, totals.
//
// Thread safe, all of it. A reference to a counter, gauge or histogram lives as long as its family: hot paths keep it
// and look nothing up.
//
// May include: base, model; prometheus-cpp.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>

#include <cstddef>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/metrics/labels.h"
#include "engine/metrics/totals.h"

namespace gridlock::metrics {

// Of one family, beside the set that is all "other". Every campaign of every target of this repository is 1,400.
inline constexpr std::size_t kLabelSetsMax = 4096;

// The labels of a family, and how many sets of values it has room for.
class LabelSets {
 public:
  explicit LabelSets(std::vector<std::string> names, std::size_t sets_max) : names_(std::move(names)), max_(sets_max) {}

  // The labels with these values, cleaned; all "other" if the set is new and there is no room.
  // REQUIRES: as many values as names.
  [[nodiscard]] prometheus::Labels admit(std::span<const std::string_view> values);
  // The values of `labels` in the order of the names; nullopt if they are not exactly the family's labels.
  [[nodiscard]] std::optional<std::vector<std::string_view>> values_of(const prometheus::Labels& labels) const;

 private:
  const std::vector<std::string> names_;
  const std::size_t max_;
  std::mutex mutex_;
  std::set<prometheus::Labels> known_;  // guarded by mutex_
};

struct FamilyText {
  std::string name;
  std::string help;
  std::vector<std::string> labels;  // names
  std::size_t label_sets_max = kLabelSetsMax;
};

template <typename Metric>
class MetricsOf {
 public:
  MetricsOf(prometheus::Family<Metric>& family, const FamilyText& text)
      : family_(family), sets_(text.labels, text.label_sets_max) {}

  // The metric with these values, in the order of the names; made at zero if new. A look-up with locks: keep the
  // result.
  Metric& with(std::span<const std::string_view> values) { return family_.Add(sets_.admit(values)); }
  Metric& with(std::initializer_list<std::string_view> values) { return with(std::span(values)); }
  [[nodiscard]] const LabelSets& sets() const { return sets_; }

 private:
  prometheus::Family<Metric>& family_;
  LabelSets sets_;
};

using CounterFamily = MetricsOf<prometheus::Counter>;
using GaugeFamily = MetricsOf<prometheus::Gauge>;

class HistogramFamily {
 public:
  // `bounds`: the buckets' upper bounds, rising; one more bucket holds what is larger than all.
  HistogramFamily(prometheus::Family<prometheus::Histogram>& family, const FamilyText& text, std::vector<double> bounds)
      : family_(family), sets_(text.labels, text.label_sets_max), bounds_(std::move(bounds)) {}

  prometheus::Histogram& with(std::span<const std::string_view> values) {
    return family_.Add(sets_.admit(values), bounds_);
  }
  prometheus::Histogram& with(std::initializer_list<std::string_view> values) { return with(std::span(values)); }
  [[nodiscard]] const LabelSets& sets() const { return sets_; }
  [[nodiscard]] const std::vector<double>& bounds() const { return bounds_; }

 private:
  prometheus::Family<prometheus::Histogram>& family_;
  LabelSets sets_;
  const std::vector<double> bounds_;
};

// A histogram as it is kept: cumulative counts by upper bound, infinity last.
struct KeptHistogram {
  std::map<double, double> cumulative;
  double sum = 0;
};

// How much each bucket below `bounds` (and the one above) grows to hold what was kept, perhaps with other bounds: what
// was counted below a bound goes to the first bucket that is sure to hold it. Counts that are no counts (negative,
// falling, not finite) are left out.
[[nodiscard]] std::vector<double> bucket_increments(const KeptHistogram& kept, std::span<const double> bounds);

// Whether a gauge is a mark that survives a restart.
enum class Kept { kNo, kYes };

class Families {
 public:
  Families() = default;
  Families(const Families&) = delete;
  Families& operator=(const Families&) = delete;

  // REQUIRES: a name and label names as Prometheus wants them, the name not used before; not after the first metric
  // was made (families are made in constructors). The reference lives as long as this.
  CounterFamily& counter(const FamilyText& text);
  GaugeFamily& gauge(const FamilyText& text, Kept kept = Kept::kNo);
  HistogramFamily& histogram(const FamilyText& text, std::vector<double> bounds);

  // Every family, also those without a metric yet, by name; metrics by labels.
  [[nodiscard]] std::vector<prometheus::MetricFamily> collect() const;

  // What survives: counters, histograms and kept gauges that are not zero.
  [[nodiscard]] std::vector<Total> totals() const;
  // Adds the totals to the counters and histograms and raises the kept gauges to them. To be called once, before
  // anything else is told. Returns how many rows were left out: of no family, of other labels, with a value that is no
  // count.
  std::size_t restore(std::span<const Total> totals);

 private:
  struct Gauges {
    std::unique_ptr<GaugeFamily> family;
    Kept kept;
  };
  struct KeptHistograms;

  bool restore_one(const Total& total, KeptHistograms& histograms);
  bool restore_bucket(const Total& total, prometheus::Labels labels, KeptHistograms& histograms);

  prometheus::Registry registry_{prometheus::Registry::InsertBehavior::Throw};
  std::vector<prometheus::MetricFamily> empty_;  // name, help and type of each family
  std::map<std::string, std::unique_ptr<CounterFamily>, std::less<>> counters_;
  std::map<std::string, Gauges, std::less<>> gauges_;
  std::map<std::string, std::unique_ptr<HistogramFamily>, std::less<>> histograms_;
};

}  // namespace gridlock::metrics
