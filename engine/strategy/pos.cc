// See pos.h. May include: base, model.
#include "engine/strategy/pos.h"

namespace gridlock {
namespace {

bool races(const PendingAccess& left, const PendingAccess& right) {
  return left.address != 0 && left.address == right.address && (left.is_write || right.is_write);
}

}  // namespace

PosStrategy::PosStrategy(std::uint64_t seed) : prng_(seed) {}

void PosStrategy::begin_run(const Scenario&) {
  drawn_ = 0;
  passes_left_ = kPatiencePoints;
}

CpuId PosStrategy::pick(const Moment& moment) {
  for (CpuSet fresh = moment.runnable & ~drawn_; fresh != 0; fresh &= fresh - 1) {
    priorities_[lowest(fresh).value()] = prng_.next();
  }
  drawn_ |= moment.runnable;
  return highest(moment.runnable, priorities_);
}

// What the cpu does next is another access with a priority of its own, so its own is forgotten like those it races
// with.
void PosStrategy::passes(const Moment& moment) {
  const PendingAccess& executed = moment.pending[moment.cpu.value()];
  drawn_ &= ~only(moment.cpu);
  for (CpuSet rest = drawn_; rest != 0; rest &= rest - 1) {
    const CpuId cpu = lowest(rest);
    if (races(executed, moment.pending[cpu.value()])) drawn_ &= ~only(cpu);
  }
  if (--passes_left_ != 0) return;
  drawn_ = 0;
  passes_left_ = kPatiencePoints;
}

void PosStrategy::sent_back(CpuId cpu) {
  drawn_ |= only(cpu);
  priorities_[cpu.value()] = 0;
}

// Every point is an access with a priority of its own.
std::uint32_t PosStrategy::policy_quiet_points() const {
  return 0;
}

}  // namespace gridlock
