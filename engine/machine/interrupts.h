// The interrupt state of one cpu: the enable flag, what is pending, what is held back, softirqs and migration requests.
// Decides what may be delivered; delivering is the machine's.
//
// May include: base, model.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "engine/base/hash.h"

namespace gridlock {

inline constexpr std::uint32_t kVectorsMax = 64;
inline constexpr std::uint32_t kSoftirqsMax = 32;
inline constexpr std::uint32_t kMigrationsPendingMax = 8;

class Interrupts {
 public:
  // What held_until_ and migration_queue_ hold means nothing where held_ and migrations_ do not say so.
  void reset() {
    pending_ = held_ = 0;
    softirqs_ = migrations_ = 0;
    enabled_ = true;
  }

  [[nodiscard]] bool enabled() const { return enabled_; }
  void set_enabled(bool enabled) { enabled_ = enabled; }

  // ENSURES: true if the vector was not pending before.
  bool raise(std::uint32_t vector) {
    const std::uint64_t bit = std::uint64_t{1} << vector;
    const bool fresh = (pending_ & bit) == 0;
    pending_ |= bit;
    return fresh;
  }
  [[nodiscard]] std::uint64_t pending() const { return pending_; }

  // Holds `vector` back until this cpu has passed point `until`.
  void defer(std::uint32_t vector, std::uint32_t until) {
    held_ |= std::uint64_t{1} << vector;
    held_until_[vector] = until;
  }
  // Ends the deferrals that have run out at `point`; the number of points to the next end, UINT32_MAX if none.
  std::uint32_t expire_deferrals(std::uint32_t point) {
    std::uint32_t next = UINT32_MAX;
    for (std::uint64_t left = held_; left != 0; left &= left - 1) {
      const auto vector = static_cast<std::uint32_t>(std::countr_zero(left));
      if (held_until_[vector] <= point) {
        held_ &= ~(std::uint64_t{1} << vector);
      } else if (held_until_[vector] - point < next) {
        next = held_until_[vector] - point;
      }
    }
    return next;
  }
  // Ends all deferrals. True if one of them held something back.
  bool end_deferrals() {
    const bool held_something = (held_ & pending_) != 0;
    held_ = 0;
    return held_something;
  }
  [[nodiscard]] bool any_deferral() const { return held_ != 0; }

  // True if a vector or a migration request may be delivered now.
  [[nodiscard]] bool deliverable() const { return enabled_ && ((pending_ & ~held_) != 0 || migrations_ != 0); }
  // Takes the lowest deliverable vector off the pending ones; false if only migration requests wait.
  bool take_vector(std::uint32_t& vector) {
    const std::uint64_t ready = pending_ & ~held_;
    if (ready == 0) return false;
    vector = static_cast<std::uint32_t>(std::countr_zero(ready));
    pending_ &= ~(std::uint64_t{1} << vector);
    return true;
  }

  struct Migration {
    std::uint32_t entity = 0;
    std::uint32_t cpu = 0;
  };
  // False if too many wait already; the request is dropped, as a busy system would.
  [[nodiscard]] bool request_migration(Migration migration) {
    if (migrations_ == kMigrationsPendingMax) return false;
    migration_queue_[migrations_++] = migration;
    return true;
  }
  [[nodiscard]] std::uint32_t migrations_waiting() const { return migrations_; }
  // REQUIRES: one waits.
  Migration take_migration() {
    const Migration first = migration_queue_[0];
    for (std::uint32_t i = 1; i < migrations_; ++i) migration_queue_[i - 1] = migration_queue_[i];
    --migrations_;
    return first;
  }

  void raise_softirq(std::uint32_t number) { softirqs_ |= std::uint32_t{1} << number; }
  [[nodiscard]] std::uint32_t softirqs() const { return softirqs_; }
  std::uint32_t take_softirqs() {
    const std::uint32_t all = softirqs_;
    softirqs_ = 0;
    return all;
  }

  void add_to(Hasher& hasher) const {
    hasher.add(pending_);
    hasher.add(held_);
    hasher.add((std::uint64_t{softirqs_} << 32) | (migrations_ << 1) | (enabled_ ? 1 : 0));
  }

 private:
  std::uint64_t pending_ = 0;
  std::uint64_t held_ = 0;
  std::uint32_t softirqs_ = 0;
  std::uint32_t migrations_ = 0;
  bool enabled_ = true;
  std::array<std::uint32_t, kVectorsMax> held_until_{};
  std::array<Migration, kMigrationsPendingMax> migration_queue_{};
};

}  // namespace gridlock
