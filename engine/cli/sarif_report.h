// The result of a regression run as SARIF 2.1.0 ("Static Analysis Results Interchange Format", OASIS, 2020), which code
// hosts show beside the code: a rule for each verdict, a result for each row that failed, and where a bug came instead,
// the run that shows it as a code flow with one thread flow for each cpu, in the order in which its steps happened.
//
// May include: base, model.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "engine/cli/replayer.h"
#include "engine/cli/source_tree.h"

namespace gridlock {

// Steps of one cpu; of more, those that matter.
inline constexpr std::size_t kFlowStepsMax = 1000;

struct SarifInput {
  std::span<const ReplayRow> rows;
  // By row: what `explain --format json` says of it (docs/EXPLAIN_JSON.md); not of every row that failed.
  const std::map<std::size_t, nlohmann::json>& explanations;
  const SourceTree& sources;
  std::string root;  // what paths are told from
};

// ERRORS: an explanation is not what the document says.
[[nodiscard]] Result<std::string> sarif_report(const SarifInput& input);

}  // namespace gridlock
