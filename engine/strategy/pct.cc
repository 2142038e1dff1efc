// See pct.h. May include: base, model.
#include "engine/strategy/pct.h"

#include <algorithm>

namespace gridlock {
namespace {

// Priorities are three bands, from the bottom: sent back (falling from kFallen), fallen at change point i (kFallen +
// i), initial (the top bit set, random below it).
constexpr std::uint64_t kFallen = std::uint64_t{1} << 32;
constexpr std::uint64_t kInitial = std::uint64_t{1} << 63;

constexpr std::uint32_t kLengthMax = kPointOrdinalMax;  // of a run, as k; longer ones have their changes up to here

}  // namespace

PctStrategy::PctStrategy(std::uint64_t seed, std::uint32_t depth, std::uint32_t points_expected)
    : prng_(seed), changes_(std::max(depth, 1u) - 1), k_(std::clamp(points_expected, 1u, kLengthMax)) {}

void PctStrategy::begin_run(const Scenario& scenario) {
  learn_length(scenario);
  draw_changes();
  known_ = 0;
  draw_priorities(~CpuSet{0} >> (kCpusMax - scenario.cpu_count()));
  floor_ = kFallen;
  passed_.reset();
  length_ = 0;
}

// Until a program has been run once, the runs of the one before it are the best guess at its length.
void PctStrategy::learn_length(const Scenario& scenario) {
  longest_ = std::max(longest_, length_);
  if (longest_ > 0) k_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(longest_, kLengthMax));
  if (scenario.programs == programs_ && scenario.parameters == parameters_) return;
  programs_ = scenario.programs;
  parameters_ = scenario.parameters;
  longest_ = 0;
}

void PctStrategy::draw_changes() {
  std::uint64_t priority = kFallen;
  for (Change& change : changes_) change = {1 + prng_.below(k_), ++priority};
  std::ranges::sort(changes_);
  changes_done_ = 0;
}

void PctStrategy::draw_priorities(CpuSet cpus) {
  known_ |= cpus;
  for (; cpus != 0; cpus &= cpus - 1) priorities_[lowest(cpus).value()] = prng_.next() | kInitial;
}

CpuId PctStrategy::pick(const Moment& moment) {
  draw_priorities(moment.runnable & ~known_);
  notice_machine_demote(moment);
  const std::uint64_t step = moment.step + 1;
  const CpuId due = highest(moment.runnable, priorities_);
  for (; changes_done_ < changes_.size() && changes_[changes_done_].step <= step; ++changes_done_) {
    priorities_[due.value()] = changes_[changes_done_].priority;
  }
  return highest(moment.runnable, priorities_);
}

// Whoever passed last was the highest runnable cpu of the machine's list. If it still is runnable and yet the question
// is about a cpu that was runnable all along, only the machine's limit on running alone can have moved it. Without
// this, the policy would put it back in front and nobody else would ever run.
void PctStrategy::notice_machine_demote(const Moment& moment) {
  if (passed_ && *passed_ != moment.cpu && contains(moment.runnable, *passed_) &&
      contains(runnable_at_pass_, moment.cpu)) {
    sent_back(*passed_);
  }
  passed_.reset();
}

void PctStrategy::sent_back(CpuId cpu) {
  known_ |= only(cpu);
  priorities_[cpu.value()] = --floor_;
  passed_.reset();
}

void PctStrategy::passes(const Moment& moment) {
  passed_ = moment.cpu;
  runnable_at_pass_ = moment.runnable;
  const std::uint64_t step = moment.step + 1;
  length_ = step;
  // Behind the length known so far every point is asked about, so that the longest run is measured exactly.
  std::uint64_t asked_next = std::max(longest_, step) + 1;
  if (changes_done_ < changes_.size()) asked_next = std::min(asked_next, changes_[changes_done_].step);
  if (higher_may_wake(moment)) asked_next = step + 1;
  quiet_ = static_cast<std::uint32_t>(asked_next - step - 1);
}

// A cpu of higher priority than the one that runs, stuck now, would have to preempt it at the very point it wakes.
bool PctStrategy::higher_may_wake(const Moment& moment) const {
  for (CpuSet stuck = moment.listed & ~moment.runnable; stuck != 0; stuck &= stuck - 1) {
    const CpuId cpu = lowest(stuck);
    if (!contains(known_, cpu) || priorities_[cpu.value()] > priorities_[moment.cpu.value()]) return true;
  }
  return false;
}

std::uint32_t PctStrategy::policy_quiet_points() const {
  return quiet_;
}

}  // namespace gridlock
