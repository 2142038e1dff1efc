// See surw.h. May include: base, model.
#include "engine/strategy/surw.h"

#include <algorithm>

namespace gridlock {
namespace {

// Of all runs, this share takes every access for selected: 1 in kAllSelectedIn.
constexpr std::uint32_t kAllSelectedIn = 4;

}  // namespace

SurwStrategy::SurwStrategy(std::uint64_t seed) : prng_(seed) {}

void SurwStrategy::begin_run(const Scenario& scenario) {
  now_ = 1 - now_;
  counts_[now_].clear();
  if (scenario.programs != programs_) {
    programs_ = scenario.programs;
    earlier().clear();
  }
  select();
  next_.reset();
  running_.reset();
  sent_back_.reset();
  passes_left_ = kPatiencePoints;
  even_left_ = 0;
}

void SurwStrategy::select() {
  word_ = 0;
  left_.fill(0);
  const AccessCounts& words = earlier();
  const AccessCounts::Word* chosen = nullptr;
  std::uint32_t candidates = 0;
  if (!prng_.chance(1, kAllSelectedIn)) {
    for (std::uint32_t i = 0; i < words.size(); ++i) {
      const bool contended = words[i].written && std::popcount(words[i].cpus) > 1;
      // Each candidate replaces the one before with a chance that leaves all equally likely.
      if (contended && prng_.below(++candidates) == 0) chosen = &words[i];
    }
  }
  if (chosen != nullptr) word_ = chosen->address;
  for (std::uint32_t i = 0; i < words.size(); ++i) {
    if (chosen != nullptr && &words[i] != chosen) continue;
    for (std::uint32_t cpu = 0; cpu < kCpusMax; ++cpu) left_[cpu] += words[i].by_cpu[cpu];
  }
}

bool SurwStrategy::is_selected(const PendingAccess& access) const {
  return word_ == 0 ? access.address != 0 : access.address == word_;
}

CpuId SurwStrategy::draw_next(CpuSet cpus) {
  // Odd weights: whoever has nothing left to do, as far as is known, is drawn now and then.
  const auto weight = [&](CpuId cpu) { return 2 * left_[cpu.value()] + 1; };
  std::uint32_t total = 0;
  for (CpuSet rest = cpus; rest != 0; rest &= rest - 1) total += weight(lowest(rest));
  std::uint32_t drawn = prng_.below(total);
  CpuSet rest = cpus;
  for (; drawn >= weight(lowest(rest)); rest &= rest - 1) drawn -= weight(lowest(rest));
  return lowest(rest);
}

CpuId SurwStrategy::pick(const Moment& moment) {
  CpuSet free = moment.runnable;
  if (sent_back_ && free != only(*sent_back_)) free &= ~only(*sent_back_);
  if (even_left_ > 0) {
    if (!running_ || !contains(free, *running_)) running_ = uniformly(prng_, free);
    return *running_;
  }
  if (!next_ || !contains(free, *next_)) next_ = draw_next(free);
  CpuSet may_go = free;
  for (CpuSet rest = free & ~only(*next_); rest != 0; rest &= rest - 1) {
    const CpuId cpu = lowest(rest);
    if (is_selected(moment.pending[cpu.value()])) may_go &= ~only(cpu);
  }
  if (!running_ || !contains(may_go, *running_)) running_ = uniformly(prng_, may_go);
  return *running_;
}

void SurwStrategy::passes(const Moment& moment) {
  const PendingAccess& access = moment.pending[moment.cpu.value()];
  sent_back_.reset();
  if (access.address != 0) counts_[now_].add(moment.cpu, access.address, access.is_write);
  const bool selected = is_selected(access);
  if (selected && left_[moment.cpu.value()] > 0) --left_[moment.cpu.value()];
  if (even_left_ > 0) {
    --even_left_;
  } else if (!selected) {
    if (--passes_left_ != 0) return;
    even_left_ = kEvenPoints;
  }
  next_.reset();
  running_.reset();
  passes_left_ = kPatiencePoints;
}

void SurwStrategy::sent_back(CpuId cpu) {
  sent_back_ = cpu;
  next_.reset();
  running_.reset();
}

// The next selected access may come at any point.
std::uint32_t SurwStrategy::policy_quiet_points() const {
  return 0;
}

}  // namespace gridlock
