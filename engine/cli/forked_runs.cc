#include "engine/cli/forked_runs.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <vector>

#include "engine/base/check.h"

namespace gridlock {
namespace {

// Reserved, and there only as far as it is used: a trace of the longest run that a machine makes is a third of it.
constexpr std::size_t kSharedBytes = std::size_t{128} << 20;

void transfer_features(Archive& archive, std::vector<feedback::Feature>& features) {
  archive.row(features);
}

void transfer_strategy(Archive& archive, Strategy& strategy) {
  for (const std::span<std::byte> bytes : strategy.lasting()) archive.bytes(bytes.data(), bytes.size());
}

// Ends this process as its child ended.
[[noreturn]] void die_likewise(int status) {
  if (WIFEXITED(status)) leave_process(WEXITSTATUS(status));
  std::signal(WTERMSIG(status), SIG_DFL);
  ::raise(WTERMSIG(status));
  leave_process(kExitInternalDefect);
}

}  // namespace

ForkedRuns::ForkedRuns(RunPage& page) : page_(page) {
  void* const memory =
      ::mmap(nullptr, kSharedBytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  GRIDLOCK_CHECK(memory != MAP_FAILED);
  shared_ = {static_cast<std::byte*>(memory), kSharedBytes};
}

ForkedRuns::~ForkedRuns() {
  ::munmap(shared_.data(), shared_.size());
}

const RunView& ForkedRuns::run(const std::function<const RunView&()>& make, const Scenario& scenario,
                               Strategy& strategy, const RunOptions& options) {
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  GRIDLOCK_CHECK(child >= 0 && "no process can be made for a run");
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) leave_process(0);
    run_as_child(make, strategy, options);
  }
  page_.runner.store(child, std::memory_order_relaxed);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  page_.runner.store(0, std::memory_order_relaxed);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) die_likewise(status);
  take_over(scenario, strategy, options);
  return returned_->view();
}

void ForkedRuns::run_as_child(const std::function<const RunView&()>& make, Strategy& strategy,
                              const RunOptions& options) {
  OwnedView made(make());
  Archive archive(shared_, false);
  made.transfer(archive);
  transfer_strategy(archive, strategy);
  if (options.interleavings != nullptr) {
    const auto touched = options.interleavings->touched();
    std::vector<feedback::Feature> features(touched.begin(), touched.end());
    transfer_features(archive, features);
  }
  leave_process(0);
}

// begin() gives the strategy what it keeps of the scenario beside plain bytes.
void ForkedRuns::take_over(const Scenario& scenario, Strategy& strategy, const RunOptions& options) {
  Archive archive(shared_, true);
  returned_.emplace();
  returned_->transfer(archive);
  strategy.begin(scenario);
  transfer_strategy(archive, strategy);
  if (options.interleavings == nullptr) return;
  std::vector<feedback::Feature> features;
  transfer_features(archive, features);
  options.interleavings->take_over(features);
}

}  // namespace gridlock
