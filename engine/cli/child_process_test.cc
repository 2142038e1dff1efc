#include "engine/cli/child_process.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace gridlock {
namespace {

// Short, so that a test of a child that never ends does not take five seconds.
constexpr RunLimits kShort{std::chrono::milliseconds(30), std::chrono::milliseconds(20),
                           std::chrono::milliseconds(60'000)};
constexpr RunLimits kShortAsleep{std::chrono::milliseconds(10), std::chrono::milliseconds(60'000),
                                 std::chrono::milliseconds(30)};

class ChildProcessTest : public testing::Test {
 protected:
  ChildResult run(const ChildProcess::Body& body, RunLimits limits = {}) {
    return run_child(*page_, body, limits).value();
  }
  SharedRunPage page_ = std::move(SharedRunPage::create().value());
};

TEST_F(ChildProcessTest, MessagesArriveInOrder) {
  const auto result = run([](const Channel& channel) {
    for (int i = 0; i < 1000; ++i) channel.send(i);
  });
  EXPECT_FALSE(result.death.has_value());
  ASSERT_EQ(result.messages.size(), 1000u);
  EXPECT_EQ(result.messages.front(), 0);
  EXPECT_EQ(result.messages.back(), 999);
}

TEST_F(ChildProcessTest, ALongMessageArrives) {
  const auto result = run([](const Channel& channel) { channel.send(std::string(5 << 20, 'x')); });
  ASSERT_EQ(result.messages.size(), 1u);
  EXPECT_EQ(result.messages.front().get<std::string>().size(), 5u << 20);
}

TEST_F(ChildProcessTest, ADeathKeepsWhatWasSentBefore) {
  const auto result = run([](const Channel& channel) {
    channel.send("before");
    ::raise(SIGKILL);
  });
  EXPECT_EQ(result.messages.size(), 1u);
  ASSERT_TRUE(result.death.has_value());
  EXPECT_FALSE(result.death->stalled);
  EXPECT_TRUE(WIFSIGNALED(result.death->wait_status));
}

TEST_F(ChildProcessTest, AnExitCodeIsADeathWithTheEndOfStderr) {
  const auto result = run([](const Channel&) {
    const std::string noise(100, 'x');
    for (std::size_t i = 0; i < kStderrTailBytesMax; i += 64) {
      [[maybe_unused]] const auto written = ::write(2, noise.data(), noise.size());
    }
    [[maybe_unused]] const auto written = ::write(2, "the end", 7);
    ::_exit(66);
  });
  ASSERT_TRUE(result.death.has_value());
  EXPECT_EQ(WEXITSTATUS(result.death->wait_status), 66);
  EXPECT_TRUE(result.death->stderr_tail.ends_with("the end"));
  EXPECT_LE(result.death->stderr_tail.size(), kStderrTailBytesMax);
}

TEST_F(ChildProcessTest, ARunThatNeverEndsIsKilled) {
  const auto spin = [this](const Channel&) {
    publish_run(*page_, {}, Decider::kInput);
    for (;;) asm volatile("pause");
  };
  const auto result = run(spin, kShort);
  ASSERT_TRUE(result.death.has_value());
  EXPECT_TRUE(result.death->stalled);
}

TEST_F(ChildProcessTest, TheTimeOfTheProcessThatRunsIsWhatCounts) {
  publish_run(*page_, {}, Decider::kInput);
  page_->runner = ::getpid();
  StallWatch watch(1, *page_, {.wall = std::chrono::milliseconds(0), .processor = std::chrono::milliseconds(1)});
  EXPECT_EQ(watch.runner(), ::getpid());
  EXPECT_FALSE(watch.stalled());
  while (!watch.stalled()) {
  }
  page_->runner = 0;
  EXPECT_EQ(watch.runner(), 1);
}

TEST_F(ChildProcessTest, ARunThatSleepsForEverIsKilled) {
  const auto sleep = [this](const Channel&) {
    publish_run(*page_, {}, Decider::kInput);
    for (;;) ::pause();
  };
  const auto result = run(sleep, kShortAsleep);
  ASSERT_TRUE(result.death.has_value());
  EXPECT_TRUE(result.death->stalled);
}

TEST_F(ChildProcessTest, ManyShortRunsAreNoLongOne) {
  const auto work = [this](const Channel& channel) {
    const auto begin = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - begin < 5 * kShort.wall) {
      publish_run(*page_, {}, Decider::kInput);
      end_run(*page_);
    }
    channel.send("done");
  };
  const auto result = run(work, kShort);
  EXPECT_FALSE(result.death.has_value());
  EXPECT_EQ(result.messages.size(), 1u);
}

TEST_F(ChildProcessTest, AChildWaitsForItsReply) {
  auto child = ChildProcess::start([](const Channel& channel) {
    channel.send("question");
    channel.wait_for_reply();
    channel.send("answered");
  });
  ASSERT_TRUE(child.has_value());
  std::vector<nlohmann::json> heard;
  while (child->drain()) {
    for (auto& message : child->take_messages()) {
      heard.push_back(std::move(message));
      if (heard.back() == "question") child->reply();
    }
  }
  for (auto& message : child->take_messages()) heard.push_back(std::move(message));
  EXPECT_EQ(heard, (std::vector<nlohmann::json>{"question", "answered"}));
  EXPECT_EQ(child->wait(), 0);
}

TEST_F(ChildProcessTest, AnotherProgramGetsItsEnvironmentAndDescriptor) {
  auto child = ChildProcess::execute({.command = {"/bin/sh", "-c", "test -e /proc/self/fd/$FD && exit 7"},
                                      .environment = {"FD=" + std::to_string(page_.descriptor())},
                                      .inherited = page_.descriptor()});
  ASSERT_TRUE(child.has_value());
  EXPECT_EQ(WEXITSTATUS(child->wait()), 7);
}

TEST_F(ChildProcessTest, AMissingProgramHasAnExitCodeOfItsOwn) {
  auto child = ChildProcess::execute({.command = {"/nonexistent"}});
  ASSERT_TRUE(child.has_value());
  EXPECT_EQ(WEXITSTATUS(child->wait()), kExitNotExecuted);
}

}  // namespace
}  // namespace gridlock
