// What is text, what is a word, and where a cursor stands.
#include "engine/model/repro_line.h"

#include <gtest/gtest.h>

#include "engine/model/repro_text.h"

namespace gridlock {
namespace {

TEST(ReproLine, BytesThatAreNoTextAreFoundWhereTheyStand) {
  const struct {
    std::string_view line;
    std::size_t at;
  } rows[] = {
      {std::string_view("ab\0c", 4), 2},  // NUL
      {"ab\x1b[0m", 2},                   // a control character
      {"\x7f", 0},
      {"a\rb", 1},              // a carriage return inside a line
      {"\x80", 0},              // a continuation without a start
      {"x\xc3", 1},             // a start without a continuation
      {"\xc0\xaf", 0},          // overlong, two bytes
      {"\xe0\x80\x80", 0},      // overlong, three bytes
      {"\xf0\x80\x80\x80", 0},  // overlong, four bytes
      {"\xed\xa0\x80", 0},      // a surrogate
      {"\xf4\x90\x80\x80", 0},  // above U+10FFFF
      {"\xff\xfe", 0},
  };
  for (const auto& row : rows) EXPECT_EQ(first_byte_not_text(row.line), row.at) << testing::PrintToString(row.line);
}

TEST(ReproLine, TextInAnyLanguageIsText) {
  for (const char* line :
       {"", "\t x", "größer", "\xed\x9f\xbf", "\xe2\x86\x92", "\xf0\x9f\x94\x92", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_EQ(first_byte_not_text(line), std::string_view::npos) << line;
  }
}

TEST(ReproLine, OneLineReplacesWhatIsNoTextAndTrims) {
  EXPECT_EQ(one_line("  a\nb\xff c\t"), "a b  c");
  EXPECT_EQ(one_line("\n\n"), "");
  EXPECT_EQ(one_line("größer"), "größer");
}

TEST(ReproLine, NamesThatATextCanHoldAreWords) {
  for (const char* name : {"a", "xen-pv-spinlock", "rq[0].lock", "operator<=", "7"}) EXPECT_TRUE(is_repro_word(name));
  for (const char* name : {"", "a b", "a\tb", "f()", "a,b", "a;b", "a:b", "a#b", "gr\xc3\xb6"}) {
    EXPECT_FALSE(is_repro_word(name)) << name;
  }
}

TEST(ReproLine, ACursorReadsWordsAndMarksAndKnowsItsColumn) {
  LineCursor cursor("  cpu 10:\tlock( 3 )  # why");
  EXPECT_EQ(cursor.column(), 3u);
  EXPECT_EQ(cursor.next_word(), "cpu");
  EXPECT_EQ(cursor.next_word(), "10");
  EXPECT_FALSE(cursor.take(';'));
  EXPECT_TRUE(cursor.take(':'));
  EXPECT_EQ(cursor.column(), 11u);
  EXPECT_EQ(cursor.next_word(), "lock");
  EXPECT_EQ(cursor.word(), "");
  EXPECT_EQ(cursor.found(), "'('");
  EXPECT_TRUE(cursor.take('('));
  EXPECT_EQ(cursor.found(), "'3'");
  EXPECT_EQ(cursor.rest(), "3 )  # why");
  EXPECT_EQ(cursor.comment(), "");
  cursor.next_word();
  EXPECT_FALSE(cursor.at_end());
  EXPECT_TRUE(cursor.take(')'));
  EXPECT_TRUE(cursor.at_end());
  EXPECT_EQ(cursor.comment(), "why");
  EXPECT_EQ(cursor.found(), "the end of the line");
}

TEST(ReproLine, AnErrorRepeatsOnlyTheBeginningOfALongWordAndAllOfACharacter) {
  EXPECT_EQ(LineCursor(std::string(50, 'x')).found(), "'" + std::string(40, 'x') + "...'");
  EXPECT_EQ(LineCursor("→ x").found(), "'→'");
}

}  // namespace
}  // namespace gridlock
