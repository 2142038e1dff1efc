#include "engine/cc/compiler_call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gridlock {
namespace {

using Mode = CompilerCall::Mode;
using Kind = CompilerCall::LinkItem::Kind;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

std::vector<std::string> split(std::string_view line) {
  std::vector<std::string> words;
  while (!line.empty()) {
    const std::size_t blank = line.find(' ');
    words.emplace_back(line.substr(0, blank));
    line.remove_prefix(blank == std::string_view::npos ? line.size() : blank + 1);
  }
  return words;
}

CompilerCall read(std::string_view line) {
  const auto words = split(line);
  auto call = read_compiler_call(words);
  EXPECT_TRUE(call.has_value()) << line << ": " << (call ? "" : call.error().message());
  return call.value_or(CompilerCall{});
}

std::string refusal(std::string_view line) {
  const auto words = split(line);
  const auto call = read_compiler_call(words);
  return call ? "accepted" : call.error().message();
}

// "source 0", "file a.o", ...
std::vector<std::string> link_items(const CompilerCall& call) {
  constexpr const char* kNames[] = {"source", "file", "shared", "library", "word", "option"};
  std::vector<std::string> items;
  for (const auto& item : call.link_items) {
    const std::string text = item.kind == Kind::kSource ? std::to_string(item.index) : item.text;
    items.push_back(std::string(kNames[static_cast<std::size_t>(item.kind)]) + " " + text);
  }
  return items;
}

TEST(CompilerCall, WhatCannotBeIsRefusedWithWhatToDo) {
  const struct {
    const char* line;
    const char* error;
  } rows[] = {
      {"-shared a.o -o liba.so", "-shared: Gridlock runs whole programs"},
      {"-static a.c", "-static: the engine is linked with the shared C library"},
      {"-nostdlib a.c", "-nostdlib: a program needs the C library"},
      {"-stdlib=libc++ a.cc", "-stdlib=libc++: Gridlock knows the insides of libstdc++"},
      {"-fsanitize=memory a.c", "-fsanitize=memory: Gridlock knows -fsanitize=thread and -fsanitize=address"},
      {"-fsanitize=address,undefined a.c", "-fsanitize=undefined: Gridlock knows"},
      {"-fsanitize=address -fsanitize=thread a.c", "-fsanitize=thread: one sanitizer a program"},
      {"--gridlock-engine=honggfuzz a.c", "--gridlock-engine=honggfuzz: known: builtin, libfuzzer, afl"},
      {"a.c -o", "-o: its value is missing"},
      {"a.c -Xclang", "-Xclang: its value is missing"},
  };
  for (const auto& row : rows) EXPECT_THAT(refusal(row.line), testing::HasSubstr(row.error)) << row.line;
}

TEST(CompilerCall, WhatIsRefusedInALinkIsNobodysBusinessInACompilation) {
  EXPECT_EQ(read("-shared -fPIC -c a.c").mode, Mode::kCompile);
  EXPECT_EQ(read("-static -E a.c").mode, Mode::kCompile);
}

TEST(CompilerCall, TheModeIsWhereClangWouldStop) {
  const struct {
    const char* line;
    Mode mode;
  } rows[] = {
      {"", Mode::kInform},
      {"--version", Mode::kInform},
      {"-v", Mode::kInform},
      {"-print-search-dirs", Mode::kInform},
      {"--print-file-name=libc.so", Mode::kInform},
      {"-### a.c", Mode::kInform},
      {"-v a.c", Mode::kLink},
      {"a.c", Mode::kLink},
      {"a.o b.o", Mode::kLink},
      {"-c a.c", Mode::kCompile},
      {"a.c -S", Mode::kCompile},
      {"-E -", Mode::kCompile},
      {"-MM a.c", Mode::kCompile},
      {"-fsyntax-only a.c", Mode::kCompile},
      {"-r a.o b.o -o c.o", Mode::kCompile},
      {"-x c -", Mode::kLink},
      // Values that look like options, and options that begin like others.
      {"-o -c a.c", Mode::kLink},
      {"-Xclang -E a.c", Mode::kLink},
      {"-MF -c -MD a.c", Mode::kLink},
      {"-ccc-print-phases a.c", Mode::kLink},
  };
  for (const auto& row : rows) EXPECT_EQ(read(row.line).mode, row.mode) << row.line;
}

TEST(CompilerCall, FlagsGoToTheStagesThatTheyAreFor) {
  const auto call = read("-O2 -DX=1 -I inc -pthread a.c -Llib -lfoo -Wl,-z,now -o prog -MD -MF a.d");
  EXPECT_THAT(call.compile_flags, ElementsAre("-O2", "-DX=1", "-I", "inc", "-pthread"));
  EXPECT_THAT(link_items(call), ElementsAre("option -O2", "option -pthread", "source 0", "option -Llib", "library foo",
                                            "word -z", "word now"));
  EXPECT_THAT(call.search_folders, ElementsAre("lib"));
  EXPECT_THAT(call.dependency_flags, ElementsAre("-MD", "-MF", "a.d"));
  EXPECT_TRUE(call.names_dependency_file);
  EXPECT_EQ(call.output, "prog");
}

TEST(CompilerCall, InputsAreKnownByTheirNamesOrByX) {
  const auto call = read("a.c b.o c.a d.so e.so.1 -x c++ f.txt -x none g.S h.lo");
  EXPECT_THAT(link_items(call), ElementsAre("source 0", "file b.o", "file c.a", "shared d.so", "shared e.so.1",
                                            "source 1", "source 2", "file h.lo"));
  ASSERT_EQ(call.sources.size(), 3u);
  EXPECT_EQ(call.sources[1].file, "f.txt");
  EXPECT_EQ(call.sources[1].language, "c++");
  EXPECT_EQ(call.sources[2].language, "");
}

TEST(CompilerCall, TheOrderOfWhatIsLinkedIsThatOfTheCommandLine) {
  EXPECT_THAT(link_items(read("a.o -Wl,--start-group x.a -ly -Wl,--end-group -Xlinker a,b")),
              ElementsAre("file a.o", "word --start-group", "file x.a", "library y", "word --end-group", "word a,b"));
}

TEST(CompilerCall, ASanitizerIsAFlavourAndNoFlag) {
  const auto call = read("-fsanitize=thread -c a.c");
  EXPECT_EQ(call.flavour, ProgramFlavour::kTsan);
  EXPECT_THAT(call.words, Not(Contains("-fsanitize=thread")));
  EXPECT_EQ(read("-fsanitize=address a.c").flavour, ProgramFlavour::kAsan);
  EXPECT_EQ(read("-fno-sanitize=all a.c").flavour, ProgramFlavour::kPlain);
}

TEST(CompilerCall, AnEngineIsKnownByOurOwnFlag) {
  const auto call = read("--gridlock-engine=libfuzzer a.c");
  EXPECT_EQ(call.engine, ProgramEngine::kLibfuzzer);
  EXPECT_THAT(call.words, ElementsAre("a.c"));
}

TEST(CompilerCall, WhatGridlockDecidesIsDropped) {
  EXPECT_THAT(read("-flto=thin -fuse-ld=gold -no-pie -s -static-libgcc -c a.c").words, ElementsAre("-c", "a.c"));
  EXPECT_THAT(link_items(read("a.o -lstdc++ -lm")), ElementsAre("file a.o", "library m"));
}

TEST(CompilerCall, BehindTwoDashesThereAreOnlyFiles) {
  const auto call = read("-c -- a.c");
  EXPECT_THAT(call.words, ElementsAre("-c", "a.c"));
}

TEST(CompilerCall, StandardInputIsASource) {
  const auto call = read("-x c - -o p");
  ASSERT_EQ(call.sources.size(), 1u);
  EXPECT_EQ(call.sources[0].file, "-");
  EXPECT_EQ(call.sources[0].language, "c");
  EXPECT_THAT(link_items(call), ElementsAre("source 0"));
}

}  // namespace
}  // namespace gridlock
