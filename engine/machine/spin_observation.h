// Recognises that a cpu spins: its own state at two points is the same, and nothing it did in between changed memory.
// From there it goes round for ever unless another cpu writes one of the words it read, so it need not run until then.
// This decides who runs, never what a hang is: the proof of a hang compares everything (recurrence.cc).
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
  void cancel() { active_ = false; }
  [[nodiscard]] bool active() const { return active_; }

  // Takes the state at this point as the one to come back to, for at most `points` more points.
  void start(const PointFrame& frame, std::uint64_t stack_top, std::uint32_t points);

  // The next point after start(): true if the state is the same again. Ends itself when its points are used up.
  bool recurs(const PointFrame& frame);

  void note_read(std::uint64_t address) { reads_.add(address); }
  [[nodiscard]] const WatchSet& reads() const { return reads_; }

 private:
  // Of the stack above the point: enough for the frames of a spinning function and its callers.
  static constexpr std::uint32_t kStackWordsMax = 64;

  bool active_ = false;
  std::uint32_t points_left_ = 0;
  std::uint32_t stack_words_ = 0;
  PointFrame frame_{};
  std::uint64_t at_ = 0;  // the address of the frame: the stack pointer
  WatchSet reads_;
  std::array<std::uint64_t, kStackWordsMax> stack_{};
};

}  // namespace gridlock
