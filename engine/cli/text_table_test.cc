#include "engine/cli/text_table.h"

#include <gtest/gtest.h>

namespace gridlock {
namespace {

using Lines = std::vector<std::string>;

TEST(Wrapped, BreaksAtBlanksThenBehindHyphensThenAnywhere) {
  EXPECT_EQ(wrapped("", 5), Lines({""}));
  EXPECT_EQ(wrapped("a lock", 6), Lines({"a lock"}));
  EXPECT_EQ(wrapped("a lock", 5), Lines({"a", "lock"}));
  EXPECT_EQ(wrapped("take   it", 4), Lines({"take", "it"}));
  EXPECT_EQ(wrapped("kick-first", 7), Lines({"kick-", "first"}));
  EXPECT_EQ(wrapped("kickfirst", 4), Lines({"kick", "firs", "t"}));
  EXPECT_EQ(wrapped("-abcd", 3), Lines({"-ab", "cd"})) << "a hyphen in front is no place to break";
}

TEST(Wrapped, CountsCharactersAndNeverCutsOne) {
  EXPECT_EQ(wrapped("\xc3\xa9\xc3\xa9\xc3\xa9", 3).size(), 1u);
  EXPECT_EQ(wrapped("\xc3\xa9\xc3\xa9\xc3\xa9", 2), Lines({"\xc3\xa9\xc3\xa9", "\xc3\xa9"}));
}

TEST(Shortened, KeepsTheBeginningAndTheEnd) {
  EXPECT_EQ(shortened("hang-2ac1", 9), "hang-2ac1");
  EXPECT_EQ(shortened("hang-irq-try_to_wake_up-2ac133f7", 14), "hang-i..c133f7");
  EXPECT_EQ(shortened("abcdefgh", 5), "ab..h");
}

TEST(TableText, ColumnsAreAsWideAsTheirWidestCell) {
  const std::vector<TableColumn> columns = {{"target", 20}, {"expect", 12}};
  const std::vector<TableRow> rows = {{{"a-long-lock", "ok"}}, {{"", "hang"}}, {{"t"}}};
  EXPECT_EQ(table_text(columns, rows),
            "target       expect\n"
            "a-long-lock  ok\n"
            "             hang\n"
            "t\n");
}

TEST(TableText, ALongCellGoesOnBelowItself) {
  const std::vector<TableColumn> columns = {{"a", 4}, {"b", 5}};
  const std::vector<TableRow> rows = {{{"kick all", "of us"}}};
  EXPECT_EQ(table_text(columns, rows), "a     b\nkick  of us\nall\n");
}

TEST(TableText, ATextBelowIsIndentedAndWrapped) {
  const std::vector<TableColumn> columns = {{"a", 4}};
  const std::vector<TableRow> rows = {{{"x"}, std::string(76, 'y') + " z"}};
  EXPECT_EQ(table_text(columns, rows), "a\nx\n    " + std::string(76, 'y') + "\n    z\n");
}

}  // namespace
}  // namespace gridlock
