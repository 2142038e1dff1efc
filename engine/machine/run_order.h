// Who may run: the priority list and the set of runnable cpus. The rule of the whole machine is one line: the highest
// cpu of the list that is runnable runs. Every point asks for it, so nothing here depends on the number of cpus:
//
//     slots            | cpu 2 |       | cpu 0 | cpu 1 |       |       |  ...       lowest slot: highest priority
//     runnable_slots_      1       0       0       1       0       0
//
// A cpu that is demoted moves to the slot behind the last one; when the slots run out, those in use are moved together.
//
// May include: base, model.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "engine/model/ids.h"

namespace gridlock {

class RunOrder {
 public:
  static constexpr std::uint32_t kNobody = UINT32_MAX;

  void reset() {
    slots_used_ = 0;
    listed_ = runnable_ = 0;
    runnable_slots_ = {};
  }

  // A new cpu at the back, runnable.
  void append(std::uint32_t cpu) {
    listed_ |= bit(cpu);
    runnable_ |= bit(cpu);
    place_last(cpu);
  }

  void demote(std::uint32_t cpu) {
    mark(slot_of_[cpu], false);
    place_last(cpu);
  }

  // The cpu has ended: it leaves the list.
  void end(std::uint32_t cpu) {
    set_runnable(cpu, false);
    listed_ &= ~bit(cpu);
  }

  void set_runnable(std::uint32_t cpu, bool runnable) {
    runnable_ = runnable ? runnable_ | bit(cpu) : runnable_ & ~bit(cpu);
    mark(slot_of_[cpu], runnable);
  }
  [[nodiscard]] bool is_runnable(std::uint32_t cpu) const { return (runnable_ & bit(cpu)) != 0; }
  [[nodiscard]] std::uint64_t runnable() const { return runnable_; }
  // Those that have not ended.
  [[nodiscard]] std::uint64_t listed() const { return listed_; }

  // The highest runnable cpu, or kNobody.
  [[nodiscard]] std::uint32_t highest() const {
    if (runnable_slots_[0] != 0) return cpus_[static_cast<std::uint32_t>(std::countr_zero(runnable_slots_[0]))];
    if (runnable_slots_[1] != 0) return cpus_[64 + static_cast<std::uint32_t>(std::countr_zero(runnable_slots_[1]))];
    return kNobody;
  }

  [[nodiscard]] bool is_alone(std::uint32_t cpu) const { return (runnable_ & ~bit(cpu)) == 0; }

  // Calls see(cpu) for each cpu that has not ended, highest first.
  template <typename See>
  void for_each(See&& see) const {
    for (std::uint32_t slot = 0; slot < slots_used_; ++slot) {
      if (is_in_use(slot)) see(std::uint32_t{cpus_[slot]});
    }
  }

 private:
  // Twice as many as cpus, so that moving together costs at most one step a demote.
  static constexpr std::uint32_t kSlots = 2 * kCpusMax;
  static_assert(kSlots == 128);

  static constexpr std::uint64_t bit(std::uint32_t cpu) { return std::uint64_t{1} << cpu; }

  void mark(std::uint32_t slot, bool runnable) {
    std::uint64_t& word = runnable_slots_[slot / 64];
    word = runnable ? word | bit(slot % 64) : word & ~bit(slot % 64);
  }

  // A slot that its cpu has left still names it.
  [[nodiscard]] bool is_in_use(std::uint32_t slot) const {
    const std::uint32_t cpu = cpus_[slot];
    return slot_of_[cpu] == slot && (listed_ & bit(cpu)) != 0;
  }

  void place_last(std::uint32_t cpu) {
    if (slots_used_ == kSlots) move_together(cpu);
    const std::uint32_t slot = slots_used_++;
    cpus_[slot] = static_cast<std::uint8_t>(cpu);
    slot_of_[cpu] = static_cast<std::uint8_t>(slot);
    mark(slot, is_runnable(cpu));
  }

  // All but `leaving`, which is placed anew right after.
  void move_together(std::uint32_t leaving) {
    std::uint32_t kept = 0;
    runnable_slots_ = {};
    for (std::uint32_t slot = 0; slot < kSlots; ++slot) {
      const std::uint32_t cpu = cpus_[slot];
      if (cpu == leaving || !is_in_use(slot)) continue;
      cpus_[kept] = static_cast<std::uint8_t>(cpu);
      slot_of_[cpu] = static_cast<std::uint8_t>(kept);
      mark(kept++, is_runnable(cpu));
    }
    slots_used_ = kept;
  }

  std::array<std::uint64_t, 2> runnable_slots_{};
  std::uint64_t runnable_ = 0;
  std::uint64_t listed_ = 0;
  std::uint32_t slots_used_ = 0;
  std::array<std::uint8_t, kCpusMax> slot_of_{};  // by cpu
  std::array<std::uint8_t, kSlots> cpus_{};       // by slot
};

}  // namespace gridlock
