#include "engine/cli/schedule_source.h"

#include <algorithm>
#include <utility>

#include "engine/base/hash.h"

namespace gridlock {
namespace {

// How far a mutation moves a directive at most.
constexpr std::uint32_t kShiftPointsMax = 8;

bool is_demote(const Directive& directive) {
  return directive.action == Action::kDemote;
}

void shift(Prng& prng, Directive& directive) {
  const std::uint32_t by = prng.between(1, kShiftPointsMax);
  const std::uint32_t point = directive.point.value();
  const std::uint32_t moved = prng.chance(1, 2) ? point + by : point - std::min(by, point - 1);
  directive.point = PointIndex(std::clamp(moved, 1u, kPointOrdinalMax));
}

}  // namespace

ScheduleSource::ScheduleSource(std::uint64_t seed, const TargetSchema& schema, bool demotes,
                               std::vector<Scenario> corpus)
    : prng_(seed), schema_(schema), demotes_(demotes), corpus_(std::move(corpus)) {}

const Scenario& ScheduleSource::next() {
  if (batch_left_ == 0) {
    start_batch();
    return current_;
  }
  --batch_left_;
  current_ = base_;
  // Around the corpus, half of the schedules are new ones: its programs are worth more than its schedules.
  if (around_corpus_ && prng_.chance(1, 2)) {
    if (!demotes_) std::erase_if(current_.directives, is_demote);
    mutate_directives(prng_, schema_, options_, points_, demotes_, current_);
  } else {
    generate_schedule(prng_, schema_, options_, points_, demotes_, current_);
  }
  return current_;
}

void ScheduleSource::start_batch() {
  around_corpus_ = corpus_used_ < corpus_.size();
  base_ = around_corpus_ ? corpus_[corpus_used_++] : generate_program(prng_, schema_, options_);
  current_ = base_;
  points_.clear();
  batch_left_ = kSchedulesPerProgram;
}

void ScheduleSource::learn(std::span<const std::uint32_t> points_by_cpu) {
  if (points_.empty()) points_.assign(points_by_cpu.begin(), points_by_cpu.end());
}

void mutate_directives(Prng& prng, const TargetSchema& schema, const GenerateOptions& options,
                       std::span<const std::uint32_t> points_by_cpu, bool demotes, Scenario& scenario) {
  auto& directives = scenario.directives;
  for (std::uint32_t edits = prng.between(1, 3); edits > 0; --edits) {
    const auto kind = prng.below(3);
    if (kind == 0 || directives.empty()) {
      Scenario fresh = scenario;
      generate_schedule(prng, schema, options, points_by_cpu, demotes, fresh);
      const bool fits = !fresh.directives.empty() && directives.size() < kDirectivesMax;
      if (fits) directives.push_back(fresh.directives.front());
      continue;
    }
    const auto at = prng.below(static_cast<std::uint32_t>(directives.size()));
    if (kind == 1) {
      shift(prng, directives[at]);
    } else {
      directives.erase(directives.begin() + at);
    }
  }
}

std::uint64_t derive_seed(std::uint64_t seed, std::uint32_t worker, std::uint32_t incarnation) {
  Hasher hasher;
  hasher.add(seed);
  hasher.add((std::uint64_t{worker} << 32) | incarnation);
  return hasher.finish().low;
}

}  // namespace gridlock
