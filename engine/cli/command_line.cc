// The command line: parses the flags, becomes the program or the sanitizer flavour that they ask for, and runs one
// command. See command_line.h.
//
// May include: all of the engine.
#include "engine/cli/command_line.h"

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <memory>
#include <span>

#include "engine/cli/commands.h"
#include "engine/cli/program_file.h"
#include "engine/cli/registry.h"
#include "engine/cli/sibling.h"
#include "engine/symbolize/symbolize.h"

namespace gridlock {
namespace {

// Everything needs a machine but the list of targets, and `regress` and `serve`, whose runs other programs make.
template <typename Options>
Result<ExitCode> run_with_machine(const Options& options, std::span<const Target> targets) {
  const auto machine = Machine::create();
  if (!machine) return std::unexpected(machine.error());
  const auto names = open_site_names();
  if (!names) return std::unexpected(names.error());
  return run_command(options, targets, Tools{**machine, **names});
}

struct Dispatch {
  std::span<const Target> targets;
  std::span<const AbsentTarget> absent;

  Result<ExitCode> operator()(const Help& help) const {
    fmt::print("{}", help.text);
    return ExitCode::kAsExpected;
  }
  Result<ExitCode> operator()(const TargetsOptions& options) const { return run_command(options, targets, absent); }
  Result<ExitCode> operator()(const RegressOptions& options) const { return run_command(options, targets, absent); }
  Result<ExitCode> operator()(const ServeOptions& options) const { return run_command(options, targets); }
  template <typename Options>
  Result<ExitCode> operator()(const Options& options) const {
    return run_with_machine(options, targets);
  }
};

// On real cores ThreadSanitizer is what looks for races, so it is the default there, where its sibling was built.
Sanitizer wanted_flavour(const Invocation& invocation) {
  // The server is linked into the plain program alone.
  if (std::holds_alternative<ServeOptions>(invocation.command)) return Sanitizer::kNone;
  const auto* const fuzz = std::get_if<FuzzOptions>(&invocation.command);
  const bool is_open = invocation.sanitizer == Sanitizer::kAsBuilt && fuzz != nullptr;
  if (!is_open || fuzz->machine == MachineKind::kFibers) return invocation.sanitizer;
  return has_sibling(Sanitizer::kThread) ? Sanitizer::kThread : Sanitizer::kAsBuilt;
}

// Of a program, its one target: nobody needs to name it.
void use_program(Invocation& invocation, Target& target) {
  std::visit(
      [&](auto& options) {
        if constexpr (requires { options.arguments; }) target.arguments = options.arguments;
        if constexpr (requires { options.target; }) options.target = target.schema.name;
        if constexpr (requires { options.points; }) {
          auto& points = target.schema.parameters.at(kPointsParameter);
          points.fuzz_minimum = points.fuzz_maximum = static_cast<std::uint32_t>(options.points);
        }
      },
      invocation.command);
}

Result<ExitCode> run(int argument_count, char** arguments) {
  const std::span<const char* const> given(arguments, static_cast<std::size_t>(argument_count));
  auto invocation = parse_command_line(given.subspan(given.empty() ? 0 : 1));
  if (!invocation) return std::unexpected(invocation.error());
  if (!program_of(*invocation).empty() && program_under_test() == nullptr) {
    return std::unexpected(become_program(program_of(*invocation), arguments));
  }
  if (auto same =
          become_flavour(wanted_flavour(*invocation), Machine::flavour(), arguments, program_under_test() != nullptr);
      !same) {
    return std::unexpected(same.error());
  }
  auto targets = describe_targets(registered_targets(), program_under_test());
  if (!targets) return std::unexpected(targets.error());
  if (program_under_test() != nullptr) use_program(*invocation, targets->front());
  return std::visit(Dispatch{*targets, absent_targets()}, invocation->command);
}

}  // namespace

int run_command_line(int argument_count, char** arguments) {
  // No exception crosses a module; one that arrives here is a defect, not a wrong use.
  try {
    const auto code = run(argument_count, arguments);
    if (code) return static_cast<int>(*code);
    std::fflush(stdout);
    fmt::print(stderr, "gridlock: {}\n", code.error().message());
    return static_cast<int>(ExitCode::kWrongUse);
  } catch (const std::exception& defect) {
    fmt::print(stderr, "gridlock: defect in Gridlock itself (please report): {}\n", defect.what());
    return static_cast<int>(ExitCode::kInternalDefect);
  }
}

}  // namespace gridlock
