#include "engine/cli/program_output.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <string>

namespace gridlock {
namespace {

void put(int stream, const std::string& text) {
  ASSERT_EQ(::write(stream, text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

TEST(ProgramOutputTest, ShowsWhatWasAskedForAndGivesTheStreamsBack) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  std::fflush(stdout);
  const int own = ::dup(STDOUT_FILENO);
  ASSERT_EQ(::dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
  {
    const ProgramOutput output;
    {
      const auto guard = output.during_run(false);
      put(STDOUT_FILENO, "hidden");
      std::printf("hidden and not flushed");
      char byte = 0;
      EXPECT_EQ(::read(STDIN_FILENO, &byte, 1), 0) << "stdin is empty";
    }
    {
      const auto guard = output.during_run(true);
      put(STDOUT_FILENO, "a");
      put(STDERR_FILENO, "b");
      std::printf("c");
    }
    put(STDOUT_FILENO, "own");
  }
  ASSERT_EQ(::dup2(own, STDOUT_FILENO), STDOUT_FILENO);
  ::close(own);
  ::close(ends[1]);
  std::string seen(100, '\0');
  const auto got = ::read(ends[0], seen.data(), seen.size());
  ::close(ends[0]);
  ASSERT_GT(got, 0);
  EXPECT_EQ(seen.substr(0, static_cast<std::size_t>(got)), "abcown");
}

}  // namespace
}  // namespace gridlock
