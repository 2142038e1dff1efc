// Which interleavings a run reached, as a set of small numbers: features. Code coverage cannot tell two schedules of
// one program apart; these can:
//
//     reads-from    site that wrote, site that read; by the same context, another one of this cpu, another cpu
//     hand-over     site that control left, site that it went to, where the first was stuck, or where both were about
//                   to access one word and one of them to write it; of other preemptions the first site alone
//     interrupt     site that was interrupted, vector or softirq
//     lock held     names of the locks that the interrupted cpu held, vector or softirq
//
// A site is where code stands, relative to the program: no address of data and none that changes between processes is
// part of a feature. Kinds and sites are hashed to kFeatures marks, so two features may share one: a fuzzer misses a
// novelty by that now and then, and takes nothing for new that is not. Reads-from pairs as feedback are the idea of
// Wolff et al., "Greybox Fuzzing for Concurrency Testing" (RFF, ASPLOS 2024); there the abstract events are keyed by
// variable and location, here by location alone, and the hand-overs are ours.
//
// Called from hooks on a cpu: no allocation, no call, a few nanoseconds. One run at a time; not thread safe.
// May include: base, model.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "engine/model/ids.h"

namespace gridlock::feedback {

inline constexpr std::uint32_t kFeatureBits = 14;
inline constexpr std::uint32_t kFeatures = 1 << kFeatureBits;
using Feature = std::uint16_t;  // below kFeatures

class InterleavingMap {
 public:
  // Marks go to memory of its own, or to `marks`: kFeatures bytes that outlive the map, 0 or 1 each, which a fuzzer
  // reads as counters and may clear between runs.
  InterleavingMap() : marks_(own_marks_.data()) {}
  explicit InterleavingMap(std::uint8_t* marks) : marks_(marks) {}
  InterleavingMap(const InterleavingMap&) = delete;
  InterleavingMap& operator=(const InterleavingMap&) = delete;

  // Forgets the features of the run before.
  void begin_run() {
    for (const Feature feature : touched()) marks_[feature] = 0;
    touched_count_ = 0;
    self_ = 0;
    if (++run_ == kRunsMax) {
      run_ = 1;
      writes_.fill({});
    }
  }

  // The features of the run, each once, in the order in which they were first reached. Valid until begin_run.
  [[nodiscard]] std::span<const Feature> touched() const { return {touched_.data(), touched_count_}; }

  // Takes the features of a run that was made in another process for those of a run of its own.
  void take_over(std::span<const Feature> features) {
    begin_run();
    for (const Feature feature : features) {
      if (marks_[feature] != 0 || touched_count_ == kFeatures) continue;
      marks_[feature] = 1;
      touched_[touched_count_++] = feature;
    }
  }

  // The feature of a read at `read` of what another cpu wrote at `write`.
  [[nodiscard]] static Feature reads_from_other_cpu(Site write, Site read) {
    return static_cast<Feature>(hash(kReadsFrom + kByOtherCpu, narrow(write), narrow(read)));
  }

  // What runs from here on: context `depth` (0 task, 1 a handler over it, ...) of `cpu`.
  void enter(std::uint32_t cpu, std::uint32_t depth) { self_ = cpu << 8 | depth; }

  // An access of what runs, at `site`, to the 8-byte granule of `address`. A read-modify-write reads, then writes.
  [[gnu::always_inline]] void read(std::uint64_t address, Site site) {
    const Write& write = writes_[slot(address)];
    // What no one has written in this run was written by the setup.
    const bool is_written = write.key == key(address);
    const std::uint32_t by = !is_written            ? kBySetup
                             : write.self == self_  ? kBySelf
                             : same_cpu(write.self) ? kBySameCpu
                                                    : kByOtherCpu;
    mark(kReadsFrom + by, is_written ? write.site : 0, narrow(site));
  }
  [[gnu::always_inline]] void write(std::uint64_t address, Site site) {
    writes_[slot(address)] = {.key = key(address), .site = narrow(site), .self = self_};
  }

  // Why control leaves a cpu.
  enum class HandOver : std::uint8_t {
    kStuck,      // it cannot go on
    kPreempted,  // it could
    kRaced,      // it could, and whoever goes on instead is about to access the same word; one of them writes
  };
  // Control goes from a cpu that stands at `from` to one that stands at `to` (0: at its start).
  void handed_over(Site from, Site to, HandOver why) {
    // Preemptions whose order makes no difference by itself are too many to be worth a feature for each pair: tried,
    // and after a second every fifth run had a pair that none before it had.
    mark(kHandOver + static_cast<std::uint32_t>(why), narrow(from), why == HandOver::kPreempted ? 0 : narrow(to));
  }
  // A handler (kind: of ContextView; number: vector or softirq) begins over `site`. `held`: a hash of the names of the
  // locks that the cpu holds, 0 for none.
  void interrupted(Site site, std::uint32_t kind, std::uint32_t number, std::uint32_t held) {
    mark(kInterrupted, narrow(site), kind << 8 | number);
    if (held != 0) mark(kLockHeld, held, kind << 8 | number);
  }

 private:
  // What a feature is of; the first four are one for each relation of reader and writer.
  enum Kind : std::uint32_t {
    kReadsFrom = 1,
    kBySetup = 0,
    kBySelf = 1,
    kBySameCpu = 2,
    kByOtherCpu = 3,
    kHandOver = 5,
    kInterrupted = 8,
    kLockHeld,
  };
  // The last write to a granule; of another run, or of another granule, if the key says so.
  struct Write {
    std::uint64_t key = 0;
    std::uint32_t site = 0;
    std::uint32_t self = 0;
  };

  static constexpr std::uint32_t kWriteSlots = 512;  // granules next to each other have slots of their own; 8 KiB
  static constexpr std::uint32_t kGranuleBits = 45;  // of an address of 48 bits
  static constexpr std::uint64_t kRunsMax = std::uint64_t{1} << (64 - kGranuleBits);

  [[nodiscard]] static std::uint32_t slot(std::uint64_t address) { return (address >> 3) % kWriteSlots; }
  [[nodiscard]] std::uint64_t key(std::uint64_t address) const { return address >> 3 | run_ << kGranuleBits; }
  [[nodiscard]] bool same_cpu(std::uint32_t self) const { return (self ^ self_) >> 8 == 0; }
  [[nodiscard]] static std::uint32_t narrow(Site site) { return static_cast<std::uint32_t>(site); }

  // Two rounds of multiply and shift; the factors are those of MurmurHash3's finalizer.
  [[nodiscard, gnu::always_inline]] static std::uint32_t hash(std::uint32_t kind, std::uint32_t first,
                                                              std::uint32_t second) {
    std::uint32_t mixed = (first + kind * 0x9e3779b9u) * 0x85ebca6bu;
    mixed = ((mixed ^ mixed >> 15) + second) * 0xc2b2ae35u;
    return mixed >> (32 - kFeatureBits);
  }
  [[gnu::always_inline]] std::uint32_t mark(std::uint32_t kind, std::uint32_t first, std::uint32_t second) {
    const std::uint32_t feature = hash(kind, first, second);
    if (marks_[feature] == 0) [[unlikely]] {
      marks_[feature] = 1;
      // A fuzzer that clears the marks in the middle of a run could make the list too long.
      if (touched_count_ < kFeatures) touched_[touched_count_++] = static_cast<Feature>(feature);
    }
    return feature;
  }

  std::array<std::uint8_t, kFeatures> own_marks_{};
  std::uint8_t* marks_;
  std::uint32_t touched_count_ = 0;
  std::uint32_t self_ = 0;
  std::uint64_t run_ = 1;
  std::array<Write, kWriteSlots> writes_{};
  std::array<Feature, kFeatures> touched_;
};

}  // namespace gridlock::feedback
