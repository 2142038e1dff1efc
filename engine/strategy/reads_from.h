// `reads-from`: makes chosen reads see chosen writes. A wanted pair names the site of a write and the site of a read;
// whoever stands at such a read waits until the word was last written at that site, and goes at once when it is; who
// stands at such a write while a read waits for it goes first; and who would overwrite it waits until it has been read.
// A pair that has come about once has no more influence on the run. All else is as in `pos`. This is the proactive
// scheduling of abstract reads-from pairs in RFF (Wolff et al., "Greybox Fuzzing for Concurrency Testing", ASPLOS
// 2024).
//
// Deviations from the paper:
// - A pair holds for every word that is accessed there, not for one variable: sites are what mutation knows of runs.
// - Only positive pairs, no forbidden ones; the write of the setup is never wanted.
// - All waiting ends after kPatiencePoints of a run: the pairs may be infeasible in it.
//
// May include: base, model. Not thread safe.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "engine/strategy/pos.h"

namespace gridlock {

struct ReadsFromPair {
  Site write = 0;
  Site read = 0;
  bool operator==(const ReadsFromPair&) const = default;
};

inline constexpr std::uint32_t kWantedPairsMax = 4;

class ReadsFromStrategy final : public PosStrategy {
 public:
  explicit ReadsFromStrategy(std::uint64_t seed) : PosStrategy(seed) {}

  // What the next runs are to show; the first kWantedPairsMax count.
  void want(std::span<const ReadsFromPair> pairs);

 protected:
  void begin_run(const Scenario& scenario) override;
  CpuId pick(const Moment& moment) override;
  void passes(const Moment& moment) override;

 private:
  static constexpr std::uint32_t kPatiencePoints = 512;
  static constexpr std::uint32_t kWriteSlots = 128;
  // The last write to a granule in this run; of another granule if the address says so.
  struct Write {
    std::uint64_t address = 0;
    Site site = 0;
  };

  // What the wanted pairs have to say about a cpu that stands at an access.
  enum class Wish : std::uint8_t { kNone, kWait, kGo };

  [[nodiscard]] std::span<const ReadsFromPair> open() const { return {open_.data(), open_count_}; }
  [[nodiscard]] Site last_write(std::uint64_t address) const;
  [[nodiscard]] Wish wish_for(const PendingAccess& access) const;
  [[nodiscard]] bool is_waited_for(const PendingAccess& write, const Moment& moment, CpuSet waiting) const;

  std::array<ReadsFromPair, kWantedPairsMax> wanted_{};
  std::uint32_t wanted_count_ = 0;
  std::array<ReadsFromPair, kWantedPairsMax> open_{};  // those that have not come about in this run
  std::uint32_t open_count_ = 0;
  std::uint32_t patience_ = kPatiencePoints;
  std::array<Write, kWriteSlots> writes_{};
};

}  // namespace gridlock
