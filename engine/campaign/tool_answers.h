// What the commands of `gridlock` answer, read with care: a program that has gone wrong prints anything.
//
// May include: base, model. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/error.h"
#include "engine/model/verdict.h"

namespace gridlock::campaign {

// One variant of `gridlock replay --json`.
struct ReplayAnswer {
  std::string variant;
  VerdictKind verdict = VerdictKind::kOk;
  std::string signature;
  std::string summary;
  std::uint32_t as_expected = 0;
  std::uint32_t times = 0;
  std::optional<std::uint32_t> sanitizer_reports;  // nothing: the flavour has nothing to say
};

// `line`: the last of stdout. ERRORS: it is no such answer.
[[nodiscard]] Result<std::vector<ReplayAnswer>> replay_answers(std::string_view line);

// What `gridlock minimize` says on stderr.
struct MinimizeFigures {
  std::uint32_t decisions_before = 0;
  std::uint32_t decisions_after = 0;
  std::uint64_t trials = 0;
};
[[nodiscard]] std::optional<MinimizeFigures> minimize_figures(std::string_view errors);

// The title in an EXPLANATION document; empty if it is none.
[[nodiscard]] std::string explanation_title(std::string_view json);

// True if `line` is the JSON object with which `gridlock fuzz --json` ends in good order.
[[nodiscard]] bool is_fuzz_answer(std::string_view line);

}  // namespace gridlock::campaign
