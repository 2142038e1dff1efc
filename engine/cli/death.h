// What the death of a process that runs scenarios means: a bug of the target, somebody outside, or a defect of ours.
// The three are never mixed.
//
// May include: base, model, judge, machine (crash report).
#pragma once

#include <cstdint>
#include <string>

#include "engine/cli/child_process.h"
#include "engine/cli/run_page.h"
#include "engine/model/run_view.h"
#include "engine/model/verdict.h"

namespace gridlock {

// The exit code of a process whose run called what Gridlock does not control: RunPage::refused says what.
inline constexpr int kExitRefused = 102;

enum class DeathCause : std::uint8_t {
  kTarget,   // the run did it: a finding
  kOutside,  // killed by a person or the kernel's out-of-memory killer
  kRefused,  // the run called what Gridlock does not control
  kDefect    // Gridlock failed a check of its own, or died outside a run
};

[[nodiscard]] DeathCause cause_of(const ChildDeath& death, const RunPage& page);

// REQUIRES: cause_of(death, page) == kTarget. A crash or memory error as the dying process wrote it into the page, or
// "hang: (no point)".
[[nodiscard]] Verdict verdict_of(const ChildDeath& death, const RunPage& page, const SiteNames& names);

// "killed by SIGSEGV", "exited with code 66".
[[nodiscard]] std::string describe_status(int wait_status);

// REQUIRES: cause_of(death, page) == kRefused.
[[nodiscard]] Error error_of_refusal(const std::string& target, const RunPage& page);

// Ends this process with the exit code of a defect, repeating what the child wrote about it.
[[noreturn]] void leave_with_defect(const ChildDeath& death);

// The signature of a run that never reached another point.
inline constexpr const char* kNoPointSignature = "hang: (no point)";

// True if a bug of this verdict ends the process that runs it. A memory error does so only where AddressSanitizer is
// the one to find it, which the verdict does not tell: false.
[[nodiscard]] bool kills_process(const Verdict& verdict);

}  // namespace gridlock
