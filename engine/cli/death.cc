#include "engine/cli/death.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "engine/base/check.h"
#include "engine/judge/judge.h"

namespace gridlock {
namespace {

std::string signal_name(int number) {
  const char* name = ::sigabbrev_np(number);
  return name == nullptr ? fmt::format("signal {}", number) : fmt::format("SIG{}", name);
}

// The report of a process that had no chance to write one: what waitpid(2) says.
Failure failure_from_status(int wait_status) {
  Failure failure;
  failure.what =
      WIFSIGNALED(wait_status) ? signal_name(WTERMSIG(wait_status)) : fmt::format("exit {}", WEXITSTATUS(wait_status));
  return failure;
}

Failure failure_from_report(const CrashReport& report) {
  Failure failure;
  failure.what.assign(report.what, ::strnlen(report.what, sizeof report.what));
  failure.cpu = CpuId(report.cpu);
  const auto frames = std::min(report.frame_count, CrashReport::kFramesMax);
  failure.frames.assign(report.frames, report.frames + frames);
  return failure;
}

}  // namespace

DeathCause cause_of(const ChildDeath& death, const RunPage& page) {
  if (death.stalled) return DeathCause::kTarget;
  const int status = death.wait_status;
  if (WIFEXITED(status) && WEXITSTATUS(status) == kExitInternalDefect) return DeathCause::kDefect;
  if (WIFEXITED(status) && WEXITSTATUS(status) == kExitRefused && page.refused[0] != '\0') return DeathCause::kRefused;
  if (WIFSIGNALED(status)) {
    const int number = WTERMSIG(status);
    if (number == SIGKILL || number == SIGTERM || number == SIGINT || number == SIGHUP) return DeathCause::kOutside;
  }
  return page.running.load(std::memory_order_relaxed) != 0 ? DeathCause::kTarget : DeathCause::kDefect;
}

Verdict verdict_of(const ChildDeath& death, const RunPage& page, const SiteNames& names) {
  if (death.stalled) {
    return {VerdictKind::kHang, kNoPointSignature,
            "A cpu computes without reaching another point: a loop without an atomic access, a wait or a spin hint."};
  }
  const CrashReport& report = page.crash;
  const bool reported = report.what[0] != '\0';
  const Failure failure = reported ? failure_from_report(report) : failure_from_status(death.wait_status);
  RunView view;
  view.end = reported && report.is_memory_error != 0 ? RunEnd::kMemoryError : RunEnd::kCrash;
  view.failure = &failure;
  return judge(view, names);
}

Error error_of_refusal(const std::string& target, const RunPage& page) {
  return failure("run the program", target, std::string(page.refused, ::strnlen(page.refused, sizeof page.refused)))
      .error();
}

std::string describe_status(int wait_status) {
  if (WIFSIGNALED(wait_status)) return "killed by " + signal_name(WTERMSIG(wait_status));
  return fmt::format("exited with code {}", WEXITSTATUS(wait_status));
}

void leave_with_defect(const ChildDeath& death) {
  std::fflush(stdout);
  fmt::print(stderr, "{}\ngridlock: a worker {} outside a run: this is a defect in Gridlock itself, please report it\n",
             death.stderr_tail, describe_status(death.wait_status));
  std::fflush(stderr);
  ::_exit(kExitInternalDefect);
}

bool kills_process(const Verdict& verdict) {
  return verdict.kind == VerdictKind::kCrash || verdict.signature == kNoPointSignature;
}

}  // namespace gridlock
