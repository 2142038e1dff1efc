#include "engine/search/schedule_source.h"

#include <utility>

#include "engine/base/hash.h"
#include "engine/mutate/mutate.h"

namespace gridlock {
namespace {

bool is_demote(const Directive& directive) {
  return directive.action == Action::kDemote;
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
    mutate(prng_, schema_, {.generate = options_, .demotes = demotes_, .programs = false}, {}, current_);
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

std::uint64_t derive_seed(std::uint64_t seed, std::uint32_t worker, std::uint32_t incarnation) {
  Hasher hasher;
  hasher.add(seed);
  hasher.add((std::uint64_t{worker} << 32) | incarnation);
  return hasher.finish().low;
}

}  // namespace gridlock
