#include "engine/campaign/child.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <string>

namespace gridlock::campaign {
namespace {

using ::testing::Eq;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::SizeIs;
using ::testing::StartsWith;

// Longer than any of these takes; only a broken test waits for it.
constexpr int kPatienceMs = 60'000;

Result<Child> shell(const std::string& script) {
  return Child::start({.command = {"/bin/sh", "-c", script}});
}

// Takes in output until `done` says so or the child has closed its ends.
template <typename Done>
void drain_until(Child& child, const Done& done) {
  while (!done()) {
    std::vector<pollfd> watched;
    child.add_to(watched);
    if (watched.empty()) return;
    ASSERT_THAT(::poll(watched.data(), watched.size(), kPatienceMs), Ge(1));
    child.drain();
  }
}

ChildEnd end_of(Child& child) {
  drain_until(child, [] { return false; });
  while (!child.ended()) ::poll(nullptr, 0, 1);
  return *child.ended();
}

pid_t number_in(std::string_view text) {
  pid_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// Waits until a process that is no child of ours is gone or a corpse.
bool dies(pid_t pid) {
  const auto path = "/proc/" + std::to_string(pid) + "/stat";
  for (int i = 0; i < kPatienceMs / 10; ++i) {
    FILE* const file = ::fopen(path.c_str(), "r");
    if (file == nullptr) return true;
    char state = 0;
    const int fields = ::fscanf(file, "%*d (%*[^)]) %c", &state);
    ::fclose(file);
    if (fields != 1 || state == 'Z') return true;
    ::poll(nullptr, 0, 10);
  }
  return false;
}

TEST(Tail, KeepsTheEndAndCountsAll) {
  Tail tail(4);
  tail.add("abc");
  tail.add("defg");
  tail.add("hijklmnop");
  EXPECT_THAT(tail.text(), Eq("mnop"));
  EXPECT_THAT(tail.bytes_in_all(), Eq(16U));
}

TEST(Tail, TheLastLineIsTheLastThatHoldsAnything) {
  Tail tail;
  EXPECT_THAT(tail.last_line(), Eq(""));
  tail.add("one\ntwo\r\n\n");
  EXPECT_THAT(tail.last_line(), Eq("two"));
  tail.add("three");
  EXPECT_THAT(tail.last_line(), Eq("three"));
}

TEST(Child, AProgramThatIsNotThereIsAnError) {
  const auto child = Child::start({.command = {"/nonexistent/gridlock"}});
  ASSERT_FALSE(child.has_value());
  EXPECT_THAT(child.error().message(), HasSubstr("/nonexistent/gridlock"));
}

TEST(Child, GivesOutputErrorsAndExitCode) {
  auto child = shell("echo out; echo err >&2; exit 7");
  ASSERT_TRUE(child);
  const ChildEnd end = end_of(*child);
  EXPECT_THAT(end.exit_code(), Eq(7));
  EXPECT_THAT(end.describe(), Eq("exit code 7"));
  EXPECT_THAT(child->output().text(), Eq("out\n"));
  EXPECT_THAT(child->errors().text(), Eq("err\n"));
}

TEST(Child, OneThatDiesBySignalSaysWhich) {
  auto child = shell("kill -SEGV $$");
  ASSERT_TRUE(child);
  EXPECT_THAT(end_of(*child).describe(), Eq("signal 11"));
}

TEST(Child, RunsNicelyWithoutCoreDumpsInAGroupOfItsOwn) {
  auto child = shell("nice; ulimit -c; cut -d' ' -f5 /proc/$$/stat; echo $$");
  ASSERT_TRUE(child);
  const pid_t pid = child->pid();
  end_of(*child);
  const std::string number = std::to_string(pid);
  EXPECT_THAT(std::string(child->output().text()), Eq("10\n0\n" + number + "\n" + number + "\n"));
}

TEST(Child, SeesNoDescriptorOfOurs) {
  int leaking[2];
  ASSERT_THAT(::pipe(leaking), Eq(0));  // without O_CLOEXEC, as some libraries do
  auto child = shell("ls /proc/self/fd | wc -l");
  ASSERT_TRUE(child);
  end_of(*child);
  EXPECT_THAT(number_in(child->output().text()), Le(4)) << "0, 1, 2 and the folder that ls reads";
  ::close(leaking[0]);
  ::close(leaking[1]);
}

TEST(Child, OursComesBeforeTheInheritedVariable) {
  ::setenv("GRIDLOCK_CHILD_TEST", "inherited", 1);
  auto child = Child::start(
      {.command = {"/bin/sh", "-c", "echo $GRIDLOCK_CHILD_TEST"}, .environment = {"GRIDLOCK_CHILD_TEST=ours"}});
  ASSERT_TRUE(child);
  end_of(*child);
  EXPECT_THAT(child->output().text(), Eq("ours\n"));
}

TEST(Child, GarbageForEverCostsNoMemory) {
  auto child = shell("yes garbage");
  ASSERT_TRUE(child);
  drain_until(*child, [&] { return child->output().bytes_in_all() > 16 * kChildTailBytesMax; });
  EXPECT_THAT(child->output().text().size(), Eq(kChildTailBytesMax));
  child->kill();
  ASSERT_TRUE(child->ended());
  EXPECT_THAT(child->ended()->describe(), Eq("signal 9"));
}

TEST(Child, AskedToEndItEndsInGoodOrder) {
  auto child = shell("trap 'echo bye; exit 5' TERM; echo ready; while :; do sleep 0.01; done");
  ASSERT_TRUE(child);
  drain_until(*child, [&] { return child->output().text() == "ready\n"; });
  child->ask_to_end();
  EXPECT_THAT(end_of(*child).exit_code(), Eq(5));
  EXPECT_THAT(child->output().text(), Eq("ready\nbye\n"));
}

TEST(Child, KillingTakesTheWholeGroup) {
  auto child = shell("sleep 1000 & echo $!; wait");
  ASSERT_TRUE(child);
  drain_until(*child, [&] { return child->output().text().ends_with('\n'); });
  const pid_t grandchild = number_in(child->output().text());
  child->kill();
  EXPECT_TRUE(dies(grandchild));
}

TEST(Child, KillingTakesOneThatHasLeftTheGroup) {
  auto child = shell("setsid sh -c 'echo $$; exec sleep 1000' & wait");
  ASSERT_TRUE(child);
  drain_until(*child, [&] { return child->output().text().ends_with('\n'); });
  const pid_t grandchild = number_in(child->output().text());
  ASSERT_THAT(::getpgid(grandchild), Eq(grandchild));
  child->kill();
  EXPECT_TRUE(dies(grandchild));
}

TEST(Child, WhatIsLeftInTheGroupGoesWithAChildThatEnds) {
  auto child = shell("sleep 1000 >/dev/null 2>&1 & echo $!");
  ASSERT_TRUE(child);
  end_of(*child);
  EXPECT_TRUE(dies(number_in(child->output().text())));
}

TEST(Child, WhatHasLeftTheGroupGoesWithAChildThatEndsIfItWasRemembered) {
  auto child = shell("setsid sleep 1000 >/dev/null 2>&1 & echo $!; trap 'exit 0' TERM; while :; do sleep 0.01; done");
  ASSERT_TRUE(child);
  drain_until(*child, [&] { return child->output().text().ends_with('\n'); });
  const pid_t grandchild = number_in(child->output().text());
  while (::getpgid(grandchild) != grandchild) ::poll(nullptr, 0, 1);
  child->remember(ProcessTable::read());
  child->ask_to_end();
  EXPECT_THAT(end_of(*child).exit_code(), Eq(0));
  EXPECT_TRUE(dies(grandchild));
}

TEST(Child, WhatHasLeftUnseenGoesByItsMark) {
  const std::string mark = "GRIDLOCK_TEST_MARK=" + std::to_string(::getpid());
  auto child = Child::start({.command = {"/bin/sh", "-c", "setsid sleep 1000 >/dev/null 2>&1 & echo $!; sleep 0.2"},
                             .environment = {mark},
                             .mark = mark});
  ASSERT_TRUE(child);
  EXPECT_THAT(end_of(*child).exit_code(), Eq(0));
  EXPECT_TRUE(dies(number_in(child->output().text())));
}

TEST(Child, DiesWithTheProcessThatStartedIt) {
  int told[2];
  ASSERT_THAT(::pipe(told), Eq(0));
  const pid_t parent = ::fork();
  if (parent == 0) {
    auto child = shell("exec sleep 1000");
    const pid_t pid = child ? child->pid() : 0;
    [[maybe_unused]] const auto written = ::write(told[1], &pid, sizeof(pid));
    ::pause();
    ::_exit(0);
  }
  pid_t pid = 0;
  ASSERT_THAT(::read(told[0], &pid, sizeof(pid)), Eq(static_cast<ssize_t>(sizeof(pid))));
  ASSERT_THAT(pid, Ge(1));
  ::kill(parent, SIGKILL);
  ::waitpid(parent, nullptr, 0);
  EXPECT_TRUE(dies(pid));
  ::close(told[0]);
  ::close(told[1]);
}

TEST(ProcessTable, CountsMemoryAndTimeOfAllBelow) {
  // The parent sleeps while a child of it fills memory: 32 MiB in a shell variable.
  auto child = shell("(x=$(head -c 33554432 /dev/zero | tr '\\0' a); echo ready; sleep 1000; echo $x) & wait");
  ASSERT_TRUE(child);
  drain_until(*child, [&] { return child->output().text() == "ready\n"; });
  const ProcessUse use = ProcessTable::read().use_below(child->pid());
  EXPECT_THAT(use.resident_bytes, Ge(std::uint64_t{32} << 20));
  EXPECT_THAT(use.resident_bytes, Le(std::uint64_t{1} << 30));
  EXPECT_THAT(use.waits, SizeIs(Ge(2U)));  // the parent, the one with the memory, what it sleeps with
  child->kill();
  while (!ProcessTable::read().below(child->pid()).empty()) ::poll(nullptr, 0, 1);  // the kernel takes its time
}

}  // namespace
}  // namespace gridlock::campaign
