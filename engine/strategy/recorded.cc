// See recorded.h. May include: base, model.
#include "engine/strategy/recorded.h"

#include <algorithm>

namespace gridlock {

RecordedStrategy::RecordedStrategy(const RecordedOrder& order, std::uint32_t blur, std::uint64_t seed) {
  Prng prng(seed);
  // Blurred, several wishes may have one place: then the lower cpu's comes first, which is as good as any.
  for (std::uint64_t place = 0; place < order.size(); ++place) {
    const RecordedPoint& point = order[place];
    if (point.cpu.value() >= kCpusMax) continue;
    auto& own = wishes_[point.cpu.value()];
    std::uint64_t moved = place + (blur == 0 ? 0 : prng.below(2 * blur + 1));
    if (!own.empty()) moved = std::max(moved, own.back().place);
    own.push_back({moved, point.address, point.is_write});
  }
}

void RecordedStrategy::begin_run(const Scenario&) {
  next_.fill(0);
  extra_steps_.fill(0);
}

std::uint64_t RecordedStrategy::place_of(std::uint32_t cpu) const {
  return next_[cpu] < wishes_[cpu].size() ? wishes_[cpu][next_[cpu]].place : kNoPlace;
}

CpuId RecordedStrategy::pick(const Moment& moment) {
  CpuId best = lowest(moment.runnable);
  for (CpuSet rest = moment.runnable; rest != 0; rest &= rest - 1) {
    const CpuId cpu = lowest(rest);
    if (place_of(cpu.value()) < place_of(best.value())) best = cpu;
  }
  return best;
}

void RecordedStrategy::passes(const Moment& moment) {
  const std::uint32_t cpu = moment.cpu.value();
  const PendingAccess& access = moment.pending[cpu];
  const auto& own = wishes_[cpu];
  const std::size_t end = std::min(next_[cpu] + kWindow, own.size());
  for (std::size_t i = next_[cpu]; i < end; ++i) {
    if (own[i].address != access.address || own[i].is_write != access.is_write) continue;
    next_[cpu] = i + 1;
    extra_steps_[cpu] = 0;
    return;
  }
  if (next_[cpu] == own.size() || ++extra_steps_[cpu] <= kExtraStepsMax) return;
  ++next_[cpu];
  extra_steps_[cpu] = 0;
}

// A directive's demote: the cpu's next wish is taken for one that did not come true, so that others go first.
void RecordedStrategy::sent_back(CpuId cpu) {
  if (next_[cpu.value()] < wishes_[cpu.value()].size()) ++next_[cpu.value()];
}

}  // namespace gridlock
