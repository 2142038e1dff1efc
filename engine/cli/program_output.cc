#include "engine/cli/program_output.h"

#include <fcntl.h>
#include <stdio_ext.h>
#include <unistd.h>

#include <cstdio>

#include "engine/base/check.h"

namespace gridlock {
namespace {

// Copies lie here and above, so that the first file that a program opens is 3, as it is without us.
constexpr int kFirstCopy = 100;

}  // namespace

ProgramOutput::ProgramOutput() {
  const int opened = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  nowhere_ = ::fcntl(opened, F_DUPFD_CLOEXEC, kFirstCopy);
  ::close(opened);
  for (int stream = 0; stream < 3; ++stream) own_[stream] = ::fcntl(stream, F_DUPFD_CLOEXEC, kFirstCopy);
  GRIDLOCK_CHECK(nowhere_ >= 0 && "no descriptor for /dev/null");
  check_output = own_[2];
}

ProgramOutput::~ProgramOutput() {
  check_output = STDERR_FILENO;
  ::close(nowhere_);
  for (const int copy : own_) {
    if (copy >= 0) ::close(copy);
  }
}

ProgramOutput::Guard::Guard(const ProgramOutput& output, bool is_shown) : output_(&output), is_shown_(is_shown) {
  std::fflush(stdout);
  ::dup2(output.nowhere_, STDIN_FILENO);
  ::dup2(is_shown ? output.own_[1] : output.nowhere_, STDOUT_FILENO);
  ::dup2(is_shown ? output.own_[1] : output.nowhere_, STDERR_FILENO);
}

// What is still in stdout's buffer is the program's.
ProgramOutput::Guard::~Guard() {
  if (output_ == nullptr) return;
  if (is_shown_) {
    std::fflush(stdout);
  } else {
    ::__fpurge(stdout);
  }
  for (int stream = 0; stream < 3; ++stream) {
    if (output_->own_[stream] >= 0) ::dup2(output_->own_[stream], stream);
  }
}

}  // namespace gridlock
