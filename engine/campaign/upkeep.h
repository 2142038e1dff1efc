// What is done beside the fuzzing: triage and re-tests first, then the corpora, and from time to time the books: metric
// totals, gauges of what the store and the disk hold. One thread owns it.
//
// May include: base, store, metrics, campaign.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "engine/campaign/clock.h"
#include "engine/campaign/corpus_care.h"
#include "engine/campaign/data_folder.h"
#include "engine/campaign/triage.h"
#include "engine/metrics/service_metrics.h"
#include "engine/store/store.h"

namespace gridlock::campaign {

class Upkeep {
 public:
  // All references outlive it. `variants`: of the targets that there are.
  Upkeep(store::Store& store, metrics::ServiceMetrics& metrics, const Clock& clock, DataFolder data, Triage& triage,
         CorpusCare& corpora, const std::vector<store::TargetVariant>& variants);

  // Does one thing. False: there is nothing to do now.
  bool step(const std::stop_token& stop);
  // These targets' corpora may have changed. Thread safe.
  void corpora_changed(std::set<std::string> targets);
  // Brings the metric totals back that the store holds. ERRORS: the store.
  [[nodiscard]] Result<void> restore_totals();
  // Writes down those that have changed. ERRORS: the store.
  [[nodiscard]] Result<void> save_totals();

 private:
  void keep_books();
  // Counts an error of the store, and logs it, but not more often than once a minute.
  void note(const Error& error);
  void look_after_corpus(const std::string& target, const std::stop_token& stop);

  store::Store& store_;
  metrics::ServiceMetrics& metrics_;
  const Clock& clock_;
  DataFolder data_;
  Triage& triage_;
  CorpusCare& corpora_;
  std::map<std::string, std::vector<std::string>> variants_;
  std::map<std::pair<std::string, std::string>, double> saved_;  // totals, by name and labels
  std::optional<std::chrono::milliseconds> booked_at_;
  std::optional<std::chrono::milliseconds> saved_at_;
  std::optional<std::chrono::milliseconds> noted_at_;
  std::chrono::milliseconds try_again_at_{0};  // after a store that could not write
  std::mutex mutex_;
  std::set<std::string> changed_;  // guarded by mutex_
};

}  // namespace gridlock::campaign
