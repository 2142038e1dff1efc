// The last words of a process that dies while it runs a target: a fatal signal, an overflowed stack, AddressSanitizer's
// report. They are written to a page that a parent shares, because the process itself can do nothing with them.
//
// May include: base.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gridlock {

// Plain data in shared memory; written by a signal handler, read by the parent after the child's death.
struct CrashReport {
  static constexpr std::uint32_t kFramesMax = 16;
  std::uint32_t is_memory_error = 0;  // 1: AddressSanitizer spoke, 0: a signal
  std::uint32_t cpu = 0;              // the virtual cpu that ran
  std::uint32_t frame_count = 0;
  char what[64] = {};                     // "SIGSEGV", "stack overflow", "heap-use-after-free"; empty: nothing happened
  char text[8192] = {};                   // the sanitizer's own report, cut
  std::uint64_t frames[kFramesMax] = {};  // sites, innermost first
};

// The exit code of a process that died that way.
inline constexpr int kExitCrashed = 101;

// Installs the handlers for SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT and SIGTRAP on a stack of their own, and the
// report callback of AddressSanitizer where it is linked. A fatal event inside a run fills `page` and ends the process
// with kExitCrashed; `page` must outlive the process's last run. A null page takes the handlers away again.
void set_crash_page(CrashReport* page);

}  // namespace gridlock
