// In which order the cpus of a run on real cores passed their points: each cpu notes the processor's time stamp with
// what it is about to access, in a log of its own, and the logs are merged when somebody asks.
//
// A time stamp and no ticket out of one counter: a counter is a locked instruction on a shared line in front of every
// access. It would order what the code under test leaves to the store buffers, and serialise the cpus. Time stamps of
// one machine agree to some ten nanoseconds (constant_tsc, nonstop_tsc), which is what one access takes; the merge is
// as exact as that, and whoever replays it (strategy/recorded.h) must live with neighbours that are swapped.
//
// May include: base, model.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/model/ids.h"
#include "engine/model/recorded_order.h"

namespace gridlock {

// The log of one cpu. One writer, its thread; anybody may read what it has noted so far.
class OrderLog {
 public:
  struct Record {
    std::uint64_t time = 0;
    std::uint64_t address = 0;  // of the access; 0: none
    bool is_write = false;
  };
  // Points of one cpu; later ones are not noted.
  static constexpr std::uint32_t kRecordsMax = 8192;

  OrderLog() : records_(kRecordsMax) {}
  void clear() { count_ = 0; }
  void note(std::uint64_t time, std::uint64_t address, bool is_write) {
    const std::uint32_t count = count_.load(std::memory_order_relaxed);
    if (count == kRecordsMax) return;
    records_[count] = {time, address, is_write};
    count_.store(count + 1, std::memory_order_release);
  }
  [[nodiscard]] std::span<const Record> records() const {
    return {records_.data(), count_.load(std::memory_order_acquire)};
  }

 private:
  std::vector<Record> records_;
  std::atomic<std::uint32_t> count_ = 0;
};

// The points of all cpus by time; at a tie the lower cpu first. Rounds of a spin, the same few accesses again and again
// of one cpu, are cut to kSpinRoundsKept: how often a cpu looks in vain is chance.
[[nodiscard]] RecordedOrder merge(std::span<const OrderLog* const> logs);

inline constexpr std::size_t kSpinPeriodMax = 4;   // accesses of one round
inline constexpr std::size_t kSpinRoundsKept = 1;  // the first one has the right place in the order

}  // namespace gridlock
