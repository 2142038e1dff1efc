#include "engine/cli/program_runs.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "engine/cli/child_process.h"

namespace gridlock {
namespace {

std::vector<std::string> shell(const std::string& script) {
  return {"/bin/sh", "-c", script};
}

TEST(ProgramRuns, WhatEachPrintsComesInTheOrderOfTheCommands) {
  std::vector<std::vector<std::string>> commands;
  for (int i = 0; i < 9; ++i) commands.push_back(shell("echo number " + std::to_string(i)));
  for (const std::uint32_t jobs : {1u, 3u, 20u}) {
    const auto ends = run_programs(commands, jobs);
    ASSERT_TRUE(ends.has_value());
    ASSERT_EQ(ends->size(), 9u);
    for (std::size_t i = 0; i < 9; ++i) EXPECT_EQ(ends->at(i).output, "number " + std::to_string(i) + "\n");
  }
}

TEST(ProgramRuns, AnExitCodeAndTheEndOfStderrAreKept) {
  const std::vector<std::vector<std::string>> commands = {shell("echo why >&2; exit 3"), {"/nonexistent"}};
  const auto ends = run_programs(commands, 2);
  ASSERT_TRUE(ends.has_value());
  EXPECT_EQ(WEXITSTATUS(ends->at(0).wait_status), 3);
  EXPECT_EQ(ends->at(0).stderr_tail, "why\n");
  EXPECT_EQ(WEXITSTATUS(ends->at(1).wait_status), kExitNotExecuted);
}

TEST(ProgramRuns, ALongOutputDoesNotBlock) {
  const std::vector<std::vector<std::string>> commands = {shell("head -c 1000000 /dev/zero")};
  EXPECT_EQ(run_programs(commands, 1)->front().output.size(), 1000000u);
}

class Rendezvous : public testing::Test {
 protected:
  Rendezvous() : folder_(testing::TempDir() + "rendezvous-" + std::to_string(::getpid())) {
    std::filesystem::create_directory(folder_);
  }
  ~Rendezvous() override { std::filesystem::remove_all(folder_); }
  std::string folder_;
};

TEST_F(Rendezvous, TwoJobsRunAtTheSameTime) {
  const std::string pipe = folder_ + "/pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  // Each end of a named pipe waits for the other to be opened.
  const std::vector<std::vector<std::string>> commands = {shell("echo met > " + pipe), shell("cat " + pipe)};
  EXPECT_EQ(run_programs(commands, 2)->at(1).output, "met\n");
}

TEST_F(Rendezvous, OneJobRunsAlone) {
  const std::string alone = folder_ + "/alone";
  const std::vector<std::vector<std::string>> commands(8, shell("mkdir " + alone + " && ls / && rmdir " + alone));
  for (const auto& end : run_programs(commands, 1).value()) EXPECT_EQ(end.wait_status, 0);
}

TEST(ProgramRuns, NothingToRunIsNoError) {
  EXPECT_TRUE(run_programs({}, 1)->empty());
}

}  // namespace
}  // namespace gridlock
