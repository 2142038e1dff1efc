// What a command found, for programs: the JSON object on the last line of stdout. Its keys are a contract: they may be
// added to, never renamed.
//
// May include: base, model.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "engine/cli/evidence.h"
#include "engine/cli/registry.h"
#include "engine/cli/target_list.h"
#include "engine/model/verdict.h"

namespace gridlock {

struct ReportedFinding {
  Verdict verdict;
  std::uint64_t runs_to_find = 0;  // of all jobs together, the run that found it included
  double seconds_to_find = 0;
  std::uint64_t directives = 0;  // of the minimal scenario
  std::string repro;             // path
  std::uint32_t reproduced = 0;  // of `confirmations` runs in a row
  std::uint32_t confirmations = 0;
  EvidenceCount evidence = {};  // of the sanitizer, in the runs that reproduced it
  // Seen on real cores and not reproduced: `repro` is empty, and the same thing was seen again in `seen` of `seen_of`
  // runs of the same scenario there.
  std::uint32_t seen = 0;
  std::uint32_t seen_of = 0;
  std::string seen_report = {};  // path
};

struct Report {
  std::string target;
  std::string variant;
  std::string strategy;
  std::uint64_t runs = 0;
  std::uint64_t points = 0;
  double seconds = 0;
  std::vector<ReportedFinding> findings;
};

// The keys that fuzz, replay and regress have in common.
[[nodiscard]] nlohmann::json to_json(const Report& report);

// {"targets": [{"name", "summary", "models", "variants": [{"name", "summary", "expect"}],
//               "bugs": [{"variant", "fixed", "source", "failure"}]}]}
[[nodiscard]] nlohmann::json targets_json(std::span<const Target> targets, std::span<const AbsentTarget> absent);

// Prints it as one line. Bytes that are no UTF-8, which a target's names may hold, are replaced.
void print_json(const nlohmann::json& object);

}  // namespace gridlock
