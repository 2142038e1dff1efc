#include "engine/cli/targets_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "engine/cli/text_table.h"

namespace gridlock {
namespace {

Target lock() {
  Target target;
  target.schema.name = "a-lock";
  target.schema.summary = "a lock";
  target.schema.models = "the textbook";
  target.schema.variants = {{"kick-first", "wakes one", "hang"}, {"kick-all", "wakes all", "ok"}};
  target.schema.bugs = {{"kick-first", "kick-all", "Linux 76eaca031f0a (2013)", "a waiter sleeps for ever"}};
  return target;
}

std::size_t widest_line(const std::string& text) {
  std::size_t width = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) width = std::max(width, line.size());
  return width;
}

TEST(TargetsText, HasALineForEachTargetAndVariant) {
  const Target target = lock();
  EXPECT_EQ(targets_text({&target, 1}),
            "target and variant  expect  what it is\n"
            "a-lock\n"
            "    a lock; models: the textbook\n"
            "  kick-first        hang    wakes one\n"
            "  kick-all          ok      wakes all\n");
}

TEST(TargetsText, ABugTellsSourceTargetVariantVerdictAndFailure) {
  const Target target = lock();
  EXPECT_EQ(bugs_text({&target, 1}),
            "The museum: 1 historic bug, each with its fix as a twin (docs/MUSEUM.md)\n"
            "\n"
            "source                     target  variant     verdict\n"
            "Linux 76eaca031f0a (2013)  a-lock  kick-first  hang\n"
            "    a waiter sleeps for ever\n");
}

TEST(TargetsText, AnAbsentTargetSaysWhatToDo) {
  const AbsentTarget absent[] = {{"b-lock", "install the package b"}, {"c-lock", "install the package c"}};
  EXPECT_EQ(absent_text(absent),
            "b-lock is absent: install the package b\n"
            "c-lock is absent: install the package c\n");
  EXPECT_EQ(absent_text({}), "");
}

TEST(TargetsText, WithoutBugsThereIsNoMuseum) {
  Target target = lock();
  target.schema.bugs.clear();
  EXPECT_EQ(bugs_text({&target, 1}), "");
}

TEST(TargetsText, FitsATerminalWhateverTheNames) {
  Target target = lock();
  target.schema.name = std::string(30, 'n') + "-" + std::string(30, 'm');
  target.schema.variants[0] = {std::string(60, 'v'), std::string(200, 's'), "memory-error"};
  target.schema.bugs[0] = {target.schema.variants[0].name, "kick-all", std::string(90, 'x'), std::string(300, 'y')};
  EXPECT_LE(widest_line(targets_text({&target, 1})), kTerminalColumns);
  EXPECT_LE(widest_line(bugs_text({&target, 1})), kTerminalColumns);
}

}  // namespace
}  // namespace gridlock
