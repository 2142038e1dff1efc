#include "engine/files/write_all.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <thread>

namespace gridlock {
namespace {

class Pipe {
 public:
  Pipe() { EXPECT_EQ(::pipe(ends_.data()), 0); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    for (const int end : ends_) ::close(end);
  }
  [[nodiscard]] int reads() const { return ends_[0]; }
  [[nodiscard]] int writes() const { return ends_[1]; }

 private:
  std::array<int, 2> ends_{};
};

std::string read_some(int descriptor, std::size_t bytes) {
  std::string text(bytes, 0);
  const auto got = ::read(descriptor, text.data(), text.size());
  text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return text;
}

// Far more than a pipe takes at once. Signals without a restart end the writes in the middle.
TEST(WriteAllTest, WhatIsWrittenInPartsAndDisturbedBySignalsArrivesWhole) {
  struct sigaction nothing{};
  nothing.sa_handler = [](int) {};
  struct sigaction before{};
  ASSERT_EQ(::sigaction(SIGUSR1, &nothing, &before), 0);
  std::string bytes;
  while (bytes.size() < (3 << 20)) bytes += std::to_string(bytes.size()) + " ";
  const Pipe pipe;
  bool complete = false;
  std::thread writer([&] { complete = write_all(pipe.writes(), bytes); });
  std::string got;
  while (got.size() < bytes.size()) {
    ::pthread_kill(writer.native_handle(), SIGUSR1);
    const std::string part = read_some(pipe.reads(), 30'000);
    ASSERT_FALSE(part.empty());
    got += part;
  }
  writer.join();
  EXPECT_TRUE(complete);
  EXPECT_TRUE(got == bytes);
  ::sigaction(SIGUSR1, &before, nullptr);
}

TEST(WriteAllTest, ADescriptorThatCannotBeWrittenToIsAnErrorAndNothingIsNone) {
  const Pipe pipe;
  EXPECT_FALSE(write_all(pipe.reads(), "x"));
  EXPECT_EQ(errno, EBADF);
  EXPECT_TRUE(write_all(pipe.reads(), ""));
}

}  // namespace
}  // namespace gridlock
