#include "engine/cc/response_file.h"

#include <gtest/gtest.h>

#include <map>

namespace gridlock {
namespace {

using Words = std::vector<std::string>;

ReadText texts(std::map<std::string, std::string> files) {
  return [files = std::move(files)](const std::string& path) -> Result<std::string> {
    const auto found = files.find(path);
    if (found == files.end()) return failure("read", path, "it is not there");
    return found->second;
  };
}

TEST(ResponseFile, WordsAreSplitAsAShellWouldWithoutExpanding) {
  const struct {
    const char* text;
    Words words;
  } rows[] = {
      {"", {}},
      {" \n\t ", {}},
      {"a b\nc", {"a", "b", "c"}},
      {"'a b' \"c d\"", {"a b", "c d"}},
      {"-D'X=\"1\"'", {"-DX=\"1\""}},
      {"a\\ b \\\"c", {"a b", "\"c"}},
      {"\"a\\\"b\"", {"a\"b"}},
      {"''", {""}},
      {"'not closed", {"not closed"}},
      {"end\\", {"end\\"}},
  };
  for (const auto& row : rows) EXPECT_EQ(words_of(row.text), row.words) << row.text;
}

TEST(ResponseFile, AFileStandsForItsWordsWhereItIsNamed) {
  const auto read = texts({{"one", "-c @two x.c"}, {"two", "-g '-DA B'"}});
  EXPECT_EQ(expand_response_files(Words{"-v", "@one", "-o"}, read), (Words{"-v", "-c", "-g", "-DA B", "x.c", "-o"}));
}

TEST(ResponseFile, AWordThatNamesNoFileStaysAsItIs) {
  EXPECT_EQ(expand_response_files(Words{"-Wl,-rpath,@origin", "@missing"}, texts({})),
            (Words{"-Wl,-rpath,@origin", "@missing"}));
}

TEST(ResponseFile, AFileThatNamesItselfIsAnErrorAndNoEndlessLoop) {
  const auto words = expand_response_files(Words{"@self"}, texts({{"self", "@self"}}));
  ASSERT_FALSE(words.has_value());
  EXPECT_EQ(words.error().message(), "cannot read the response file: self: response files name each other too deeply");
}

}  // namespace
}  // namespace gridlock
