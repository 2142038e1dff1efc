#include "engine/cli/child_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <utility>

#include "engine/base/check.h"

namespace gridlock {
namespace {

// How often a parent that hears nothing looks whether its child still makes progress.
constexpr int kWatchIntervalMs = 50;

std::chrono::nanoseconds processor_time_of(pid_t child) {
  clockid_t clock{};
  timespec time{};
  if (::clock_getcpuclockid(child, &clock) != 0 || ::clock_gettime(clock, &time) != 0) return {};
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

void close_if_open(int& descriptor) {
  if (descriptor >= 0) ::close(descriptor);
  descriptor = -1;
}

// Reads what is there. False at the end of the stream.
template <typename Sink>
bool read_available(int descriptor, const Sink& sink) {
  std::array<char, 64 << 10> buffer;
  for (;;) {
    const auto got = ::read(descriptor, buffer.data(), buffer.size());
    if (got > 0) {
      sink(buffer.data(), static_cast<std::size_t>(got));
    } else if (got < 0 && errno == EINTR) {
      continue;
    } else {
      return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    }
  }
}

void become_child(pid_t parent, int errors) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(0);  // the parent died before the line above
  ::signal(SIGINT, SIG_IGN);
  ::signal(SIGTERM, SIG_DFL);
  ::dup2(errors, STDERR_FILENO);
}

}  // namespace

pid_t StallWatch::runner() const {
  const pid_t other = page_->runner.load(std::memory_order_relaxed);
  return other != 0 ? other : child_;
}

bool StallWatch::stalled() {
  const std::uint64_t heartbeat = page_->heartbeat.load(std::memory_order_relaxed);
  const auto wall = std::chrono::steady_clock::now();
  if (heartbeat != heartbeat_ || page_->running.load(std::memory_order_relaxed) == 0) {
    heartbeat_ = heartbeat;
    wall_then_ = wall;
    processor_then_ = processor_time_of(runner());
    return false;
  }
  if (wall - wall_then_ <= limits_.wall) return false;
  return processor_time_of(runner()) - processor_then_ > limits_.processor || wall - wall_then_ > limits_.wall_asleep;
}

Result<ChildProcess> ChildProcess::launch(const std::function<void(int channel)>& in_child) {
  int channel[2];
  int errors[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel) != 0) {
    return failure("connect to a worker", "", std::strerror(errno));
  }
  if (::pipe2(errors, O_CLOEXEC) != 0) {
    const int error = errno;
    ::close(channel[0]);
    ::close(channel[1]);
    return failure("connect to a worker", "", std::strerror(error));
  }
  std::fflush(nullptr);  // or the child would print it again
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) {
    become_child(parent, errors[1]);
    in_child(channel[1]);
    ::_exit(0);  // no exit handlers: they are the parent's
  }
  const int error = errno;
  ::close(channel[1]);
  ::close(errors[1]);
  if (pid < 0) {
    ::close(channel[0]);
    ::close(errors[0]);
    return failure("start a worker process", "", std::strerror(error));
  }
  ::fcntl(channel[0], F_SETFL, O_NONBLOCK);
  ::fcntl(errors[0], F_SETFL, O_NONBLOCK);
  return ChildProcess(pid, channel[0], errors[0]);
}

Result<ChildProcess> ChildProcess::start(const Body& body) {
  return launch([&](int channel) { body(Channel(channel)); });
}

Result<ChildProcess> ChildProcess::execute(const Program& program) {
  GRIDLOCK_CHECK(!program.command.empty());
  return launch([&](int channel) {
    // Whether or not the program uses it, the channel stays open: its end is how the parent learns of the program's.
    ::fcntl(channel, F_SETFD, 0);
    std::string channel_variable = kChannelVariable + ("=" + std::to_string(channel));
    if (program.inherited >= 0) ::fcntl(program.inherited, F_SETFD, 0);
    if (program.output >= 0) ::dup2(program.output, STDOUT_FILENO);
    std::vector<char*> arguments;
    arguments.reserve(program.command.size() + 1);
    for (const auto& argument : program.command) arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    std::vector<char*> variables;
    variables.reserve(program.environment.size() + 2);
    variables.push_back(channel_variable.data());
    // Ours first: getenv(3) takes the first of a name.
    for (const auto& variable : program.environment) variables.push_back(const_cast<char*>(variable.c_str()));
    for (char** variable = environ; *variable != nullptr; ++variable) variables.push_back(*variable);
    variables.push_back(nullptr);
    ::execve(arguments[0], arguments.data(), variables.data());
    ::_exit(kExitNotExecuted);
  });
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      channel_(std::exchange(other.channel_, -1)),
      errors_(std::exchange(other.errors_, -1)),
      reader_(std::move(other.reader_)),
      tail_(std::move(other.tail_)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(channel_, other.channel_);
  std::swap(errors_, other.errors_);
  std::swap(reader_, other.reader_);
  std::swap(tail_, other.tail_);
  return *this;
}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) {
    kill();
    static_cast<void>(wait());
  }
  close_if_open(channel_);
  close_if_open(errors_);
}

void ChildProcess::add_to(std::vector<pollfd>& watched) const {
  if (channel_ >= 0) watched.push_back({channel_, POLLIN, 0});
  if (errors_ >= 0) watched.push_back({errors_, POLLIN, 0});
}

bool ChildProcess::drain() {
  if (channel_ >= 0 &&
      !read_available(channel_, [&](const char* bytes, std::size_t size) { reader_.feed({bytes, size}); })) {
    close_if_open(channel_);
  }
  if (errors_ >= 0 && !read_available(errors_, [&](const char* bytes, std::size_t size) { keep_tail(bytes, size); })) {
    close_if_open(errors_);
  }
  return channel_ >= 0 || errors_ >= 0;
}

void ChildProcess::keep_tail(const char* bytes, std::size_t size) {
  tail_.append(bytes, size);
  if (tail_.size() > kStderrTailBytesMax) tail_.erase(0, tail_.size() - kStderrTailBytesMax);
}

void ChildProcess::reply() const {
  // A child that died meanwhile needs no reply; its end is noticed where its messages are read.
  [[maybe_unused]] const auto sent = ::send(channel_, "", 1, MSG_NOSIGNAL);
}

void ChildProcess::kill() const {
  if (pid_ > 0) ::kill(pid_, SIGKILL);
}

int ChildProcess::wait() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return status;
}

Result<ChildResult> run_child(RunPage& page, const ChildProcess::Body& body, RunLimits limits) {
  page.running.store(0, std::memory_order_relaxed);
  page.crash = {};
  auto child = ChildProcess::start(body);
  if (!child) return std::unexpected(child.error());
  StallWatch watch(child->pid(), page, limits);
  bool stalled = false;
  while (child->drain()) {
    std::vector<pollfd> watched;
    child->add_to(watched);
    ::poll(watched.data(), watched.size(), kWatchIntervalMs);
    if (!stalled && watch.stalled()) {
      stalled = true;
      child->kill();
    }
  }
  ChildResult result{child->take_messages(), std::nullopt};
  const int status = child->wait();
  if (stalled || status != 0) result.death = ChildDeath{stalled, status, child->stderr_tail()};
  return result;
}

}  // namespace gridlock
