#include "engine/search/adaptive_source.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/decode/decode.h"

namespace gridlock {
namespace {

// Every way to search. Strategies that know nothing of runs, first of all, because they need nothing to start with.
constexpr std::array kArms = {
    Arm{Ground::kFresh, Method::kDirected},  Arm{Ground::kFresh, Method::kPct},
    Arm{Ground::kFresh, Method::kPos},       Arm{Ground::kFresh, Method::kSurw},
    Arm{Ground::kEntry, Method::kPct},       Arm{Ground::kEntry, Method::kPos},
    Arm{Ground::kEntry, Method::kSurw},      Arm{Ground::kEntry, Method::kReadsFrom},
    Arm{Ground::kMutant, Method::kDirected}, Arm{Ground::kMutant, Method::kPct},
    Arm{Ground::kMutant, Method::kPos},      Arm{Ground::kMutant, Method::kSurw},
};

// Runs of a batch; as many more each time that the last ones reached something new, up to the limit.
constexpr std::uint32_t kBatchRuns = 48;
constexpr std::uint32_t kBatchRunsMax = 1024;
// A mutant is crossed with another kept run, one time in this many.
constexpr std::uint32_t kCrossIn = 8;
// A directed mutant starts anew from the kept run, or goes on from the mutant before, one time in this many.
constexpr std::uint32_t kStackIn = 3;
constexpr std::size_t kPairsWantedMax = 2;

// What a run costs, in points without a question: measured for plain builds of the ticket lock and the Xen spinlock.
constexpr double kRunCost = 60;
constexpr double kSwitchCost = 4;
constexpr double kAskedPointCost = 3;

bool is_demote(const Directive& directive) {
  return directive.action == Action::kDemote;
}

// A few bytes changed, inserted or deleted: what a fuzzer does that knows nothing of scenarios.
void change_bytes(Prng& prng, const TargetSchema& schema, Scenario& scenario) {
  auto bytes = encode(scenario, schema);
  for (std::uint32_t edits = prng.between(1, 4); edits > 0; --edits) {
    const auto at = prng.below(static_cast<std::uint32_t>(bytes.size()) + 1);
    const auto value = static_cast<std::uint8_t>(prng.below(256));
    const auto kind = prng.below(3);
    if (kind == 0 || at == bytes.size()) {
      bytes.insert(bytes.begin() + at, value);
    } else if (kind == 1) {
      bytes[at] = value;
    } else {
      bytes.erase(bytes.begin() + at);
    }
  }
  scenario = decode(bytes, schema);
}

}  // namespace

AdaptiveSource::AdaptiveSource(std::uint64_t seed, const TargetSchema& schema, const AdaptiveOptions& options)
    : prng_(seed), schema_(schema), options_(options), mix_(kArms.size()) {}

Attempt AdaptiveSource::next() {
  if (left_ == 0) start_batch();
  --left_;
  ++done_;
  prepare();
  return {current_, kArms[arm_].method, wanted_};
}

void AdaptiveSource::start_batch() {
  if (done_ > 0) mix_.learn(arm_, pay_, cost_);
  done_ = 0;
  pay_ = cost_ = 0;
  left_ = kBatchRuns;
  wanted_.clear();
  arm_ = mix_.choose(prng_, [&](std::size_t arm) { return kArms[arm].ground == Ground::kFresh || !kept_.empty(); });
  if (kArms[arm_].ground != Ground::kFresh) return start_on_kept_run();
  base_ = generate_program(prng_, schema_, generate_);
  base_profile_ = {};
  points_.clear();
  is_first_ = true;
}

void AdaptiveSource::start_on_kept_run() {
  const KeptRun& run = kept_.choose(prng_, counts_);
  const KeptRun& other = kept_.choose(prng_, counts_);
  base_ = run.scenario;
  base_profile_ = kept_.profile_of(run);
  sites_ = other.preempted;
  other_.reset();
  if (prng_.chance(1, kCrossIn)) other_ = other.scenario;
  points_.clear();
  for (std::size_t cpu = 0; cpu < base_.cpu_count() && cpu < base_profile_.cpus.size(); ++cpu) {
    points_.push_back(static_cast<std::uint32_t>(base_profile_.cpus[cpu].size()));
  }
  is_first_ = false;
  const Arm arm = kArms[arm_];
  if (arm.method == Method::kReadsFrom) wanted_ = rare_pairs(prng_, base_profile_, counts_, kPairsWantedMax);
  if (arm.method == Method::kDirected) return;
  // Preemption is the strategy's; what else the kept run's schedule holds stays.
  std::erase_if(base_.directives, is_demote);
  if (arm.ground == Ground::kEntry) return;
  current_ = base_;
  mutate_current();
  base_ = current_;
  std::erase_if(base_.directives, is_demote);
  points_.clear();
  is_first_ = true;
}

const RunProfile* AdaptiveSource::profile_of_base() const {
  return base_profile_.cpus.empty() ? nullptr : &base_profile_;
}

void AdaptiveSource::mutate_current() {
  if (!options_.structure) return change_bytes(prng_, schema_, current_);
  const MutationOptions options{.generate = generate_, .demotes = kArms[arm_].method == Method::kDirected};
  if (other_ && prng_.chance(1, 2)) {
    current_ = cross_over(prng_, schema_, options, current_, *other_);
    return;
  }
  // The profile is that of the kept run; a mutant of a mutant is aimed at nothing.
  const MutationAim aim{.profile = current_ == base_ ? profile_of_base() : nullptr, .sites = sites_};
  mutate(prng_, schema_, options, aim, current_);
}

void AdaptiveSource::prepare() {
  const Arm arm = kArms[arm_];
  if (arm.ground == Ground::kMutant && arm.method == Method::kDirected) {
    const bool stacks = done_ > 1 && prng_.chance(1, kStackIn);
    if (!stacks) current_ = base_;
    mutate_current();
    return;
  }
  current_ = base_;
  // The first run of a program is the program alone: its points are not known yet.
  if (is_first_) return;
  // On a kept run half of the schedules are its own interrupts and migrations, a little changed.
  const bool demotes = arm.method == Method::kDirected;
  if (arm.ground == Ground::kEntry && prng_.chance(1, 2)) {
    if (options_.structure && prng_.chance(1, 2)) {
      const MutationOptions options{.generate = generate_, .demotes = demotes, .programs = false};
      mutate(prng_, schema_, options, {.profile = profile_of_base(), .sites = sites_}, current_);
    }
    return;
  }
  generate_schedule(prng_, schema_, generate_, points_, demotes, current_);
}

AdaptiveSource::Keep AdaptiveSource::judge(const RunNews& news, const FeatureCounts::Worth& worth,
                                           std::uint32_t weight) const {
  if (!news.may_be_kept || !kept_.wants(news.features, weight)) return Keep::kNothing;
  return worth.novel > 0 ? Keep::kNovel : Keep::kSmaller;
}

AdaptiveSource::Keep AdaptiveSource::learn(const RunNews& news) {
  if (points_.empty()) points_.assign(news.points_by_cpu.begin(), news.points_by_cpu.end());
  is_first_ = false;
  const bool asked = kArms[arm_].method == Method::kPos || kArms[arm_].method == Method::kSurw ||
                     kArms[arm_].method == Method::kReadsFrom;
  cost_ += kRunCost + static_cast<double>(news.points) * (asked ? kAskedPointCost : 1) +
           static_cast<double>(news.switches) * kSwitchCost;
  if (!options_.feedback) return Keep::kNothing;
  const FeatureCounts::Worth worth = counts_.add(news.features);
  pay_ += worth.rarity;
  if (worth.novel > 0 && done_ + left_ < kBatchRunsMax) left_ = std::max(left_, kBatchRuns);
  return judge(news, worth, weight_of(current_, news.directives));
}

AdaptiveSource::Keep AdaptiveSource::learn_foreign(const RunNews& news, const Scenario& scenario) {
  return judge(news, counts_.add(news.features), weight_of(scenario, news.directives));
}

void AdaptiveSource::keep(Scenario scenario, const RunProfile& profile, std::span<const feedback::Feature> features) {
  kept_.keep(std::move(scenario), profile, features);
}

}  // namespace gridlock
