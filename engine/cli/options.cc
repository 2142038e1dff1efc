#include "engine/cli/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <string>

#include "engine/strategy/strategies.h"

namespace gridlock {
namespace {

// A range lets "nan" pass: it compares false with both ends.
std::string is_a_number(const std::string& text) {
  return std::isnan(std::strtod(text.c_str(), nullptr)) ? "Value " + text + " is not a number" : "";
}

const std::map<std::string, Sanitizer> kSanitizers = {
    {"none", Sanitizer::kNone}, {"thread", Sanitizer::kThread}, {"address", Sanitizer::kAddress}};
const std::map<std::string, FuzzEngine> kEngines = {
    {"builtin", FuzzEngine::kBuiltin}, {"libfuzzer", FuzzEngine::kLibfuzzer}, {"afl", FuzzEngine::kAfl}};
const std::map<std::string, MachineKind> kMachines = {{"fibers", MachineKind::kFibers},
                                                      {"threads", MachineKind::kThreads}};
const std::map<std::string, PointChoice> kPointChoices = {
    {"sync", PointChoice::kSync}, {"atomic", PointChoice::kAtomic}, {"memory", PointChoice::kMemory}};
const std::map<std::string, ExplainFormat> kFormats = {{"text", ExplainFormat::kText},
                                                       {"html", ExplainFormat::kHtml},
                                                       {"perfetto", ExplainFormat::kPerfetto},
                                                       {"json", ExplainFormat::kJson},
                                                       {"test", ExplainFormat::kTest}};

constexpr std::uint64_t kAnyNumber = std::numeric_limits<std::uint64_t>::max();

template <typename Enum>
std::string keys(const std::map<std::string, Enum>& names) {
  std::string list;
  for (const auto& [name, value] : names) list += (list.empty() ? "" : ", ") + name;
  return list;
}

// A flag with a closed set of values. CLI11's own transformer would answer an unknown value with the set's numbers.
template <typename Enum>
void add_choice(CLI::App& command, const std::string& flag, const std::map<std::string, Enum>& names, Enum& value,
                const std::string& about) {
  const auto assign = [&names, &value, flag](const std::string& text) {
    const auto found = names.find(text);
    if (found == names.end()) throw CLI::ValidationError(flag, "no such value: " + text + "; known: " + keys(names));
    value = found->second;
  };
  command.add_option_function<std::string>(flag, assign, about)->type_name("{" + keys(names) + "}");
}

void store_number(std::uint32_t& value, std::uint64_t number) {
  value = static_cast<std::uint32_t>(number);
}
void store_number(std::uint64_t& value, std::uint64_t number) {
  value = number;
}
void store_number(std::optional<std::uint64_t>& value, std::uint64_t number) {
  value = number;
}

// An integer in a range. CLI11's own conversion takes "-1" for the largest number there is.
template <typename Number>
void add_number(CLI::App& command, const std::string& flag, Number& value, std::uint64_t minimum, std::uint64_t maximum,
                const std::string& about) {
  const auto assign = [&value, flag, minimum, maximum](const std::string& text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    if (!whole || number < minimum || number > maximum) {
      throw CLI::ValidationError(flag, fmt::format("{} is no integer from {} to {}", text, minimum, maximum));
    }
    store_number(value, number);
  };
  command.add_option_function<std::string>(flag, assign, about)->type_name("N");
}

// Everything that the flags fill; one object, so that CLI11's references stay valid while it parses.
struct Flags {
  Sanitizer sanitizer = Sanitizer::kAsBuilt;
  TargetsOptions targets;
  FuzzOptions fuzz;
  ReplayOptions replay;
  MinimizeOptions minimize;
  ExplainOptions explain;
  RegressOptions regress;
  ServeOptions serve;
};

void add_sanitizer(CLI::App& command, Flags& flags) {
  add_choice(command, "--sanitizer", kSanitizers, flags.sanitizer, "which flavour of the program runs");
}

void add_program(CLI::App& command, std::string& program) {
  command.add_option("--program", program, "a program that gridlock-cc or gridlock-c++ built: it is the target");
}

std::string known_strategies() {
  std::string list = kAdaptive;
  for (const auto name : strategy_names()) list += ", " + std::string(name);
  return list;
}

std::string check_strategy(const std::string& name) {
  if (name == kAdaptive) return "";
  for (const auto known : strategy_names()) {
    if (name == known) return "";
  }
  return "no such strategy: " + name + "; known: " + known_strategies();
}

void add_fuzz(CLI::App& app, Flags& flags) {
  auto& options = flags.fuzz;
  auto& command = *app.add_subcommand("fuzz", "look for schedules that break a target");
  command.add_option("target", options.target, "what to fuzz: see `gridlock targets`");
  add_program(command, options.program);
  command.add_option("--variant", options.variant, "which variant of it (default: its first)");
  add_choice(command, "--machine", kMachines, options.machine,
             "what the cpus run on: fibers, deterministic; or threads, on real cores (default: fibers)");
  add_choice(
      command, "--points", kPointChoices, options.points,
      "of a program: where others may run, beside calls that synchronise: nowhere else (sync), at atomic accesses "
      "(atomic), at all accesses (memory; finds more, needs longer) (default: atomic)");
  auto* const forks = command.add_flag_callback(
      "--fork", [&options] { options.runs_in = RunsIn::kFork; }, "of a program: each run in a process of its own");
  command
      .add_flag_callback(
          "--in-process", [&options] { options.runs_in = RunsIn::kProcess; },
          "of a program: all runs in one process, without a check whether it can (default: where it can)")
      ->excludes(forks);
  add_choice(command, "--engine", kEngines, options.engine, "what chooses the inputs (default: builtin)");
  command
      .add_option("--strategy", options.strategy,
                  "how the builtin engine searches (default: adaptive; the others are blind)")
      ->check(CLI::Validator(check_strategy, "{" + known_strategies() + "}", "strategy"));
  add_sanitizer(command, flags);
  add_number(command, "--runs", options.runs, 1, kAnyNumber, "stop after this many runs");
  command.add_option("--seconds", options.seconds, "stop after this time")
      ->check(CLI::Range(1e-3, kSecondsMax))
      ->check(is_a_number);
  add_number(command, "--seed", options.seed, 0, kAnyNumber,
             "same seed and one job: same runs, same findings (default: 1)");
  add_number(command, "--jobs", options.jobs, 1, kJobsMax, "worker processes (default: 1)");
  command.add_option("--out", options.out, "where findings are written (default: findings)");
  add_number(command, "--max-findings", options.max_findings, 0, kFindingsMax,
             "stop after so many; 0: use up the budget (default: 1)");
  command.add_option("--corpus", options.corpus, "a folder of inputs to start from and to add to");
  command.add_flag("!--no-feedback", options.feedback, "do not learn from the interleavings that runs reach");
  command.add_flag("!--no-structure", options.structure, "mutate the bytes of inputs, not what they mean");
  command.add_flag("--twice", options.twice, "run every scenario twice more and compare the traces, step by step");
  command.add_option("--status-page", options.status_page, "for `gridlock serve`: the file to show counts in");
  command.add_flag("--json", options.json, "print one JSON object as the last line");
}

void add_replay(CLI::App& app, Flags& flags) {
  auto& options = flags.replay;
  auto& command = *app.add_subcommand("replay", "run repros again and compare with what they expect");
  add_program(command, options.program);
  command.add_option("files", options.files, "repros, or raw inputs with --target")->required();
  command.add_option("--target", options.target, "the target of raw inputs");
  command.add_option("--variant", options.variant, "only this variant");
  add_sanitizer(command, flags);
  add_number(command, "--times", options.times, 1, kReplayTimesMax, "how often (default: 1)");
  add_number(command, "--stop-at", options.stop_at_step, 1, kAnyNumber,
             "trap at this step of the trace, for a debugger");
  command.add_flag("--twice", options.twice, "compare the traces of two runs, step by step");
  command.add_flag("--show-ordered", options.show_ordered,
                   "with --sanitizer thread: show a report of ordered accesses, and why it is no finding");
  command.add_flag("--json", options.json, "print one JSON object as the last line");
}

void add_minimize(CLI::App& app, Flags& flags) {
  auto& options = flags.minimize;
  auto& command = *app.add_subcommand("minimize", "shrink an input to the decisions that matter");
  add_program(command, options.program);
  command.add_option("file", options.file, "a repro, or a raw input with --target")->required();
  command.add_option("--target", options.target, "the target of a raw input");
  command.add_option("--variant", options.variant, "the variant that shows the bug (default: the first that does)");
  add_sanitizer(command, flags);
  command.add_option("-o,--output", options.output, "where the repro goes (default: stdout)");
}

void add_explain(CLI::App& app, Flags& flags) {
  auto& options = flags.explain;
  auto& command = *app.add_subcommand("explain", "tell what happens in a run, step by step");
  add_program(command, options.program);
  command.add_option("file", options.file, "a repro, or a raw input with --target")->required();
  command.add_option("--target", options.target, "the target of a raw input");
  command.add_option("--variant", options.variant, "the variant to run (default: the first that shows a bug)");
  add_choice(command, "--format", kFormats, options.format, "the form (default: text)");
  add_sanitizer(command, flags);
  command.add_option("-o,--output", options.output, "where it goes (default: stdout)");
}

void add_regress(CLI::App& app, Flags& flags) {
  auto& options = flags.regress;
  auto& command = *app.add_subcommand("regress", "replay every repro under a folder, in every flavour");
  add_program(command, options.program);
  command.add_option("directory", options.directory, "searched for *.repro (default: corpus)");
  add_choice(command, "--sanitizer", kSanitizers, flags.sanitizer, "only this flavour (default: all three)");
  add_number(command, "--jobs", options.jobs, 1, kJobsMax, "programs at a time (default: as many as cores)");
  command.add_option("--junit", options.junit, "also write a JUnit XML report");
  command.add_option("--sarif", options.sarif, "also write a SARIF 2.1.0 report");
  command.add_flag("--json", options.json, "print one JSON object as the last line");
}

void add_serve(CLI::App& app, Flags& flags) {
  auto& options = flags.serve;
  auto& command = *app.add_subcommand("serve", "fuzz all the time, keep what is found, and show it on a page");
  command.add_option("--data", options.data, "where everything is kept (default: gridlock-data)");
  command.add_option("--listen", options.listen, "ADDRESS:PORT of the page; port 0: any (default: 127.0.0.1:7420)");
  add_number(command, "--jobs", options.jobs, 1, kJobsMax, "campaigns at a time (default: as many as cores)");
  command.add_option("--targets", options.targets, "only these (default: all)")->delimiter(',');
  command.add_option("--token-file", options.token_file,
                     "its first line is asked for before anything is changed; needed beyond loopback");
  command.add_option("--pages", options.pages, "the folder of the pages (default: the one that came with the program)");
  command.add_flag("--salvage", options.salvage, "take what can be read out of a broken database, and end");
}

void add_targets(CLI::App& app, Flags& flags) {
  auto& command = *app.add_subcommand("targets", "list what can be fuzzed");
  add_program(command, flags.targets.program);
  command.add_flag("--json", flags.targets.json, "print one JSON object");
}

// CLI11 answers an unknown command with no more than that one is missing.
Result<void> check_command(CLI::App& app, std::span<const char* const> arguments) {
  if (arguments.empty() || arguments[0][0] == '-') return {};
  std::string known;
  for (const CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
    if (command->get_name() == arguments[0]) return {};
    known += (known.empty() ? "" : ", ") + command->get_name();
  }
  return failure("find the command", arguments[0], "known commands: " + known + "; see `gridlock --help`");
}

// A target by its name or a program by its file, one of the two; only a program is given arguments.
Result<void> check_target(const CLI::App& fuzz, const FuzzOptions& options) {
  if (!fuzz.parsed()) return {};
  if (options.program.empty() && options.target.empty()) {
    return failure("know what to fuzz", "", "name a target (see `gridlock targets`) or a --program");
  }
  if (!options.program.empty() && !options.target.empty()) {
    return failure("know what to fuzz", options.target,
                   "with --program there is no target beside it; arguments of the program go behind `--`");
  }
  for (const char* const flag : {"--points", "--fork", "--in-process"}) {
    if (options.program.empty() && fuzz.count(flag) > 0) return failure("use the flag", flag, "it goes with --program");
  }
  if (options.program.empty() && !options.arguments.empty()) {
    return failure("pass arguments", options.arguments.front(), "only a --program takes what is behind `--`");
  }
  return {};
}

// On real cores there is nobody to decide an order, and nothing runs the same twice.
Result<void> check_machine(const CLI::App& fuzz, const Flags& flags) {
  const FuzzOptions& options = flags.fuzz;
  if (!fuzz.parsed() || options.machine == MachineKind::kFibers) return {};
  const auto refuse = [](const std::string& flag, const std::string& advice) {
    return failure("use the flag with --machine threads", flag, advice);
  };
  if (options.engine != FuzzEngine::kBuiltin) return refuse("--engine", "only the builtin engine runs on real cores");
  if (fuzz.count("--strategy") > 0) return refuse("--strategy", "the cores decide who runs: leave it away");
  if (options.twice) return refuse("--twice", "nothing runs the same twice on real cores");
  if (options.jobs > 1) return refuse("--jobs", "the cpus of one run use the cores already");
  if (flags.sanitizer == Sanitizer::kAddress) return refuse("--sanitizer", "known with it: none, thread");
  return {};
}

Invocation chosen(const CLI::App& app, Flags& flags) {
  flags.regress.sanitizer = flags.sanitizer;
  const auto with = [&](auto& options) { return Invocation{flags.sanitizer, std::move(options)}; };
  if (app.got_subcommand("targets")) return with(flags.targets);
  if (app.got_subcommand("fuzz")) return with(flags.fuzz);
  if (app.got_subcommand("replay")) return with(flags.replay);
  if (app.got_subcommand("minimize")) return with(flags.minimize);
  if (app.got_subcommand("explain")) return with(flags.explain);
  if (app.got_subcommand("serve")) return with(flags.serve);
  return with(flags.regress);
}

}  // namespace

std::string strategy_of(const FuzzOptions& options) {
  if (!options.strategy.empty()) return options.strategy;
  return options.engine == FuzzEngine::kBuiltin ? kAdaptive : "directed";
}

const std::string& program_of(const Invocation& invocation) {
  static const std::string kNone;
  return std::visit(
      [](const auto& options) -> const std::string& {
        if constexpr (requires { options.program; }) {
          return options.program;
        } else {
          return kNone;
        }
      },
      invocation.command);
}

Result<Invocation> parse_command_line(std::span<const char* const> arguments) {
  CLI::App app("Gridlock finds the interleaving that hangs a lock or breaks a scheduler.", "gridlock");
  app.require_subcommand(1);
  Flags flags;
  add_targets(app, flags);
  add_fuzz(app, flags);
  add_replay(app, flags);
  add_minimize(app, flags);
  add_explain(app, flags);
  add_regress(app, flags);
  add_serve(app, flags);
  if (auto known = check_command(app, arguments); !known) return std::unexpected(known.error());
  if (!arguments.empty() && arguments[0] == std::string_view("fuzz")) {
    const auto own = std::ranges::find(arguments, std::string_view("--"));
    if (own != arguments.end()) flags.fuzz.arguments.assign(own + 1, arguments.end());
    arguments = {arguments.begin(), own};
  }
  // CLI11 wants the arguments as a stack.
  std::vector<std::string> stack(arguments.rbegin(), arguments.rend());
  try {
    app.parse(std::move(stack));
  } catch (const CLI::CallForHelp&) {
    return Invocation{Sanitizer::kAsBuilt, Help{app.help()}};
  } catch (const CLI::ParseError& error) {
    return failure("understand the command line", error.what(), "see `gridlock --help` and `gridlock COMMAND --help`");
  }
  if (auto checked = check_target(*app.get_subcommand("fuzz"), flags.fuzz); !checked) {
    return std::unexpected(checked.error());
  }
  if (auto checked = check_machine(*app.get_subcommand("fuzz"), flags); !checked) {
    return std::unexpected(checked.error());
  }
  return chosen(app, flags);
}

}  // namespace gridlock
