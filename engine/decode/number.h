// The one way a number is written in the byte form of a scenario. Seven of eight byte values are a whole number by
// themselves, so that changing, inserting or deleting a byte changes one small number; the rest open longer forms, so
// that every number can be written.
//
//     00 .. df                  0 .. 223
//     e0 .. fb  xx              224 .. 7391       224 + 256 * (first - e0) + xx
//     fc .. ff  xx xx xx xx     0 .. 2^32 - 1     little-endian; encode writes fc
//
// A number is read into a range. The two short forms count from the start of the *usual* range, the long form counts
// from the start of the *legal* range, both modulo the size of that range: most bytes give usual values, and every
// legal value has a form.
//
// May include: base.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace gridlock {

// Inclusive bounds; the usual range lies inside the legal one.
struct NumberRange {
  std::uint32_t minimum = 0;
  std::uint32_t maximum = 0;
  std::uint32_t usual_minimum = minimum;
  std::uint32_t usual_maximum = maximum;

  [[nodiscard]] constexpr bool contains(std::uint32_t value) const { return minimum <= value && value <= maximum; }
};

inline constexpr std::uint8_t kTwoByteLead = 0xe0;
inline constexpr std::uint8_t kLongLead = 0xfc;
inline constexpr std::uint32_t kTwoByteFirst = kTwoByteLead;
inline constexpr std::uint32_t kShortFormsEnd = kTwoByteFirst + 256 * (kLongLead - kTwoByteLead);
inline constexpr std::size_t kNumberBytesMax = 5;

class ByteReader {
 public:
  explicit ByteReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  [[nodiscard]] bool at_end() const { return at_ == bytes_.size(); }
  // The next byte; 0 at the end.
  [[nodiscard]] std::uint8_t byte() { return at_end() ? std::uint8_t{0} : bytes_[at_++]; }
  // The next number, in [range.minimum, range.maximum].
  [[nodiscard]] std::uint32_t number(const NumberRange& range) {
    const std::uint32_t first = byte();
    if (first < kTwoByteLead) return wrap(first, range.usual_minimum, range.usual_maximum);
    if (first < kLongLead) {
      const std::uint32_t value = kTwoByteFirst + 256 * (first - kTwoByteLead) + byte();
      return wrap(value, range.usual_minimum, range.usual_maximum);
    }
    std::uint32_t value = 0;
    for (std::uint32_t shift = 0; shift < 32; shift += 8) value |= std::uint32_t{byte()} << shift;
    return wrap(value, range.minimum, range.maximum);
  }

 private:
  static std::uint32_t wrap(std::uint32_t value, std::uint32_t low, std::uint32_t high) {
    const std::uint64_t size = std::uint64_t{high} - low + 1;
    return low + static_cast<std::uint32_t>(value < size ? value : value % size);
  }

  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

class ByteWriter {
 public:
  ByteWriter() { bytes_.reserve(kBytesUsual); }
  void byte(std::uint8_t value) { bytes_.push_back(value); }
  // The shortest form of `value`. REQUIRES: range.contains(value). ENSURES: a reader of the same range reads `value`.
  void number(std::uint32_t value, const NumberRange& range) {
    if (value < range.usual_minimum || value > range.usual_maximum || value - range.usual_minimum >= kShortFormsEnd) {
      byte(kLongLead);
      for (std::uint32_t shift = 0; shift < 32; shift += 8) low_byte((value - range.minimum) >> shift);
      return;
    }
    const std::uint32_t offset = value - range.usual_minimum;
    if (offset >= kTwoByteFirst) low_byte(kTwoByteLead + (offset - kTwoByteFirst) / 256);
    low_byte(offset < kTwoByteFirst ? offset : offset - kTwoByteFirst);
  }
  [[nodiscard]] std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  void low_byte(std::uint32_t value) { byte(static_cast<std::uint8_t>(value)); }

  static constexpr std::size_t kBytesUsual = 256;  // most scenarios fit: one allocation

  std::vector<std::uint8_t> bytes_;
};

}  // namespace gridlock
