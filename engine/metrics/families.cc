#include "engine/metrics/families.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "engine/base/check.h"

namespace gridlock::metrics {
namespace {

constexpr std::string_view kBucket = "_bucket";
constexpr std::string_view kSum = "_sum";
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The shortest text that reads back as the same number; "inf" for infinity.
std::string bound_text(double bound) {
  return fmt::format("{}", bound);
}

std::optional<double> parse_bound(std::string_view text) {
  double bound = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bound);
  if (error != std::errc() || end != text.data() + text.size() || std::isnan(bound)) return std::nullopt;
  return bound;
}

bool is_count(double value) {
  return std::isfinite(value) && value >= 0;
}

prometheus::Labels labels_of(const prometheus::ClientMetric& metric) {
  prometheus::Labels labels;
  for (const auto& label : metric.label) labels.emplace(label.name, label.value);
  return labels;
}

void add_histogram(const std::string& name, const prometheus::ClientMetric& metric, std::vector<Total>& totals) {
  if (metric.histogram.sample_count == 0) return;
  prometheus::Labels labels = labels_of(metric);
  totals.push_back({name + std::string(kSum), label_text(labels), metric.histogram.sample_sum});
  for (const auto& bucket : metric.histogram.bucket) {
    labels["le"] = bound_text(bucket.upper_bound);
    totals.push_back({name + std::string(kBucket), label_text(labels), static_cast<double>(bucket.cumulative_count)});
  }
}

void add_value(const std::string& name, const prometheus::ClientMetric& metric, double value,
               std::vector<Total>& totals) {
  if (value > 0) totals.push_back({name, label_text(labels_of(metric)), value});
}

}  // namespace

prometheus::Labels LabelSets::admit(std::span<const std::string_view> values) {
  GRIDLOCK_CHECK(values.size() == names_.size());
  prometheus::Labels labels;
  for (std::size_t i = 0; i < names_.size(); ++i) labels.emplace(names_[i], clean_label_value(values[i]));
  const std::lock_guard lock(mutex_);
  if (known_.contains(labels)) return labels;
  if (known_.size() < max_) {
    known_.insert(labels);
    return labels;
  }
  for (auto& [name, value] : labels) value = kOtherLabel;
  return labels;
}

std::optional<std::vector<std::string_view>> LabelSets::values_of(const prometheus::Labels& labels) const {
  if (labels.size() != names_.size()) return std::nullopt;
  std::vector<std::string_view> values;
  for (const std::string& name : names_) {
    const auto found = labels.find(name);
    if (found == labels.end()) return std::nullopt;
    values.push_back(found->second);
  }
  return values;
}

std::vector<double> bucket_increments(const KeptHistogram& kept, std::span<const double> bounds) {
  std::vector<double> increments(bounds.size() + 1, 0.0);
  double below = 0;
  for (const auto& [bound, cumulative] : kept.cumulative) {
    if (!is_count(cumulative) || cumulative < below) continue;
    const auto bucket = std::ranges::lower_bound(bounds, bound) - bounds.begin();
    increments[static_cast<std::size_t>(bucket)] += cumulative - below;
    below = cumulative;
  }
  return increments;
}

CounterFamily& Families::counter(const FamilyText& text) {
  empty_.push_back({text.name, text.help, prometheus::MetricType::Counter, {}});
  auto& family = prometheus::BuildCounter().Name(text.name).Help(text.help).Register(registry_);
  return *counters_.emplace(text.name, std::make_unique<CounterFamily>(family, text)).first->second;
}

GaugeFamily& Families::gauge(const FamilyText& text, Kept kept) {
  empty_.push_back({text.name, text.help, prometheus::MetricType::Gauge, {}});
  auto& family = prometheus::BuildGauge().Name(text.name).Help(text.help).Register(registry_);
  return *gauges_.emplace(text.name, Gauges{std::make_unique<GaugeFamily>(family, text), kept}).first->second.family;
}

HistogramFamily& Families::histogram(const FamilyText& text, std::vector<double> bounds) {
  empty_.push_back({text.name, text.help, prometheus::MetricType::Histogram, {}});
  auto& family = prometheus::BuildHistogram().Name(text.name).Help(text.help).Register(registry_);
  auto made = std::make_unique<HistogramFamily>(family, text, std::move(bounds));
  return *histograms_.emplace(text.name, std::move(made)).first->second;
}

std::vector<prometheus::MetricFamily> Families::collect() const {
  std::vector<prometheus::MetricFamily> families = registry_.Collect();
  const std::size_t filled = families.size();
  for (const auto& empty : empty_) {
    const auto named = [&](const auto& family) { return family.name == empty.name; };
    if (std::none_of(families.begin(), families.begin() + static_cast<std::ptrdiff_t>(filled), named)) {
      families.push_back(empty);
    }
  }
  std::ranges::sort(families, {}, &prometheus::MetricFamily::name);
  for (auto& family : families) {
    std::ranges::sort(family.metric, [](const auto& a, const auto& b) { return a.label < b.label; });
  }
  return families;
}

std::vector<Total> Families::totals() const {
  std::vector<Total> totals;
  for (const auto& family : collect()) {
    const auto gauges = gauges_.find(family.name);
    const bool is_kept_gauge = gauges != gauges_.end() && gauges->second.kept == Kept::kYes;
    for (const auto& metric : family.metric) {
      if (family.type == prometheus::MetricType::Counter) add_value(family.name, metric, metric.counter.value, totals);
      if (is_kept_gauge) add_value(family.name, metric, metric.gauge.value, totals);
      if (family.type == prometheus::MetricType::Histogram) add_histogram(family.name, metric, totals);
    }
  }
  return totals;
}

// By family and labels: a histogram's rows come one by one, and are told to it at once.
struct Families::KeptHistograms {
  std::map<std::pair<HistogramFamily*, prometheus::Labels>, KeptHistogram> kept;
};

bool Families::restore_bucket(const Total& total, prometheus::Labels labels, KeptHistograms& histograms) {
  const std::string_view name = total.name;
  const bool is_sum = name.ends_with(kSum);
  if (!is_sum && !name.ends_with(kBucket)) return false;
  const auto family = histograms_.find(name.substr(0, name.size() - (is_sum ? kSum : kBucket).size()));
  if (family == histograms_.end()) return false;
  std::optional<double> bound;
  if (!is_sum) {
    const auto le = labels.extract("le");
    if (!le) return false;
    bound = parse_bound(le.mapped());
    if (!bound) return false;
  }
  if (!family->second->sets().values_of(labels)) return false;
  KeptHistogram& kept = histograms.kept[{family->second.get(), std::move(labels)}];
  if (is_sum) {
    kept.sum = total.value;
  } else {
    kept.cumulative[*bound] = total.value;
  }
  return true;
}

bool Families::restore_one(const Total& total, KeptHistograms& histograms) {
  auto labels = parse_label_text(total.labels);
  if (!labels || !is_count(total.value)) return false;
  if (const auto counter = counters_.find(total.name); counter != counters_.end()) {
    const auto values = counter->second->sets().values_of(*labels);
    if (values) counter->second->with(*values).Increment(total.value);
    return values.has_value();
  }
  if (const auto gauge = gauges_.find(total.name); gauge != gauges_.end() && gauge->second.kept == Kept::kYes) {
    const auto values = gauge->second.family->sets().values_of(*labels);
    if (!values) return false;
    prometheus::Gauge& mark = gauge->second.family->with(*values);
    mark.Set(std::max(mark.Value(), total.value));
    return true;
  }
  return restore_bucket(total, std::move(*labels), histograms);
}

std::size_t Families::restore(std::span<const Total> totals) {
  KeptHistograms histograms;
  std::size_t left_out = 0;
  for (const Total& total : totals) left_out += restore_one(total, histograms) ? 0 : 1;
  for (auto& [key, kept] : histograms.kept) {
    // The rows of the table may be damaged one by one: without a count in all, a sum means nothing.
    if (kept.cumulative.empty() || !(kept.cumulative.rbegin()->first == kInfinity)) kept.sum = 0;
    const auto values = key.first->sets().values_of(key.second);
    key.first->with(*values).ObserveMultiple(bucket_increments(kept, key.first->bounds()), kept.sum);
  }
  return left_out;
}

}  // namespace gridlock::metrics
