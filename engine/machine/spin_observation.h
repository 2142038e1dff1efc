// Recognises that a cpu spins: it makes the same accesses with the same values over and over, its own state comes back
// as well, and nothing it did in between changed memory. From there it goes round for ever unless another cpu writes
// one of the words it read, so it need not run until then. This decides who runs, never what a hang is: the proof of a
// hang compares everything (ending.cc).
//
// The same cpu must be found spinning at the same point in every flavour, or a schedule would not mean the same in all
// of them. Registers and stack hold leftovers of earlier rounds where one compiler run left them and another did not;
// so states are only compared two whole rounds after the accesses have become periodic, when all leftovers are of
// rounds that were the same. When that is, the accesses alone decide.
//
// May include: base, model.
#pragma once

#include <array>
#include <cstdint>

#include "engine/machine/gate.h"

namespace gridlock {

inline constexpr std::uint32_t kWatchesMax = 8;

// The words that a stuck cpu waits for. More than kWatchesMax: any write counts.
struct WatchSet {
  std::array<std::uint64_t, kWatchesMax> addresses{};
  std::uint32_t count = 0;
  bool any = false;

  void clear() {
    count = 0;
    any = false;
  }
  void add(std::uint64_t address) {
    for (std::uint32_t i = 0; i < count; ++i) {
      if (addresses[i] == address) return;
    }
    if (count == kWatchesMax) {
      any = true;
    } else {
      addresses[count++] = address;
    }
  }
  [[nodiscard]] std::uint64_t bloom() const {
    if (any) return ~std::uint64_t{0};
    std::uint64_t bits = 0;
    for (std::uint32_t i = 0; i < count; ++i) bits |= std::uint64_t{1} << watch_bit(addresses[i]);
    return bits;
  }
  // By granules of 8 bytes, as the Bloom filter: a byte lock and the counter beside it count as one.
  [[nodiscard]] bool contains(std::uint64_t address) const {
    if (any) return true;
    for (std::uint32_t i = 0; i < count; ++i) {
      if (addresses[i] >> 3 == address >> 3) return true;
    }
    return false;
  }
};

class SpinObservation {
 public:
  // Observes at most this many points in one go; a spin is seen if three of its rounds are shorter.
  static constexpr std::uint32_t kPointsMax = 1024;

  void cancel() { active_ = false; }
  [[nodiscard]] bool active() const { return active_; }

  // Begins with the point that is told next, for at most `points` points, up to kPointsMax.
  void start(std::uint32_t points);

  // A point of the cpu: `access` stands for what it does there, values included; its context's stack ends at
  // `stack_end`. True if the cpu spins. Ends itself when the points that are left are too few. REQUIRES: active().
  bool arrives(std::uint64_t access, const PointFrame& frame, std::uint64_t stack_end);

  void note_read(std::uint64_t address) { reads_.add(address); }
  [[nodiscard]] const WatchSet& reads() const { return reads_; }

 private:
  // Of the stack above the point: enough for the frames of a spinning function and its callers.
  static constexpr std::uint32_t kStackWordsMax = 64;

  std::uint32_t add(std::uint64_t access);
  void take_state(const PointFrame& frame, std::uint64_t stack_end);
  [[nodiscard]] bool has_state(const PointFrame& frame) const;

  bool active_ = false;
  WatchSet reads_;

  // The accesses since the start. border_[n - 1] is the length of the longest proper prefix of the first n that is
  // their suffix too: they have the period n - border_[n - 1] (Knuth, Morris and Pratt, "Fast Pattern Matching in
  // Strings", SIAM J. Comput. 1977).
  std::uint32_t count_ = 0;
  std::uint32_t limit_ = 0;
  std::array<std::uint64_t, kPointsMax> accesses_{};
  std::array<std::uint16_t, kPointsMax> border_{};

  // The state to come back to, taken once the accesses have been periodic for long enough.
  std::uint32_t period_ = 0;  // 0: not yet
  std::uint32_t stack_words_ = 0;
  PointFrame frame_{};
  std::uint64_t at_ = 0;  // the address of the frame: the stack pointer
  std::array<std::uint64_t, kStackWordsMax> stack_{};
};

}  // namespace gridlock
