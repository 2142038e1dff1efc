// The last words of a dying process. Everything here runs in a signal handler or inside AddressSanitizer's death: plain
// loads and stores, no allocation, no libc but _exit and sigaction.
//
// May include: base, model, hook, strategy.
#include "engine/machine/crash.h"

#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstring>

#include "engine/machine/machine_impl.h"

// Bounds of the hooks' own code: a crash in there is a crash of the access that the target asked for.
extern "C" {
extern const char __start_gridlock_hooks[] __attribute__((weak, visibility("hidden")));
extern const char __stop_gridlock_hooks[] __attribute__((weak, visibility("hidden")));

// AddressSanitizer's interface, where it is linked.
void __asan_set_error_report_callback(void (*callback)(const char*)) __attribute__((weak));
void* __asan_get_report_pc() __attribute__((weak));
void* __asan_get_report_bp() __attribute__((weak));
void* __asan_get_report_sp() __attribute__((weak));
const char* __asan_get_report_description() __attribute__((weak));

// Memory errors end the process; the parent makes the finding. Fatal signals are ours in every flavour, so that a crash
// reads the same everywhere. Leaks of a process that ends in the middle of a run mean nothing.
const char* __asan_default_options() {
  return "halt_on_error=1:abort_on_error=0:exitcode=101:detect_leaks=0:symbolize=0:handle_segv=0:handle_sigbus=0:"
         "handle_sigfpe=0:handle_sigill=0:handle_abort=0:allocator_may_return_null=1:print_summary=0";
}
}

namespace gridlock {

namespace {

constexpr int kSignals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP};
constexpr std::size_t kSignalStackBytes = 64 * 1024;

// The page the handlers write to. The handlers of a process are global, so this is too.
constinit CrashReport* crash_page = nullptr;

void copy_text(char* to, std::size_t capacity, const char* from) {
  std::size_t at = 0;
  for (; at + 1 < capacity && from[at] != '\0'; ++at) to[at] = from[at];
  to[at] = '\0';
}

const char* name_of(int signal) {
  switch (signal) {
    case SIGSEGV:
      return "SIGSEGV";
    case SIGBUS:
      return "SIGBUS";
    case SIGFPE:
      return "SIGFPE";
    case SIGILL:
      return "SIGILL";
    case SIGABRT:
      return "SIGABRT";
    case SIGTRAP:
      return "SIGTRAP";
    default:
      return "a signal";
  }
}

bool in_hook(std::uint64_t code) {
  return code >= reinterpret_cast<std::uint64_t>(__start_gridlock_hooks) &&
         code < reinterpret_cast<std::uint64_t>(__stop_gridlock_hooks);
}

// Walks as far as frames lie on a cpu's stack.
void fill_frames(MachineImpl& machine, std::uint64_t code, std::uint64_t stack, std::uint64_t frame) {
  CrashReport& page = *crash_page;
  page.cpu = machine.this_cpu();
  page.frame_count = 0;
  if (in_hook(code) && is_stack_address(stack)) {
    page.frames[page.frame_count++] = machine.site_of(*reinterpret_cast<const std::uint64_t*>(stack));
  } else {
    // The symbolizer looks up the instruction in front of a return address; this one is the faulting one itself.
    page.frames[page.frame_count++] = machine.site_of(code + 1);
  }
  const std::uint64_t boundary = machine.on_cpu() ? machine.cpu().context().boundary : 0;
  while (is_stack_address(frame) && !is_guard_address(frame) && frame < boundary &&
         page.frame_count < CrashReport::kFramesMax) {
    const auto* const words = reinterpret_cast<const std::uint64_t*>(frame);
    if (words[0] <= frame || words[0] >= boundary) break;
    page.frames[page.frame_count++] = machine.site_of(words[1]);
    frame = words[0];
  }
}

void on_signal(int signal, siginfo_t* info, void* context) {
  if (crash_page == nullptr) ::_exit(kExitCrashed);
  const auto& registers = static_cast<const ucontext_t*>(context)->uc_mcontext.gregs;
  const auto fault = reinterpret_cast<std::uint64_t>(info->si_addr);
  const bool overflow = signal == SIGSEGV && is_guard_address(fault);
  copy_text(crash_page->what, sizeof crash_page->what, overflow ? "stack overflow" : name_of(signal));
  crash_page->is_memory_error = 0;
  if (MachineImpl* const machine = MachineImpl::current()) {
    fill_frames(*machine, static_cast<std::uint64_t>(registers[REG_RIP]),
                static_cast<std::uint64_t>(registers[REG_RSP]), static_cast<std::uint64_t>(registers[REG_RBP]));
  }
  ::_exit(kExitCrashed);
}

void on_asan_report(const char* text) {
  if (crash_page == nullptr) return;
  copy_text(crash_page->what, sizeof crash_page->what, __asan_get_report_description());
  copy_text(crash_page->text, sizeof crash_page->text, text);
  crash_page->is_memory_error = 1;
  if (MachineImpl* const machine = MachineImpl::current()) {
    fill_frames(*machine, reinterpret_cast<std::uint64_t>(__asan_get_report_pc()),
                reinterpret_cast<std::uint64_t>(__asan_get_report_sp()),
                reinterpret_cast<std::uint64_t>(__asan_get_report_bp()));
  }
  ::_exit(kExitCrashed);
}

void install_handlers() {
  static char* signal_stack = nullptr;
  if (signal_stack == nullptr) {
    void* const mapped = ::mmap(nullptr, kSignalStackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    GRIDLOCK_CHECK(mapped != MAP_FAILED);
    signal_stack = static_cast<char*>(mapped);
  }
  stack_t stack{};
  stack.ss_sp = signal_stack;
  stack.ss_size = kSignalStackBytes;
  GRIDLOCK_CHECK(::sigaltstack(&stack, nullptr) == 0);
  struct sigaction action{};
  action.sa_sigaction = on_signal;
  action.sa_flags = static_cast<int>(SA_SIGINFO | SA_ONSTACK | SA_RESETHAND);
  ::sigemptyset(&action.sa_mask);
  for (const int signal : kSignals) ::sigaction(signal, &action, nullptr);
  if (__asan_set_error_report_callback != nullptr) __asan_set_error_report_callback(on_asan_report);
}

}  // namespace

void set_crash_page(CrashReport* page) {
  crash_page = page;
  if (page != nullptr) {
    install_handlers();
    return;
  }
  for (const int signal : kSignals) std::signal(signal, SIG_DFL);
  if (__asan_set_error_report_callback != nullptr) __asan_set_error_report_callback(nullptr);
}

}  // namespace gridlock
