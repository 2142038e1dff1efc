// The last words of a dying process. Everything here runs in a signal handler or inside AddressSanitizer's death: plain
// loads and stores, no allocation, no libc but sigaction.
//
// May include: base, model, hook, strategy.
#include "engine/machine/crash.h"

#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstring>
#include <optional>

#include "engine/base/check.h"
#include "engine/machine/hook_code.h"
#include "engine/machine/machine_impl.h"
#include "engine/machine/parallel_cpu.h"

extern "C" {
// Bounds of the program's code, by the linker.
extern const char __executable_start[] __attribute__((visibility("hidden")));
extern const char etext[] __attribute__((visibility("hidden")));

// AddressSanitizer's interface, where it is linked.
void __asan_set_error_report_callback(void (*callback)(const char*)) __attribute__((weak));
void* __asan_get_report_pc() __attribute__((weak));
void* __asan_get_report_bp() __attribute__((weak));
const char* __asan_get_report_description() __attribute__((weak));

// Memory errors end the process; the parent makes the finding. Fatal signals are ours in every flavour, so that a crash
// reads the same everywhere. Leaks of a process that ends in the middle of a run mean nothing. What is freed on the
// heap is the engine's own, for targets live in the arena: no need to keep much of it in quarantine.
const char* __asan_default_options() {
  return "halt_on_error=1:abort_on_error=0:exitcode=101:detect_leaks=0:symbolize=0:handle_segv=0:handle_sigbus=0:"
         "handle_sigfpe=0:handle_sigill=0:handle_abort=0:quarantine_size_mb=2:allocator_may_return_null=1:print_"
         "summary=0";
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

// True if `word` is where a call of a hook returns to.
bool returns_from_hook(std::uint64_t word) {
  constexpr std::uint64_t kCallBytes = 5;
  constexpr unsigned char kCallOpcode = 0xe8;
  if (word < reinterpret_cast<std::uint64_t>(__executable_start) + kCallBytes ||
      word >= reinterpret_cast<std::uint64_t>(etext)) {
    return false;
  }
  const auto* const call = reinterpret_cast<const unsigned char*>(word - kCallBytes);
  if (call[0] != kCallOpcode) return false;
  std::int32_t distance = 0;
  for (int i = 3; i >= 0; --i) distance = distance << 8 | call[1 + i];
  return in_hook(word + static_cast<std::uint64_t>(std::int64_t{distance}));
}

// Where the hook that runs returns to; it may or may not have made its frame. 0 if that is not found.
std::uint64_t return_address_of_hook(std::uint64_t stack) {
  constexpr int kWordsMax = 8;
  for (int i = 0; i < kWordsMax && is_stack_address(stack) && !is_guard_address(stack); ++i, stack += 8) {
    const std::uint64_t word = *reinterpret_cast<const std::uint64_t*>(stack);
    if (returns_from_hook(word)) return word;
  }
  return 0;
}

// Who ran when it happened: a cpu of the fiber machine, or one on a thread of its own. Nobody between runs.
struct Witness {
  const MachineImpl* fibers = nullptr;
  const ParallelCpu* parallel = nullptr;
  std::uint32_t cpu = 0;
  std::uint64_t boundary = 0;  // where walks of its stack end
  [[nodiscard]] Site site_of(std::uint64_t code) const {
    return parallel != nullptr ? parallel->site_of(code) : fibers->site_of(code);
  }
};

std::optional<Witness> find_witness() {
  if (const ParallelCpu* const cpu = parallel_cpu())
    return Witness{nullptr, cpu, cpu->this_cpu(), cpu->stack_boundary()};
  MachineImpl* const machine = MachineImpl::current();
  if (machine == nullptr) return std::nullopt;
  return Witness{machine, nullptr, machine->this_cpu(), machine->on_cpu() ? machine->cpu().context().boundary : 0};
}

// Walks as far as frames lie on a cpu's stack. `top` is the return address of the innermost call, or, for a fault, one
// byte past the start of the instruction: the symbolizer looks one byte in front.
void fill_frames(const Witness& witness, std::uint64_t top, std::uint64_t stack, std::uint64_t frame) {
  CrashReport& page = *crash_page;
  page.cpu = witness.cpu;
  page.frame_count = 0;
  const std::uint64_t caller = in_hook(top) ? return_address_of_hook(stack) : 0;
  if (caller != 0) top = caller;
  page.frames[page.frame_count++] = witness.site_of(top);
  while (is_stack_address(frame) && !is_guard_address(frame) && frame < witness.boundary &&
         page.frame_count < CrashReport::kFramesMax) {
    const auto* const words = reinterpret_cast<const std::uint64_t*>(frame);
    if (words[0] <= frame || words[0] >= witness.boundary) break;
    // A hook's own frame says nothing, and what it returns to may be the top already.
    const bool known = in_hook(words[1]) || (words[1] == top && page.frame_count == 1);
    if (!known) page.frames[page.frame_count++] = witness.site_of(words[1]);
    frame = words[0];
  }
}

void on_signal(int signal, siginfo_t* info, void* context) {
  if (crash_page == nullptr) leave_process(kExitCrashed);
  const auto& registers = static_cast<const ucontext_t*>(context)->uc_mcontext.gregs;
  const auto fault = reinterpret_cast<std::uint64_t>(info->si_addr);
  const bool overflow = signal == SIGSEGV && is_guard_address(fault);
  copy_text(crash_page->what, sizeof crash_page->what, overflow ? "stack overflow" : name_of(signal));
  crash_page->is_memory_error = 0;
  if (const auto witness = find_witness()) {
    fill_frames(*witness, static_cast<std::uint64_t>(registers[REG_RIP]) + 1,
                static_cast<std::uint64_t>(registers[REG_RSP]), static_cast<std::uint64_t>(registers[REG_RBP]));
  }
  leave_process(kExitCrashed);
}

void on_asan_report(const char* text) {
  if (crash_page == nullptr) return;
  copy_text(crash_page->what, sizeof crash_page->what, __asan_get_report_description());
  copy_text(crash_page->text, sizeof crash_page->text, text);
  crash_page->is_memory_error = 1;
  if (const auto witness = find_witness()) {
    // The frame is the one of the runtime's check: above it lies what its caller has on the stack.
    const auto frame = reinterpret_cast<std::uint64_t>(__asan_get_report_bp());
    fill_frames(*witness, reinterpret_cast<std::uint64_t>(__asan_get_report_pc()), frame + 16, frame);
  }
  leave_process(kExitCrashed);
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
