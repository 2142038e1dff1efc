// The commands. Each takes what its flags said and gives the exit code; what it has to say to a person it prints.
//
// May include: all that cli includes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/error.h"
#include "engine/cli/exit_code.h"
#include "engine/cli/options.h"
#include "engine/cli/registry.h"
#include "engine/cli/session.h"
#include "engine/cli/status_writer.h"
#include "engine/cli/target_list.h"

namespace gridlock {

// ERRORS, of all: wrong use, unreadable input, a world that fails; main() prints them and ends with kWrongUse.
[[nodiscard]] Result<ExitCode> run_command(const TargetsOptions& options, std::span<const Target> targets,
                                           std::span<const AbsentTarget> absent);
[[nodiscard]] Result<ExitCode> run_command(const RegressOptions& options, std::span<const Target> targets,
                                           std::span<const AbsentTarget> absent);
[[nodiscard]] Result<ExitCode> run_command(const FuzzOptions& options, std::span<const Target> targets, Tools tools);
[[nodiscard]] Result<ExitCode> run_command(const ReplayOptions& options, std::span<const Target> targets, Tools tools);
[[nodiscard]] Result<ExitCode> run_command(const MinimizeOptions& options, std::span<const Target> targets,
                                           Tools tools);
[[nodiscard]] Result<ExitCode> run_command(const ExplainOptions& options, std::span<const Target> targets, Tools tools);
// Runs until somebody ends it. Its own library, linked into the plain program: serve_command.cc; the siblings have
// serve_elsewhere.cc.
[[nodiscard]] Result<ExitCode> run_command(const ServeOptions& options, std::span<const Target> targets);

// `fuzz` with --machine threads; `page` is for its children, `status` what somebody watches, if anybody does.
[[nodiscard]] Result<ExitCode> fuzz_on_real_cores(const FuzzOptions& options, const Target& target,
                                                  std::uint32_t variant, Tools tools, std::vector<Scenario> corpus,
                                                  RunPage& page, StatusWriter* status);

}  // namespace gridlock
