#include "engine/campaign/upkeep.h"

#include <malloc.h>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace gridlock::campaign {
namespace {

constexpr std::chrono::milliseconds kBooksEvery{10'000};
constexpr std::chrono::milliseconds kTotalsEvery{60'000};
constexpr std::chrono::milliseconds kNoteEvery{60'000};
// A disk that is full stays so for a while, and half a triage costs seconds of processor time.
constexpr std::chrono::milliseconds kTryAgainAfter{5000};

}  // namespace

Upkeep::Upkeep(store::Store& store, metrics::ServiceMetrics& metrics, const Clock& clock, DataFolder data,
               Triage& triage, CorpusCare& corpora, const std::vector<store::TargetVariant>& variants)
    : store_(store), metrics_(metrics), clock_(clock), data_(std::move(data)), triage_(triage), corpora_(corpora) {
  for (const auto& variant : variants) variants_[variant.target].push_back(variant.variant);
}

bool Upkeep::step(const std::stop_token& stop) {
  const auto now = clock_.steady();
  if (!booked_at_ || now - *booked_at_ >= kBooksEvery) {
    booked_at_ = now;
    keep_books();
  }
  if (now < try_again_at_) return false;
  const auto done = triage_.step(stop);
  if (done && *done) return true;
  if (!done) {
    if (was_stopped(done.error())) return false;
    try_again_at_ = clock_.steady() + kTryAgainAfter;
    note(done.error());
    return false;
  }
  std::string target;
  {
    const std::lock_guard lock(mutex_);
    if (changed_.empty()) return false;
    target = changed_.extract(changed_.begin()).value();
  }
  look_after_corpus(target, stop);
  ::malloc_trim(0);  // pruning knows each entry by a number, and a service that runs for months gives that back
  return true;
}

void Upkeep::note(const Error& error) {
  metrics_.count_store_write_failure();
  const auto now = clock_.steady();
  if (noted_at_ && now - *noted_at_ < kNoteEvery) return;
  noted_at_ = now;
  spdlog::error("{}", error.message());
}

void Upkeep::corpora_changed(std::set<std::string> targets) {
  const std::lock_guard lock(mutex_);
  changed_.merge(targets);
}

void Upkeep::look_after_corpus(const std::string& target, const std::stop_token& stop) {
  const auto entries = corpora_.index(target);
  if (!entries) return note(entries.error());
  if (!corpora_.should_prune(target, *entries)) return;
  const auto pruned = corpora_.prune(target, variants_[target], stop);
  if (!pruned && !was_stopped(pruned.error())) spdlog::warn("{}", pruned.error().message());
}

void Upkeep::keep_books() {
  if (const auto space = metrics::disk_space(data_.root)) metrics_.set_disk(*space);
  if (const auto counts = store_.open_counts()) {
    for (const auto& [state, count] : *counts) metrics_.set_open_findings(store::triage_state_name(state), count);
  }
  if (const auto waiting = store_.untriaged(1)) {
    const double age = waiting->empty() ? 0 : static_cast<double>(clock_.now() - waiting->front().first_seen) / 1000;
    metrics_.set_oldest_untriaged_age(std::max(0.0, age));
  }
  const auto now = clock_.steady();
  if (saved_at_ && now - *saved_at_ < kTotalsEvery) return;
  saved_at_ = now;
  if (const auto saved = save_totals(); !saved) note(saved.error());
}

Result<void> Upkeep::restore_totals() {
  const auto kept = store_.totals();
  if (!kept) return std::unexpected(kept.error());
  std::vector<metrics::Total> totals;
  for (const auto& total : *kept) totals.push_back({total.name, total.labels, total.value});
  metrics_.restore(totals);
  return {};
}

Result<void> Upkeep::save_totals() {
  std::vector<store::MetricTotal> changed;
  for (const auto& total : metrics_.totals()) {
    const auto known = saved_.find({total.name, total.labels});
    if (known == saved_.end() || known->second != total.value) {
      changed.push_back({total.name, total.labels, total.value});
    }
  }
  if (auto saved = store_.save_totals(changed); !saved) return saved;
  for (auto& total : changed) saved_[{total.name, total.labels}] = total.value;
  return {};
}

}  // namespace gridlock::campaign
