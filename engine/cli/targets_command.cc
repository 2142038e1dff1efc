// `gridlock targets`: what is registered, for a person or as JSON.
#include <fmt/format.h>

#include <cstdio>

#include "engine/cli/commands.h"
#include "engine/cli/report.h"
#include "engine/cli/targets_text.h"

namespace gridlock {

Result<ExitCode> run_command(const TargetsOptions& options, std::span<const Target> targets,
                             std::span<const AbsentTarget> absent) {
  if (options.json) {
    print_json(targets_json(targets, absent));
    return ExitCode::kAsExpected;
  }
  fmt::print("{}", targets_text(targets));
  if (!absent.empty()) fmt::print("\n{}", absent_text(absent));
  if (const std::string bugs = bugs_text(targets); !bugs.empty()) fmt::print("\n{}", bugs);
  return ExitCode::kAsExpected;
}

}  // namespace gridlock
