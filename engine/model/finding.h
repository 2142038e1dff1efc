// A finding: what was found, by which input, and how it is told apart from others.
//
// Values only. May include: base.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/model/scenario.h"
#include "engine/model/verdict.h"

namespace gridlock {

struct Finding {
  std::string target;
  std::string variant;
  Scenario scenario;
  Verdict verdict;
};

// One `expect VARIANT VERDICT` line of a repro.
struct Expectation {
  std::string variant;
  VerdictKind verdict = VerdictKind::kOk;
  bool operator==(const Expectation&) const = default;
};

// A repro: the text form of a minimal scenario (docs/FORMAT.md, model/repro_text.h).
struct Repro {
  std::string target;
  std::string signature;                  // of the first expectation that is a bug; may be empty
  std::vector<Expectation> expectations;  // may be empty in a hand-written file
  Scenario scenario;
  // By directive: the place it stood at when it was written, "function (file:line)". A hint for readers and for
  // re-anchoring after an edit; never used to replay. Same size as scenario.directives, entries may be empty.
  std::vector<std::string> site_hints;
  std::optional<std::vector<std::string>> program_arguments = {};  // of a target that is a program: what main() gets
  bool operator==(const Repro&) const = default;
};

}  // namespace gridlock
