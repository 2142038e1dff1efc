#include "engine/cli/searcher.h"

#include <algorithm>
#include <array>
#include <deque>
#include <optional>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/hash.h"
#include "engine/cli/options.h"
#include "engine/decode/decode.h"
#include "engine/search/adaptive_source.h"
#include "engine/search/schedule_source.h"
#include "engine/strategy/strategies.h"

namespace gridlock {
namespace {

// One strategy, programs and schedules from a random number generator.
class BlindSearcher final : public Searcher {
 public:
  BlindSearcher(Session& session, SearchOptions options)
      : session_(session),
        directed_(options.strategy == "directed"),
        corpus_before_(session.page().corpus_used.load(std::memory_order_relaxed)),
        strategy_(make_strategy(options.strategy, {.seed = options.seed})),
        source_(options.seed, session.schema(), directed_, std::move(options.corpus)) {
    GRIDLOCK_CHECK(strategy_ != nullptr);
  }

  Attempted run() override {
    const Scenario& scenario = source_.next();
    session_.page().corpus_used.store(corpus_before_ + source_.corpus_used(), std::memory_order_relaxed);
    Judged judged = directed_ ? session_.replay(scenario) : session_.explore(scenario, *strategy_);
    source_.learn(points_by_cpu(judged.view, scenario));
    return {scenario, std::move(judged)};
  }

  Result<void> settle() override { return {}; }

 private:
  Session& session_;
  bool directed_;
  std::uint64_t corpus_before_;  // used by earlier incarnations
  std::unique_ptr<Strategy> strategy_;
  ScheduleSource source_;
};

// How many runs pass before the shared folder is looked at again: a look costs as much as some hundred runs.
constexpr std::uint64_t kRunsBetweenLooks = 1 << 14;
constexpr std::size_t kTakenInMax = 4096;  // by one look

using Keep = AdaptiveSource::Keep;

class AdaptiveSearcher final : public Searcher {
 public:
  AdaptiveSearcher(Session& session, const Target& target, SearchOptions options);
  Attempted run() override;
  Result<void> settle() override;

 private:
  [[nodiscard]] Judged run_by(const Attempt& attempt);
  [[nodiscard]] Attempted run_foreign();
  [[nodiscard]] RunNews news_of(const Scenario& scenario, const Judged& judged);
  void remember(const Scenario& scenario, const RunView& view, bool shared);
  void show_news();

  Session& session_;
  SearchOptions options_;
  std::unique_ptr<feedback::InterleavingMap> interleavings_;  // nothing: nobody learns
  AdaptiveSource source_;
  std::array<std::unique_ptr<Strategy>, kMethods> strategies_;
  ReadsFromStrategy reads_from_;
  std::optional<CorpusFolder> folder_;
  std::deque<SharedEntry> foreign_;
  Scenario foreign_scenario_;
  std::uint64_t runs_ = 0;
  std::size_t features_shown_ = 0;

  // A run that is worth keeping, until settle().
  struct Keepsake {
    Scenario scenario;
    std::vector<feedback::Feature> features;
    bool shared = false;  // others want it too: it reached something new, and here first
  };
  std::optional<Keepsake> keepsake_;
  std::vector<std::uint32_t> points_by_cpu_;
};

AdaptiveSearcher::AdaptiveSearcher(Session& session, const Target& target, SearchOptions options)
    : session_(session),
      options_(std::move(options)),
      interleavings_(options_.feedback ? std::make_unique<feedback::InterleavingMap>() : nullptr),
      source_(options_.seed, session.schema(), {.feedback = options_.feedback, .structure = options_.structure}),
      reads_from_(derive_seed(options_.seed, static_cast<std::uint32_t>(Method::kReadsFrom), 0)) {
  const auto make = [&](Method method, std::string_view name) {
    const std::uint64_t seed = derive_seed(options_.seed, static_cast<std::uint32_t>(method), 0);
    strategies_[static_cast<std::size_t>(method)] = make_strategy(name, {.seed = seed});
  };
  make(Method::kPct, "pct");
  make(Method::kPos, "pos");
  make(Method::kSurw, "surw");
  if (!options_.shared_folder.empty()) folder_.emplace(options_.shared_folder, target);
}

Judged AdaptiveSearcher::run_by(const Attempt& attempt) {
  if (attempt.method == Method::kDirected) return session_.replay(attempt.scenario, interleavings_.get());
  if (attempt.method == Method::kReadsFrom) {
    reads_from_.want(attempt.wanted);
    return session_.explore(attempt.scenario, reads_from_, interleavings_.get());
  }
  return session_.explore(attempt.scenario, *strategies_[static_cast<std::size_t>(attempt.method)],
                          interleavings_.get());
}

RunNews AdaptiveSearcher::news_of(const Scenario& scenario, const Judged& judged) {
  points_by_cpu_ = points_by_cpu(judged.view, scenario);
  RunNews news{.points_by_cpu = points_by_cpu_,
               .points = judged.view.points,
               .switches = judged.view.switches,
               .directives = judged.view.directives.size(),
               .may_be_kept = judged.verdict.kind == VerdictKind::kOk && !judged.view.directives_overflowed};
  if (interleavings_ != nullptr) news.features = interleavings_->touched();
  return news;
}

void AdaptiveSearcher::remember(const Scenario& scenario, const RunView& view, bool shared) {
  Scenario made = as_it_was(scenario, view);
  if (!is_legal(made, session_.schema())) return;
  const auto touched = interleavings_->touched();
  keepsake_ = Keepsake{std::move(made), {touched.begin(), touched.end()}, shared};
}

// In the page: the features that no run before had. None in nearly every run.
void AdaptiveSearcher::show_news() {
  const auto seen = source_.features_seen();
  for (; features_shown_ < seen.size(); ++features_shown_) session_.page().features.mark(seen[features_shown_]);
}

Searcher::Attempted AdaptiveSearcher::run() {
  if (interleavings_ != nullptr && folder_ && runs_ % kRunsBetweenLooks == 0 && foreign_.empty()) {
    for (SharedEntry& entry : folder_->take_in(kTakenInMax)) {
      if (!options_.passed_over.contains(entry.id)) foreign_.push_back(std::move(entry));
    }
  }
  ++runs_;
  if (!foreign_.empty()) return run_foreign();
  const Attempt attempt = source_.next();
  Judged judged = run_by(attempt);
  const auto keep = source_.learn(news_of(attempt.scenario, judged));
  show_news();
  if (keep != Keep::kNothing) remember(attempt.scenario, judged.view, keep == Keep::kNovel);
  return {attempt.scenario, std::move(judged)};
}

Searcher::Attempted AdaptiveSearcher::run_foreign() {
  foreign_scenario_ = std::move(foreign_.front().scenario);
  session_.page().taking_in.store(foreign_.front().id, std::memory_order_relaxed);
  foreign_.pop_front();
  Judged judged = session_.replay(foreign_scenario_, interleavings_.get());
  session_.page().taking_in.store(0, std::memory_order_relaxed);
  const auto keep = source_.learn_foreign(news_of(foreign_scenario_, judged), foreign_scenario_);
  show_news();
  if (keep != Keep::kNothing) remember(foreign_scenario_, judged.view, false);
  return {foreign_scenario_, std::move(judged)};
}

Result<void> AdaptiveSearcher::settle() {
  if (!keepsake_) return {};
  Keepsake keepsake = std::move(*keepsake_);
  keepsake_.reset();
  const Judged again = session_.profile(keepsake.scenario);
  GRIDLOCK_CHECK(again.view.profile != nullptr);
  RunProfile profile = *again.view.profile;
  profile.cpus.resize(again.view.cpus.size());
  profile.operation_starts.resize(again.view.cpus.size());
  if (folder_ && keepsake.shared) {
    if (auto added = folder_->add(keepsake.scenario); !added) return added;
  }
  source_.keep(std::move(keepsake.scenario), std::move(profile), keepsake.features);
  return {};
}

}  // namespace

std::unique_ptr<Searcher> make_searcher(Session& session, const Target& target, SearchOptions options) {
  if (options.strategy != kAdaptive) return std::make_unique<BlindSearcher>(session, std::move(options));
  return std::make_unique<AdaptiveSearcher>(session, target, std::move(options));
}

}  // namespace gridlock
