// Places in the code at which ThreadSanitizer has reported races often enough although the accesses are ordered (by
// fences, through words of mixed sizes, by an address dependency: it knows none of these). Each report costs it
// milliseconds and memory that it does not give back, and says nothing new: after kReportsMax of them it is not asked
// about plain accesses at that place any more.
//
// May include: nothing.
#pragma once

#include <array>
#include <cstdint>

namespace gridlock {

class MisjudgedSites {
 public:
  // Enough to count and to show; then the runs of a correct target get their speed back.
  static constexpr std::uint32_t kReportsMax = 64;
  // More places than that go on being reported.
  static constexpr std::uint32_t kSitesMax = 256;

  // The bit of a return address in a 64-bit Bloom filter.
  [[nodiscard]] static constexpr std::uint64_t bit(std::uint64_t code) {
    return std::uint64_t{1} << (code * 0x9e3779b97f4a7c15 >> 58);
  }

  // A report whose later access is made by the call that returns to `code`. True if it was the last that is wanted.
  bool note(std::uint64_t code) {
    for (std::uint32_t i = 0; i < count_; ++i) {
      if (sites_[i].code == code) return ++sites_[i].reports == kReportsMax;
    }
    if (count_ < kSitesMax) sites_[count_++] = {code, 1};
    return false;
  }
  [[nodiscard]] bool contains(std::uint64_t code) const {
    for (std::uint32_t i = 0; i < count_; ++i) {
      if (sites_[i].code == code) return sites_[i].reports >= kReportsMax;
    }
    return false;
  }

 private:
  struct Entry {
    std::uint64_t code;
    std::uint32_t reports;
  };
  std::array<Entry, kSitesMax> sites_;
  std::uint32_t count_ = 0;
};

}  // namespace gridlock
