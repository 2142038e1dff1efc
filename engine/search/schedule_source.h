// The blind stream of inputs, for one strategy by itself: first around the corpus, then programs out of the random
// number generator, each with a batch of schedules aimed at the points that a first run of the program passed.
//
// May include: base, model, decode, mutate.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/prng.h"
#include "engine/decode/generate.h"
#include "engine/model/scenario.h"

namespace gridlock {

// Schedules tried on one program before the next. (Tried on a spinlock model: with few the first run of each program is
// wasted, with thousands the search stays with programs that cannot fail.)
inline constexpr std::uint32_t kSchedulesPerProgram = 64;

// Deterministic in the seed and the corpus.
class ScheduleSource {
 public:
  // `schema` outlives the source. `demotes`: false leaves preemption to a strategy.
  ScheduleSource(std::uint64_t seed, const TargetSchema& schema, bool demotes, std::vector<Scenario> corpus);

  // What to run next. The first of a batch is the program alone, or the corpus entry as it is. Lives until the next
  // call.
  [[nodiscard]] const Scenario& next();

  // To be called after the first run of a batch with the points that each cpu passed; ignored after the others.
  void learn(std::span<const std::uint32_t> points_by_cpu);

  // How many entries of the corpus have had their batch begun.
  [[nodiscard]] std::size_t corpus_used() const { return corpus_used_; }

 private:
  void start_batch();

  Prng prng_;
  const TargetSchema& schema_;
  GenerateOptions options_;
  bool demotes_;
  std::vector<Scenario> corpus_;
  std::size_t corpus_used_ = 0;
  bool around_corpus_ = false;
  Scenario base_;  // of the batch
  Scenario current_;
  std::vector<std::uint32_t> points_;
  std::uint32_t batch_left_ = 0;
};

// `seed` of worker `worker`, started for the `incarnation`-th time: every combination gets a sequence of its own.
[[nodiscard]] std::uint64_t derive_seed(std::uint64_t seed, std::uint32_t worker, std::uint32_t incarnation);

}  // namespace gridlock
