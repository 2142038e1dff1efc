// GRIDLOCK_CHECK: a defect in Gridlock itself, caught where it happens. On in release, with exit code 3, and never
// filed as a finding of the code under test.
//
// May include: nothing of the engine.
#pragma once

#include <unistd.h>

namespace gridlock {

// The process exit code of a defect in Gridlock (docs: command line contract).
inline constexpr int kExitInternalDefect = 3;

// Where check_failed() writes: stderr, or a copy of it while a program under test has the descriptor.
inline constinit int check_output = 2;

// Ends the process at once, by the system call itself: in a program under test _exit is the program's.
[[noreturn]] inline void leave_process(int code) {
  constexpr long kExitGroup = 231;
  asm volatile("syscall" : : "a"(kExitGroup), "D"(long{code}) : "rcx", "r11", "memory");
  __builtin_unreachable();
}

// Prints "gridlock: defect: ..." to stderr and ends the process with kExitInternalDefect. Uses only write(2), so it
// is safe on a fiber, in a signal handler and under every sanitizer.
[[noreturn]] inline void check_failed(const char* condition, const char* file, int line) {
  const auto put = [](const char* text) {
    unsigned long length = 0;
    while (text[length] != '\0') ++length;
    [[maybe_unused]] const auto written = ::write(check_output, text, length);
  };
  char digits[12];
  int at = 11;
  digits[at] = '\0';
  do {
    digits[--at] = static_cast<char>('0' + line % 10);
    line /= 10;
  } while (line > 0 && at > 0);
  put("gridlock: defect in Gridlock itself (please report): ");
  put(file);
  put(":");
  put(digits + at);
  put(": ");
  put(condition);
  put("\n");
  leave_process(kExitInternalDefect);
}

}  // namespace gridlock

#define GRIDLOCK_CHECK(condition) \
  (__builtin_expect(!!(condition), 1) ? (void)0 : ::gridlock::check_failed(#condition, __FILE__, __LINE__))
