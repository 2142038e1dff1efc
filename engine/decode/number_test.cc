// The forms of a number, byte by byte.
#include "engine/decode/number.h"

#include <gtest/gtest.h>

#include <limits>

namespace gridlock {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::uint32_t kMax = std::numeric_limits<std::uint32_t>::max();
constexpr NumberRange kAny = {.minimum = 0, .maximum = kMax};
constexpr NumberRange kFuzzed = {.minimum = 1, .maximum = 1024, .usual_minimum = 2, .usual_maximum = 4};

Bytes written(std::uint32_t value, const NumberRange& range) {
  ByteWriter writer;
  writer.number(value, range);
  return writer.take();
}

std::uint32_t read(const Bytes& bytes, const NumberRange& range) {
  return ByteReader(bytes).number(range);
}

TEST(Number, EachFormBeginsWhereTheOneBeforeEnds) {
  const struct {
    std::uint32_t value;
    Bytes bytes;
  } rows[] = {
      {0, {0x00}},
      {223, {0xdf}},
      {224, {0xe0, 0x00}},
      {479, {0xe0, 0xff}},
      {480, {0xe1, 0x00}},
      {7391, {0xfb, 0xff}},
      {7392, {0xfc, 0xe0, 0x1c, 0x00, 0x00}},
      {kMax, {0xfc, 0xff, 0xff, 0xff, 0xff}},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(written(row.value, kAny), row.bytes) << row.value;
    EXPECT_EQ(read(row.bytes, kAny), row.value) << row.value;
  }
}

TEST(Number, ShortFormsCountInTheUsualRangeAndTheLongFormInTheLegalOne) {
  EXPECT_EQ(read({0x00}, kFuzzed), 2u);
  EXPECT_EQ(read({0x02}, kFuzzed), 4u);
  EXPECT_EQ(read({0x03}, kFuzzed), 2u);
  EXPECT_EQ(read({0xe0, 0x01}, kFuzzed), 2u + 225 % 3);
  EXPECT_EQ(read({0xfc, 0x00, 0x00, 0x00, 0x00}, kFuzzed), 1u);
  EXPECT_EQ(read({0xff, 0x00, 0x04, 0x00, 0x00}, kFuzzed), 1u);
  EXPECT_EQ(written(3, kFuzzed), Bytes{0x01});
  EXPECT_EQ(written(1024, kFuzzed), (Bytes{0xfc, 0xff, 0x03, 0x00, 0x00}));
}

TEST(Number, EveryLegalValueIsReadAsItWasWritten) {
  for (std::uint32_t value = kFuzzed.minimum; value <= kFuzzed.maximum; ++value) {
    EXPECT_EQ(read(written(value, kFuzzed), kFuzzed), value);
  }
  const NumberRange high = {.minimum = kMax - 9000, .maximum = kMax};
  for (std::uint32_t value = high.minimum; value != 0; ++value) ASSERT_EQ(read(written(value, high), high), value);
}

TEST(Number, EveryByteStringIsANumberOfTheRange) {
  const NumberRange ranges[] = {kAny, kFuzzed, {.minimum = 7, .maximum = 7}, {.minimum = kMax, .maximum = kMax}};
  for (const NumberRange& range : ranges) {
    for (unsigned first = 0; first < 256; ++first) {
      const auto lead = static_cast<std::uint8_t>(first);
      for (const Bytes& bytes : {Bytes{lead}, Bytes{lead, 0xff}, Bytes{lead, 0x12, 0x34, 0x56, 0xff}}) {
        EXPECT_TRUE(range.contains(read(bytes, range))) << first;
      }
    }
  }
}

TEST(Number, WhatIsMissingReadsAsZero) {
  EXPECT_EQ(read({}, kAny), 0u);
  EXPECT_EQ(read({0xe1}, kAny), 480u);
  EXPECT_EQ(read({0xfc, 0x05}, kAny), 5u);
}

}  // namespace
}  // namespace gridlock
