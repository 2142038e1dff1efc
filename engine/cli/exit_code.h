// The exit codes of every command: a contract that scripts and CI systems are written against.
//
// May include: base.
#pragma once

#include "engine/base/check.h"

namespace gridlock {

enum class ExitCode : int {
  kAsExpected = 0,                       // nothing found, or everything as its repro expects
  kFound = 1,                            // a finding, or a repro that does not give its expected verdict
  kWrongUse = 2,                         // wrong use or unreadable input; said on stderr, nothing written
  kInternalDefect = kExitInternalDefect  // a defect in Gridlock itself
};

}  // namespace gridlock
