#include "engine/campaign/child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace gridlock::campaign {
namespace {

constexpr int kExitNotExecuted = 127;
// Rounds of killing what a child still starts while it is being killed.
constexpr int kKillRoundsMax = 8;

void close_if_open(int& descriptor) {
  if (descriptor >= 0) ::close(descriptor);
  descriptor = -1;
}

// argv and envp, made before the fork: behind it nothing may allocate.
struct ExecImage {
  explicit ExecImage(const ChildCommand& command) {
    for (const auto& argument : command.command) arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    for (const auto& variable : command.environment) variables.push_back(const_cast<char*>(variable.c_str()));
    // A name stands once: of two, programs differ in which one they take.
    for (char** variable = environ; *variable != nullptr; ++variable) {
      const std::string_view name(*variable, std::string_view(*variable).find('=') + 1);
      const bool is_ours = std::ranges::any_of(
          command.environment, [&](const std::string& ours) { return std::string_view(ours).starts_with(name); });
      if (name.empty() || !is_ours) variables.push_back(*variable);
    }
    variables.push_back(nullptr);
  }
  std::vector<char*> arguments;
  std::vector<char*> variables;
};

// Between fork and exec of a program with threads: system calls only.
[[noreturn]] void become(const ExecImage& image, const ChildCommand& command, pid_t parent, int output, int errors) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(0);  // the parent died before the line above
  ::setpgid(0, 0);
  ::setpriority(PRIO_PROCESS, 0, command.niceness);
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int number : {SIGPIPE, SIGINT, SIGTERM, SIGHUP}) ::signal(number, SIG_DFL);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(errors, STDERR_FILENO);
  const int nothing = ::open("/dev/null", O_RDONLY);
  if (nothing >= 0) ::dup2(nothing, STDIN_FILENO);
  ::close_range(STDERR_FILENO + 1, ~0U, 0);  // sockets of libraries that know no O_CLOEXEC
  ::execve(image.arguments[0], image.arguments.data(), image.variables.data());
  ::_exit(kExitNotExecuted);
}

// Reads what is there into `tail`. False at the end of the stream.
bool take_in(int descriptor, Tail& tail) {
  std::array<char, 64 << 10> buffer;
  for (std::size_t taken = 0; taken < kDrainBytesMax;) {
    const auto got = ::read(descriptor, buffer.data(), buffer.size());
    if (got == 0) return false;
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    tail.add({buffer.data(), static_cast<std::size_t>(got)});
    taken += static_cast<std::size_t>(got);
  }
  return true;
}

double seconds_of(const rusage& usage) {
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

void Tail::add(std::string_view bytes) {
  bytes_in_all_ += bytes.size();
  if (bytes.size() > bytes_max_) bytes.remove_prefix(bytes.size() - bytes_max_);
  bytes_.append(bytes);
  if (bytes_.size() > 2 * bytes_max_) bytes_.erase(0, bytes_.size() - bytes_max_);
}

std::string_view Tail::text() const {
  std::string_view text = bytes_;
  if (text.size() > bytes_max_) text.remove_prefix(text.size() - bytes_max_);
  return text;
}

std::string_view Tail::last_line() const {
  std::string_view line = text();
  line = line.substr(0, line.find_last_not_of("\r\n") + 1);
  const std::size_t end_before = line.find_last_of('\n');
  return end_before == std::string_view::npos ? line : line.substr(end_before + 1);
}

std::optional<int> ChildEnd::exit_code() const {
  if (!WIFEXITED(wait_status)) return std::nullopt;
  return WEXITSTATUS(wait_status);
}

std::string ChildEnd::describe() const {
  if (const auto code = exit_code()) return fmt::format("exit code {}", *code);
  return fmt::format("signal {}", WTERMSIG(wait_status));
}

Result<Child> Child::start(const ChildCommand& command) {
  const std::string& program = command.command.at(0);
  if (::access(program.c_str(), X_OK) != 0) return failure("run the program", program, std::strerror(errno));
  int output[2];
  int errors[2];
  if (::pipe2(output, O_CLOEXEC) != 0) return failure("run the program", program, std::strerror(errno));
  if (::pipe2(errors, O_CLOEXEC) != 0) {
    const int error = errno;
    ::close(output[0]);
    ::close(output[1]);
    return failure("run the program", program, std::strerror(error));
  }
  const ExecImage image(command);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) become(image, command, parent, output[1], errors[1]);
  const int error = errno;
  ::close(output[1]);
  ::close(errors[1]);
  if (pid < 0) {
    ::close(output[0]);
    ::close(errors[0]);
    return failure("run the program", program, std::strerror(error));
  }
  ::setpgid(pid, pid);  // both do it: whoever comes first
  ::fcntl(output[0], F_SETFL, O_NONBLOCK);
  ::fcntl(errors[0], F_SETFL, O_NONBLOCK);
  return Child(pid, output[0], errors[0], command);
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      output_end_(std::exchange(other.output_end_, -1)),
      errors_end_(std::exchange(other.errors_end_, -1)),
      output_(std::move(other.output_)),
      errors_(std::move(other.errors_)),
      below_(std::move(other.below_)),
      mark_(std::move(other.mark_)),
      end_(std::move(other.end_)) {}

Child& Child::operator=(Child&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(output_end_, other.output_end_);
  std::swap(errors_end_, other.errors_end_);
  std::swap(output_, other.output_);
  std::swap(errors_, other.errors_);
  std::swap(below_, other.below_);
  std::swap(mark_, other.mark_);
  std::swap(end_, other.end_);
  return *this;
}

Child::~Child() {
  if (pid_ > 0 && !end_) kill();
  close_if_open(output_end_);
  close_if_open(errors_end_);
}

void Child::add_to(std::vector<pollfd>& watched) const {
  if (output_end_ >= 0) watched.push_back({output_end_, POLLIN, 0});
  if (errors_end_ >= 0) watched.push_back({errors_end_, POLLIN, 0});
}

void Child::drain() {
  if (output_end_ >= 0 && !take_in(output_end_, output_)) close_if_open(output_end_);
  if (errors_end_ >= 0 && !take_in(errors_end_, errors_)) close_if_open(errors_end_);
}

void Child::wait(int options) {
  if (pid_ <= 0 || end_) return;
  siginfo_t news{};
  while (::waitid(P_PID, static_cast<id_t>(pid_), &news, WEXITED | WNOWAIT | options) < 0 && errno == EINTR) {
  }
  if (news.si_pid != pid_) return;
  // What it has left behind in its group goes first: until it is waited for, its number is nobody else's.
  ::kill(-pid_, SIGKILL);
  int status = 0;
  rusage usage{};
  while (::wait4(pid_, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  end_ = ChildEnd{status, seconds_of(usage)};
  kill_remembered();
  kill_marked();
  drain();
}

void Child::remember(const ProcessTable& processes) {
  below_ = processes.below(pid_);
}

void Child::kill_remembered() const {
  if (below_.size() <= 1) return;  // nothing but itself
  const ProcessTable now = ProcessTable::read();
  for (const ProcessName& name : below_) {
    if (name.pid != pid_ && now.holds(name)) ::kill(name.pid, SIGKILL);
  }
}

// What has left the group and lost its parent between two looks is known by what it inherited.
void Child::kill_marked() const {
  if (mark_.empty()) return;
  const std::string entry = std::string(1, '\0') + mark_ + '\0';
  for (int round = 0; round < kKillRoundsMax; ++round) {
    bool killed = false;
    std::error_code error;
    for (std::filesystem::directory_iterator at("/proc", error), end; !error && at != end; at.increment(error)) {
      const pid_t pid = std::atoi(at->path().filename().c_str());
      if (pid <= 1 || pid == ::getpid()) continue;
      std::ifstream file(at->path() / "environ", std::ios::binary);  // of what is not ours, and not ours to kill, empty
      const std::string variables{std::istreambuf_iterator<char>(file), {}};
      if (('\0' + variables).find(entry) == std::string::npos) continue;
      killed = ::kill(pid, SIGKILL) == 0 || killed;
    }
    if (!killed) return;
  }
}

const std::optional<ChildEnd>& Child::ended() {
  wait(WNOHANG);
  return end_;
}

void Child::ask_to_end() const {
  if (pid_ > 0 && !end_) ::kill(pid_, SIGTERM);
}

void Child::kill() {
  if (pid_ <= 0 || end_) return;
  // It stays unwaited for until the end, so its number cannot become somebody else's. Stopped first: what is stopped
  // starts nothing new while the others are looked for.
  ::kill(-pid_, SIGSTOP);
  for (int round = 0; round < kKillRoundsMax; ++round) {
    const auto names = ProcessTable::read().below(pid_);
    ::kill(-pid_, SIGKILL);
    bool others = false;
    for (const ProcessName& name : names) {
      if (name.pid == pid_) continue;
      others = ::kill(name.pid, SIGKILL) == 0 || others;
    }
    if (!others) break;
  }
  ::kill(pid_, SIGKILL);
  wait(0);
}

}  // namespace gridlock::campaign
