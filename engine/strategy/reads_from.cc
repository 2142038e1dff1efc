// See reads_from.h. May include: base, model.
#include "engine/strategy/reads_from.h"

#include <algorithm>

namespace gridlock {

void ReadsFromStrategy::want(std::span<const ReadsFromPair> pairs) {
  wanted_count_ = static_cast<std::uint32_t>(std::min<std::size_t>(pairs.size(), kWantedPairsMax));
  std::copy_n(pairs.begin(), wanted_count_, wanted_.begin());
}

void ReadsFromStrategy::begin_run(const Scenario& scenario) {
  PosStrategy::begin_run(scenario);
  open_ = wanted_;
  open_count_ = wanted_count_;
  patience_ = kPatiencePoints;
  writes_.fill({});
}

Site ReadsFromStrategy::last_write(std::uint64_t address) const {
  const Write& write = writes_[(address >> 3) % kWriteSlots];
  return write.address == address >> 3 ? write.site : 0;
}

ReadsFromStrategy::Wish ReadsFromStrategy::wish_for(const PendingAccess& access) const {
  if (access.address == 0) return Wish::kNone;
  const Site written = last_write(access.address);
  Wish wish = Wish::kNone;
  for (const ReadsFromPair& pair : open()) {
    if (pair.read == access.site) {
      if (pair.write == written) return Wish::kGo;
      wish = Wish::kWait;
    } else if (access.is_write && pair.write == written) {
      wish = Wish::kWait;
    }
  }
  return wish;
}

bool ReadsFromStrategy::is_waited_for(const PendingAccess& write, const Moment& moment, CpuSet waiting) const {
  if (!write.is_write) return false;
  for (; waiting != 0; waiting &= waiting - 1) {
    const PendingAccess& read = moment.pending[lowest(waiting).value()];
    const ReadsFromPair pair{.write = write.site, .read = read.site};
    if (write.address >> 3 == read.address >> 3 && std::ranges::find(open(), pair) != open().end()) return true;
  }
  return false;
}

CpuId ReadsFromStrategy::pick(const Moment& moment) {
  CpuSet waiting = 0, urgent = 0;
  for (CpuSet rest = moment.runnable; rest != 0 && patience_ != 0 && open_count_ != 0; rest &= rest - 1) {
    const Wish wish = wish_for(moment.pending[lowest(rest).value()]);
    if (wish == Wish::kWait) waiting |= only(lowest(rest));
    if (wish == Wish::kGo) urgent |= only(lowest(rest));
  }
  for (CpuSet rest = moment.runnable & ~waiting; rest != 0 && waiting != 0; rest &= rest - 1) {
    if (is_waited_for(moment.pending[lowest(rest).value()], moment, waiting)) urgent |= only(lowest(rest));
  }
  Moment narrowed = moment;
  if (urgent != 0) {
    narrowed.runnable = urgent;
  } else if ((moment.runnable & ~waiting) != 0) {
    narrowed.runnable &= ~waiting;
  }
  return PosStrategy::pick(narrowed);
}

void ReadsFromStrategy::passes(const Moment& moment) {
  PosStrategy::passes(moment);
  const PendingAccess& access = moment.pending[moment.cpu.value()];
  const ReadsFromPair seen{.write = last_write(access.address), .read = access.site};
  for (std::uint32_t i = 0; i < open_count_; ++i) {
    if (access.address != 0 && open_[i] == seen) open_[i--] = open_[--open_count_];
  }
  if (access.is_write) {
    writes_[(access.address >> 3) % kWriteSlots] = {.address = access.address >> 3, .site = access.site};
  }
  if (patience_ != 0 && open_count_ != 0) --patience_;
}

}  // namespace gridlock
