// The runs that were worth keeping: for each feature the smallest run that has it. Mutation starts from them, and those
// with rare features are chosen most.
//
// May include: base, model, feedback, strategy.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/prng.h"
#include "engine/model/run_profile.h"
#include "engine/model/scenario.h"
#include "engine/search/feature_counts.h"
#include "engine/search/profile_store.h"
#include "engine/strategy/reads_from.h"

namespace gridlock {

// A point of a kept run that accesses a word which several cpus touch and one writes.
struct SharedPoint {
  std::uint32_t cpu = 0;
  std::uint32_t object = 0;
  Site site = 0;
  bool reads = false;
  bool writes = false;
};

struct KeptRun {
  Scenario scenario;  // as it was: its directives alone give the run again
  PackedProfile profile;
  std::vector<Site> preempted;  // where its directives demote
  std::uint32_t owned = 0;      // features for which it is the smallest
};

// What a scenario costs a reader and a mutation: cpus, operations and directives.
[[nodiscard]] std::uint32_t weight_of(const Scenario& scenario);
[[nodiscard]] std::uint32_t weight_of(const Scenario& scenario, std::size_t directives);

// Those of a run, in the order of cpus and points, at most kSharedPointsMax.
inline constexpr std::uint32_t kSharedPointsMax = 256;
[[nodiscard]] std::vector<SharedPoint> shared_points(const RunProfile& profile);

class KeptRuns {
 public:
  // Points of a cpu that the profile of a kept run has at most: there are thousands of runs, and what matters comes
  // early.
  static constexpr std::uint32_t kKeptPointsMax = 512;

  // True if a run with these features, of that weight, would be the first or clearly the smallest with one of them.
  [[nodiscard]] bool wants(std::span<const feedback::Feature> features, std::uint32_t weight) const;

  // Keeps a run that is wanted; what it makes superfluous goes.
  void keep(Scenario scenario, const RunProfile& profile, std::span<const feedback::Feature> features);

  [[nodiscard]] bool empty() const { return live_ == 0; }
  [[nodiscard]] std::size_t size() const { return live_; }

  // A kept run, with a preference for those that own rare features. REQUIRES: not empty(). Valid until keep().
  [[nodiscard]] const KeptRun& choose(Prng& prng, const FeatureCounts& counts) const;
  // REQUIRES: `run` is one of these.
  [[nodiscard]] RunProfile profile_of(const KeptRun& run) const { return profiles_.unpack(run.profile); }

 private:
  static constexpr std::uint32_t kNobody = UINT32_MAX;

  // True if a run of that weight is to own the feature: by a quarter lighter at least, or every run would replace some
  // other.
  [[nodiscard]] bool is_better(feedback::Feature feature, std::uint32_t weight) const;
  [[nodiscard]] std::uint32_t free_slot();
  void own(feedback::Feature feature, std::uint32_t slot);

  ProfileStore profiles_;
  std::vector<KeptRun> runs_;
  std::vector<std::uint32_t> free_;
  std::vector<std::uint32_t> owner_ = std::vector<std::uint32_t>(feedback::kFeatures, kNobody);      // slot in runs_
  std::vector<std::uint32_t> weight_ = std::vector<std::uint32_t>(feedback::kFeatures, UINT32_MAX);  // of the owner
  std::size_t live_ = 0;
};

// Reads-from pairs of different cpus that a run with this profile could show and that few runs have shown: at most
// `pairs_max`, the rarest of those that were looked at first.
[[nodiscard]] std::vector<ReadsFromPair> rare_pairs(Prng& prng, const RunProfile& profile, const FeatureCounts& counts,
                                                    std::size_t pairs_max);

}  // namespace gridlock
