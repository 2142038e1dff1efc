#include "engine/search/kept_runs.h"

#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "engine/base/check.h"

namespace gridlock {
namespace {

// How many features compete to be the rarest, each time a run is chosen.
constexpr std::uint32_t kCompetitors = 8;
// One choice in this many looks at no rarity.
constexpr std::uint32_t kEvenChoiceIn = 4;
// How many pairs of points are looked at for rare ones.
constexpr std::uint32_t kPairsTried = 48;

bool reads(StepKind kind) {
  return kind != StepKind::kStore && kind != StepKind::kVolatileWrite && kind != StepKind::kPlainWrite;
}

std::vector<Site> preempted_sites(const Scenario& scenario, const RunProfile& profile) {
  std::vector<Site> sites;
  for (const Directive& directive : scenario.directives) {
    if (directive.action != Action::kDemote || directive.cpu.value() >= profile.cpus.size()) continue;
    const auto& notes = profile.cpus[directive.cpu.value()];
    if (directive.point.value() > notes.size()) continue;
    const Site site = notes[directive.point.value() - 1].site;
    if (site != 0 && std::ranges::find(sites, site) == sites.end()) sites.push_back(site);
  }
  return sites;
}

}  // namespace

std::vector<SharedPoint> shared_points(const RunProfile& profile) {
  struct Use {
    std::uint64_t cpus = 0;
    bool written = false;
  };
  std::unordered_map<std::uint32_t, Use> uses;  // looked up only, so that its order is nobody's
  for (std::size_t cpu = 0; cpu < profile.cpus.size(); ++cpu) {
    for (const PointNote& note : profile.cpus[cpu]) {
      if (note.object == 0) continue;
      Use& use = uses[note.object];
      use.cpus |= std::uint64_t{1} << cpu;
      use.written |= note.writes;
    }
  }
  std::vector<SharedPoint> shared;
  for (std::uint32_t cpu = 0; cpu < profile.cpus.size(); ++cpu) {
    for (const PointNote& note : profile.cpus[cpu]) {
      if (note.object == 0 || shared.size() == kSharedPointsMax) continue;
      const Use& use = uses[note.object];
      if (!use.written || std::popcount(use.cpus) < 2) continue;
      shared.push_back({cpu, note.object, note.site, reads(note.kind), note.writes});
    }
  }
  return shared;
}

std::uint32_t weight_of(const Scenario& scenario, std::size_t directives) {
  std::size_t weight = scenario.programs.size() + directives;
  for (const auto& program : scenario.programs) weight += program.size();
  return static_cast<std::uint32_t>(weight);
}

std::uint32_t weight_of(const Scenario& scenario) {
  return weight_of(scenario, scenario.directives.size());
}

bool KeptRuns::is_better(feedback::Feature feature, std::uint32_t weight) const {
  return owner_[feature] == kNobody || std::uint64_t{weight} * 4 <= std::uint64_t{weight_[feature]} * 3;
}

bool KeptRuns::wants(std::span<const feedback::Feature> features, std::uint32_t weight) const {
  return std::ranges::any_of(features, [&](feedback::Feature feature) { return is_better(feature, weight); });
}

std::uint32_t KeptRuns::free_slot() {
  if (free_.empty()) {
    runs_.emplace_back();
    return static_cast<std::uint32_t>(runs_.size() - 1);
  }
  const std::uint32_t slot = free_.back();
  free_.pop_back();
  return slot;
}

void KeptRuns::own(feedback::Feature feature, std::uint32_t slot) {
  const std::uint32_t before = std::exchange(owner_[feature], slot);
  ++runs_[slot].owned;
  if (before == kNobody || --runs_[before].owned > 0) return;
  runs_[before] = {};
  free_.push_back(before);
  --live_;
}

void KeptRuns::keep(Scenario scenario, const RunProfile& profile, std::span<const feedback::Feature> features) {
  const std::uint32_t weight = weight_of(scenario);
  if (!wants(features, weight)) return;
  const std::uint32_t slot = free_slot();
  KeptRun& run = runs_[slot];
  run.preempted = preempted_sites(scenario, profile);
  run.scenario = std::move(scenario);
  run.scenario.directives.shrink_to_fit();
  run.profile = profiles_.pack(profile, kKeptPointsMax);
  ++live_;
  for (const feedback::Feature feature : features) {
    if (!is_better(feature, weight)) continue;
    weight_[feature] = weight;
    own(feature, slot);
  }
}

const KeptRun& KeptRuns::choose(Prng& prng, const FeatureCounts& counts) const {
  GRIDLOCK_CHECK(!empty());
  const auto seen = counts.seen();
  const std::uint32_t competitors = prng.chance(1, kEvenChoiceIn) ? 1 : kCompetitors;
  std::uint32_t best = kNobody;
  std::uint32_t best_runs = UINT32_MAX;
  for (std::uint32_t i = 0; i < competitors || best == kNobody; ++i) {
    const feedback::Feature feature = seen[prng.below(static_cast<std::uint32_t>(seen.size()))];
    if (owner_[feature] == kNobody || counts.runs(feature) >= best_runs) continue;
    best = owner_[feature];
    best_runs = counts.runs(feature);
  }
  return runs_[best];
}

std::vector<ReadsFromPair> rare_pairs(Prng& prng, const RunProfile& profile, const FeatureCounts& counts,
                                      std::size_t pairs_max) {
  struct Candidate {
    std::uint32_t runs;
    ReadsFromPair pair;
  };
  std::vector<Candidate> candidates;
  const std::vector<SharedPoint> shared = shared_points(profile);
  const auto count = static_cast<std::uint32_t>(shared.size());
  for (std::uint32_t tried = 0; tried < kPairsTried && count > 0; ++tried) {
    const SharedPoint& write = shared[prng.below(count)];
    const SharedPoint& read = shared[prng.below(count)];
    if (!write.writes || !read.reads || write.object != read.object || write.cpu == read.cpu) continue;
    const std::uint32_t runs = counts.runs(feedback::InterleavingMap::reads_from_other_cpu(write.site, read.site));
    candidates.push_back({runs, {.write = write.site, .read = read.site}});
  }
  const auto key = [](const Candidate& candidate) {
    return std::tuple(candidate.runs, candidate.pair.write, candidate.pair.read);
  };
  std::ranges::sort(candidates, {}, key);
  std::vector<ReadsFromPair> pairs;
  for (const Candidate& candidate : candidates) {
    if (pairs.size() == pairs_max) break;
    if (std::ranges::find(pairs, candidate.pair) == pairs.end()) pairs.push_back(candidate.pair);
  }
  return pairs;
}

}  // namespace gridlock
