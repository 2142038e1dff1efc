// Which of some thousand small numbers have come up, in memory that two processes share: one of them marks, the other
// one unites the sets of several.
//
// May include: base.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace gridlock {

// One writer; all accesses are relaxed, because a member is all that is told.
template <std::size_t kMembers>
class SeenSet {
 public:
  // A member that is too large is left out.
  void mark(std::size_t member) {
    if (member >= kMembers) return;
    std::atomic<std::uint64_t>& word = words_[member / 64];
    const std::uint64_t before = word.load(std::memory_order_relaxed);
    const std::uint64_t bit = std::uint64_t{1} << member % 64;
    if ((before & bit) == 0) word.store(before | bit, std::memory_order_relaxed);
  }

  void unite_with(const SeenSet& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      const std::uint64_t both =
          words_[i].load(std::memory_order_relaxed) | other.words_[i].load(std::memory_order_relaxed);
      words_[i].store(both, std::memory_order_relaxed);
    }
  }

  [[nodiscard]] std::uint64_t size() const {
    std::uint64_t members = 0;
    for (const auto& word : words_) {
      members += static_cast<std::uint64_t>(std::popcount(word.load(std::memory_order_relaxed)));
    }
    return members;
  }

 private:
  std::array<std::atomic<std::uint64_t>, (kMembers + 63) / 64> words_{};
};

}  // namespace gridlock
