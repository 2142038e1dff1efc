#include "engine/cc/recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace gridlock {
namespace {

using testing::Contains;
using testing::IsSupersetOf;
using testing::Not;

Kit kit() {
  return {"/lib/gridlock", "/bin/clang", "/bin/clang++", "/bin/ld.bfd", "/bin/objcopy"};
}

CompilerCall call_of(const std::vector<std::string>& words) {
  auto call = read_compiler_call(words);
  EXPECT_TRUE(call.has_value());
  return call.value_or(CompilerCall{});
}

std::vector<Command> recipe(const std::vector<std::string>& words, const std::set<std::string>& files = {}) {
  return link_recipe(call_of(words), kit(), "/tmp/w", [&](const std::string& file) { return files.contains(file); });
}

// Where `word` stands in the command; its size if nowhere.
std::size_t place(const Command& command, std::string_view word) {
  return static_cast<std::size_t>(std::ranges::find(command, word) - command.begin());
}

bool stand_together(const Command& command, const std::vector<std::string>& words) {
  return !std::ranges::search(command, words).empty();
}

TEST(Recipe, ACompilationIsClangsOwnWithTheInstrumentationBehindTheUsersFlags) {
  const auto command = compiler_command(call_of({"-c", "-fno-emulated-tls", "-O3", "a.c"}), kit());
  EXPECT_EQ(command.front(), "/bin/clang");
  EXPECT_LT(place(command, "-fno-emulated-tls"), place(command, "-femulated-tls"));
  EXPECT_LT(place(command, "-gline-tables-only"), place(command, "-O3"));
  EXPECT_TRUE(stand_together(command, {"-Xclang", "-fsanitize=thread"}));
}

TEST(Recipe, AQuestionForClangIsPassedOnAsItIs) {
  EXPECT_EQ(compiler_command(call_of({"--version"}), kit()), (Command{"/bin/clang", "--version"}));
}

TEST(Recipe, EachFlavourIsInstrumentedInItsWay) {
  const auto tsan = compiler_command(call_of({"-c", "-fsanitize=thread", "a.c"}), kit());
  EXPECT_THAT(tsan, Contains("-fsanitize=thread"));
  EXPECT_FALSE(stand_together(tsan, {"-Xclang", "-fsanitize=thread"}));
  const auto asan = compiler_command(call_of({"-c", "-fsanitize=address", "a.c"}), kit());
  EXPECT_THAT(asan, IsSupersetOf({"-fsanitize=address", "-fsanitize-address-use-after-return=never"}));
  EXPECT_TRUE(stand_together(asan, {"-Xclang", "-fsanitize=thread"}));
  EXPECT_THAT(compiler_command(call_of({"-c", "--gridlock-engine=afl", "a.c"}), kit()),
              Contains("-fsanitize=fuzzer-no-link"));
}

TEST(Recipe, AProgramIsCompiledJoinedHiddenAndLinked) {
  const auto commands = recipe({"-g", "a.c", "lib/b.o", "-lm", "-o", "p"});
  ASSERT_EQ(commands.size(), 4u);
  EXPECT_TRUE(stand_together(commands[0], {"-o", "/tmp/w/0-a.o", "a.c"}));
  EXPECT_EQ(commands[1].front(), "/bin/ld.bfd");
  EXPECT_TRUE(stand_together(commands[1], {"-o", "/tmp/w/program.o", "/tmp/w/0-a.o", "lib/b.o"}));
  EXPECT_THAT(commands[1], Not(Contains("-lm")));
  EXPECT_THAT(commands[2], Contains("--keep-global-symbol=main"));
  EXPECT_EQ(commands[3].front(), "/bin/clang++");
  EXPECT_TRUE(
      stand_together(commands[3], {"-o", "p", "/tmp/w/program.o", "/lib/gridlock/program-plain.o", "-g", "-lm"}));
  EXPECT_EQ(commands[3].back(), "@/lib/gridlock/program-plain.rsp");
}

TEST(Recipe, AFlavourIsLinkedWithItsOwnEngine) {
  const auto commands = recipe({"-fsanitize=thread", "a.o"});
  EXPECT_THAT(commands.back(), IsSupersetOf({"-fsanitize=thread", "/lib/gridlock/program-tsan.o", "a.out"}));
  EXPECT_THAT(recipe({"--gridlock-engine=libfuzzer", "-fsanitize=address", "a.o"}).back(),
              Contains("/lib/gridlock/program-asan-libfuzzer.o"));
}

TEST(Recipe, AnArchiveInAFolderOfTheUserIsTheUsersCode) {
  const auto commands = recipe({"a.o", "-Lx", "-Ly", "-lfoo", "-lbar", "-lbaz"}, {"y/libfoo.a", "x/libbar.so"});
  EXPECT_TRUE(stand_together(commands[0], {"a.o", "y/libfoo.a"}));
  EXPECT_TRUE(stand_together(commands[2], {"-Lx", "-Ly", "-lbar", "-lbaz"}));
}

TEST(Recipe, AnArchiveIsTakenBeforeASharedLibraryOnlyWhereTheUserSaysSo) {
  const std::set<std::string> both = {"x/libfoo.a", "x/libfoo.so"};
  EXPECT_THAT(recipe({"a.o", "-Lx", "-lfoo"}, both)[2], Contains("-lfoo"));
  EXPECT_THAT(recipe({"a.o", "-Lx", "-Wl,-Bstatic", "-lfoo", "-Wl,-Bdynamic"}, both)[0], Contains("x/libfoo.a"));
  EXPECT_THAT(recipe({"a.o", "-Lx", "-l:libfoo.a"}, both)[0], Contains("x/libfoo.a"));
}

TEST(Recipe, WordsAboutArchivesGoWhereTheArchivesGo) {
  const auto commands = recipe({"-Wl,--whole-archive", "x.a", "-Wl,--no-whole-archive,-z,now"});
  EXPECT_TRUE(stand_together(commands[0], {"--whole-archive", "x.a", "--no-whole-archive"}));
  EXPECT_TRUE(stand_together(commands[2], {"-Xlinker", "-z", "-Xlinker", "now"}));
  EXPECT_THAT(commands[2], Not(Contains("--whole-archive")));
}

TEST(Recipe, TheListOfHeadersLiesWhereClangWouldHaveWrittenIt) {
  EXPECT_TRUE(stand_together(recipe({"-MD", "src/a.c", "-o", "p"})[0], {"-MF", "p.d", "-MT", "p"}));
  EXPECT_TRUE(stand_together(recipe({"-MMD", "src/a.c", "b.c", "-o", "p"})[0], {"-MF", "a.d", "-MT", "p"}));
  EXPECT_FALSE(stand_together(recipe({"-MD", "-MF", "x.d", "a.c"})[0], {"-MF", "a.d"}));
}

TEST(Recipe, AHarnessIsNoProgram) {
  const auto commands = recipe({"--gridlock-harness", "-fsanitize=thread", "harness.cc"});
  EXPECT_THAT(commands[0], Not(Contains("-femulated-tls")));
  EXPECT_THAT(commands[1], Not(Contains("/lib/gridlock/program.ld")));
  EXPECT_THAT(commands[2], Contains("--keep-global-symbol=gridlock_harness_targets"));
  EXPECT_THAT(commands[3], Contains("/lib/gridlock/harness-tsan.o"));
}

TEST(Recipe, SourcesOfOneNameDoNotMeet) {
  const auto commands = recipe({"a/x.c", "b/x.c"});
  EXPECT_THAT(commands[0], Contains("/tmp/w/0-x.o"));
  EXPECT_THAT(commands[1], Contains("/tmp/w/1-x.o"));
}

TEST(Kit, TheNameSaysTheLanguage) {
  EXPECT_EQ(language_of("/usr/bin/gridlock-cc"), ProgramLanguage::kC);
  EXPECT_EQ(language_of("gridlock-c++"), ProgramLanguage::kCxx);
}

TEST(Kit, AMissingEngineIsNamedWithWhatToBuild) {
  const auto kit = find_kit("/nowhere/bin/gridlock-cc", ProgramLanguage::kC, call_of({"a.c"}));
  ASSERT_FALSE(kit.has_value());
  EXPECT_EQ(kit.error().message(),
            "cannot link for Gridlock: /nowhere/lib/gridlock/program-plain.o: it is not there: install Gridlock again, "
            "or build its target program_kit");
}

}  // namespace
}  // namespace gridlock
