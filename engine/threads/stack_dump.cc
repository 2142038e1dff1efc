// See stack_dump.h. May include: base, model, hook, machine.
#include "engine/threads/stack_dump.h"

#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>

#include "engine/base/check.h"

namespace gridlock {

namespace {

// Behind those that glibc and the sanitizers take for themselves.
constexpr int kDumpSignal = 50;
constexpr std::uint32_t kAnswerRoundsMax = 10'000;
constexpr std::uint32_t kRoundMicroseconds = 100;

// What rt_sigaction(2) takes on x86-64.
struct KernelAction {
  void (*handler)(int, siginfo_t*, void*);
  std::uint64_t flags;
  void (*restorer)();
  std::uint64_t mask;
};
// The kernel wants a restorer, though nothing returns here.
constexpr std::uint64_t kSaRestorer = 0x04000000;
void restorer() {
  __builtin_trap();
}

void on_dump_signal(int, siginfo_t*, void* context) {
  const auto& registers = static_cast<const ucontext_t*>(context)->uc_mcontext.gregs;
  // The gate is the cpu: its thread set it once and for all.
  static_cast<ThreadCpu*>(current_gate)
      ->dump(static_cast<std::uint64_t>(registers[REG_RIP]), static_cast<std::uint64_t>(registers[REG_RBP]));
  WakeWord never;
  for (;;) never.sleep(never.value(), 1'000'000);
}

}  // namespace

void stop_and_dump(std::span<const DumpedThread> threads) {
  const KernelAction action{on_dump_signal, SA_SIGINFO | kSaRestorer, restorer, ~std::uint64_t{0}};
  GRIDLOCK_CHECK(::syscall(SYS_rt_sigaction, kDumpSignal, &action, nullptr, sizeof action.mask) == 0);
  WakeWord pause;
  for (const DumpedThread& thread : threads) {
    ::syscall(SYS_tgkill, ::getpid(), thread.thread_id, kDumpSignal);
    for (std::uint32_t round = 0; round < kAnswerRoundsMax && !thread.cpu->is_dumped(); ++round) {
      pause.sleep(pause.value(), kRoundMicroseconds);
    }
  }
}

}  // namespace gridlock
