// The builtin engine's greybox search: what to run next, learned from which interleavings earlier runs reached.
//
// Runs come in batches. A batch has a *ground* (a generated program, the program of a kept run, a mutant of one) and a
// *method* (the scenario's own directives, or a strategy); which pair comes next is learned by what it pays (mix.h):
// rare features for a unit of cost. A run with a feature that none before it had, or a clearly smaller one with it, is
// kept (kept_runs.h). Batches on kept runs start at those that own rare features.
//
// The ideas are those of RFF (Wolff et al., ASPLOS 2024): reads-from pairs as feedback, schedules made from abstract
// pairs, energy for what is rare. Different here: programs are searched together with schedules; the schedule is a list
// of few directives that mutate and shrink, and reads-from pairs are wished for by site; other strategies (PCT, POS,
// SURW) run beside it in the same search, since no one of them is best for all bugs.
//
// May include: base, model, decode, feedback, mutate, strategy. Deterministic in the seed and in what it is told.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/prng.h"
#include "engine/decode/generate.h"
#include "engine/mutate/mutate.h"
#include "engine/search/feature_counts.h"
#include "engine/search/kept_runs.h"
#include "engine/search/method.h"
#include "engine/search/mix.h"

namespace gridlock {

struct AdaptiveOptions {
  bool feedback = true;   // false: nothing is kept and nothing learned; an even mix on generated programs
  bool structure = true;  // false: mutants are made by changing bytes
};

// What the run of an attempt did.
struct RunNews {
  std::span<const feedback::Feature> features;   // empty without feedback
  std::span<const std::uint32_t> points_by_cpu;  // of the cpus that have a program
  std::uint64_t points = 0;
  std::uint64_t switches = 0;
  std::size_t directives = 0;  // with which it replays
  bool may_be_kept = true;     // false: it showed a bug, or cannot be replayed by directives
};

class AdaptiveSource {
 public:
  // `schema` outlives the source.
  AdaptiveSource(std::uint64_t seed, const TargetSchema& schema, const AdaptiveOptions& options);

  // What to run next; valid until the next call.
  [[nodiscard]] Attempt next();
  // What is to become of a run. All but kNothing: the caller hands it to keep().
  enum class Keep : std::uint8_t { kNothing, kSmaller, kNovel };
  // To be called after each run of next().
  [[nodiscard]] Keep learn(const RunNews& news);
  // A run from elsewhere (a corpus, another worker) counts like one of ours.
  [[nodiscard]] Keep learn_foreign(const RunNews& news, const Scenario& scenario);
  // `scenario` as it was, with the profile of its replay.
  void keep(Scenario scenario, const RunProfile& profile, std::span<const feedback::Feature> features);

  [[nodiscard]] std::size_t kept() const { return kept_.size(); }
  // Of all runs so far, in the order in which they were first reached; valid until the next learn().
  [[nodiscard]] std::span<const feedback::Feature> features_seen() const { return counts_.seen(); }

 private:
  [[nodiscard]] Keep judge(const RunNews& news, const FeatureCounts::Worth& worth, std::uint32_t weight) const;
  void start_batch();
  void start_on_kept_run();
  void prepare();
  void mutate_current();
  [[nodiscard]] const RunProfile* profile_of_base() const;

  Prng prng_;
  const TargetSchema& schema_;
  AdaptiveOptions options_;
  GenerateOptions generate_;
  FeatureCounts counts_;
  KeptRuns kept_;
  Mix mix_;

  // The batch.
  std::size_t arm_ = 0;
  std::uint32_t left_ = 0;
  std::uint32_t done_ = 0;
  double pay_ = 0;
  double cost_ = 0;
  bool is_first_ = false;  // run of a generated program, whose points nobody knows yet
  Scenario base_;
  RunProfile base_profile_;            // of the kept run that the batch started from
  std::vector<Site> sites_;            // of another kept run, to preempt at
  std::optional<Scenario> other_;      // to cross with
  std::vector<std::uint32_t> points_;  // by cpu of base_
  std::vector<ReadsFromPair> wanted_;
  Scenario current_;
};

}  // namespace gridlock
