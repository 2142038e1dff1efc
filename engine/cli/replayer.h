// Runs loaded inputs against the variants that they have expectations for and says how each came out. `replay` prints
// the rows; `regress` collects them from the `replay --json` of its siblings.
//
// May include: base, model, machine, judge.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/cli/input_file.h"
#include "engine/cli/report.h"
#include "engine/cli/run_page.h"
#include "engine/cli/session.h"

namespace gridlock {

// One variant of one file.
struct ReplayRow {
  std::string file;
  std::string target;
  std::string variant;
  std::string flavour;                  // of the program that ran it: "plain", "tsan", "asan"
  std::optional<VerdictKind> expected;  // nothing: no `expect` line; any bug then counts as unexpected
  Verdict seen;                         // of the first run that is not as expected; else of the first run
  std::uint32_t as_expected = 0;        // of `times` runs
  std::uint32_t times = 0;
  std::uint64_t points = 0;  // of all runs together
  std::uint64_t directives = 0;
  EvidenceCount evidence;             // of the sanitizer, in all runs
  std::uint64_t ordered_reports = 0;  // of ThreadSanitizer, on accesses that are ordered; of all runs together
  // Empty, or how the signature differs from the one in the file. A function that was renamed does this: it is told,
  // and is no failure.
  std::string signature_note;

  [[nodiscard]] bool passed() const { return as_expected == times; }
};

// What the machine is to run: variant and, where there is one, expectation.
struct ReplayCase {
  std::uint32_t variant = 0;
  std::optional<VerdictKind> expected;
};

// `variant_name` empty: a case for each expectation, or the first variant without one. ERRORS: no such variant.
[[nodiscard]] Result<std::vector<ReplayCase>> replay_cases(const LoadedInput& input, std::string_view variant_name);

struct ReplayFile {
  std::string path;
  LoadedInput input;
  std::vector<ReplayCase> cases;
};

// `target_name` as load_input, `variant_name` as replay_cases. ERRORS: as both.
[[nodiscard]] Result<ReplayFile> load_replay_file(const std::string& path, std::string_view target_name,
                                                  std::string_view variant_name, std::span<const Target> targets);

// A row for each case of each file, in their order. `shows_output`: what a program prints in the first run is shown.
// ERRORS: as run_batch.
[[nodiscard]] Result<std::vector<ReplayRow>> replay_files(Tools tools, std::span<const ReplayFile> files,
                                                          std::uint32_t times, RunPage& page,
                                                          bool shows_output = false);

// "corpus/x.repro kick-first: hang as expected (3 of 3)", with the signature and summary of a bug below.
[[nodiscard]] std::string describe(const ReplayRow& row);

// The object of the last line: the common keys, and "results" with every row.
[[nodiscard]] nlohmann::json replay_json(std::span<const ReplayRow> rows, double seconds);

// The rows of such an object again; the sanitizer's own frames are not in it. ERRORS: it is none.
[[nodiscard]] Result<std::vector<ReplayRow>> rows_from_json(const nlohmann::json& object);

}  // namespace gridlock
