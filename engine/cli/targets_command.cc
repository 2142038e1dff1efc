// `gridlock targets`: what is registered, for a person or as JSON.
#include <fmt/format.h>

#include <cstdio>

#include "engine/cli/commands.h"
#include "engine/cli/report.h"

namespace gridlock {

Result<ExitCode> run_command(const TargetsOptions& options, std::span<const Target> targets) {
  if (options.json) {
    print_json(targets_json(targets));
    return ExitCode::kAsExpected;
  }
  for (const Target& target : targets) {
    const TargetSchema& schema = target.schema;
    fmt::print("{}\n  {}\n", schema.name, schema.summary);
    if (!schema.models.empty()) fmt::print("  models: {}\n", schema.models);
    for (const auto& variant : schema.variants) {
      fmt::print("    {:<20} expect {:<12} {}\n", variant.name, variant.expect, variant.summary);
    }
  }
  return ExitCode::kAsExpected;
}

}  // namespace gridlock
