// How often each cpu accesses each word in a run, for as many words as there is room for: what a strategy that weighs
// what is still to come counts in one run and uses in the next.
//
// Called on a fiber: no allocation. May include: base, model.
#pragma once

#include <array>
#include <cstdint>

#include "engine/model/ids.h"

namespace gridlock {

class AccessCounts {
 public:
  struct Word {
    std::uint64_t address = 0;  // 0: this slot is free
    bool written = false;
    std::uint64_t cpus = 0;  // bit per cpu
    std::array<std::uint16_t, kCpusMax> by_cpu{};
  };

  void clear() {
    for (std::uint32_t i = 0; i < used_count_; ++i) words_[used_[i]] = {};
    used_count_ = 0;
  }

  void add(CpuId cpu, std::uint64_t address, bool is_write) {
    Word* const word = slot_of(address);
    if (word == nullptr) return;
    word->written |= is_write;
    word->cpus |= std::uint64_t{1} << cpu.value();
    std::uint16_t& count = word->by_cpu[cpu.value()];
    if (count != UINT16_MAX) ++count;
  }

  // The words that were accessed, in the order of their first access.
  [[nodiscard]] std::uint32_t size() const { return used_count_; }
  [[nodiscard]] const Word& operator[](std::uint32_t index) const { return words_[used_[index]]; }

 private:
  static constexpr std::uint32_t kSlots = 256;
  static constexpr std::uint32_t kWordsMax = 128;

  // Nothing if the word is a new one and there is no room for it.
  Word* slot_of(std::uint64_t address) {
    std::uint32_t slot = static_cast<std::uint32_t>((address >> 2) * 0x9e3779b1u >> 7) % kSlots;
    while (words_[slot].address != address) {
      if (words_[slot].address == 0) {
        if (used_count_ == kWordsMax) return nullptr;
        words_[slot].address = address;
        used_[used_count_++] = static_cast<std::uint16_t>(slot);
        break;
      }
      slot = (slot + 1) % kSlots;
    }
    return &words_[slot];
  }

  std::array<Word, kSlots> words_{};
  std::array<std::uint16_t, kWordsMax> used_{};
  std::uint32_t used_count_ = 0;
};

}  // namespace gridlock
