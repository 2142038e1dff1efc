// What the command line asked for, as values. Parsing is pure: it reads no file, touches no terminal and ends no
// process, so that every flag is tested without starting one.
//
// May include: base, strategy.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/error.h"

namespace gridlock {

// Which flavour of the program does the work.
enum class Sanitizer : std::uint8_t { kAsBuilt, kNone, kThread, kAddress };

// What chooses the inputs of `fuzz`.
enum class FuzzEngine : std::uint8_t { kBuiltin, kLibfuzzer, kAfl };

// What `fuzz` runs the cpus on.
enum class MachineKind : std::uint8_t { kFibers, kThreads };

// Which process a run of a program gets.
enum class RunsIn : std::uint8_t {
  kWhatFits,  // one for all runs if the program can run again and again in it; else one for each run
  kProcess,   // one for all
  kFork,      // one for each
};

// What the points of a program are, as machine.h's PointSet: calls that synchronise, and which accesses.
enum class PointChoice : std::uint8_t { kSync = 0, kAtomic = 1, kMemory = 2 };

enum class ExplainFormat : std::uint8_t { kText, kHtml, kPerfetto, kJson, kTest };

// Bounds of the numbers on the command line.
inline constexpr std::uint32_t kJobsMax = 256;
inline constexpr std::uint32_t kReplayTimesMax = 1'000'000;
inline constexpr std::uint32_t kFindingsMax = 100'000;
inline constexpr double kSecondsMax = 1e9;

struct TargetsOptions {
  std::string program;
  bool json = false;
};

struct FuzzOptions {
  std::string program;                 // a file that gridlock-cc built, the target then; empty: `target` names it
  std::vector<std::string> arguments;  // of the program
  std::string target;
  std::string variant;  // empty: the target's first
  MachineKind machine = MachineKind::kFibers;
  FuzzEngine engine = FuzzEngine::kBuiltin;
  RunsIn runs_in = RunsIn::kWhatFits;         // of a program
  PointChoice points = PointChoice::kAtomic;  // likewise
  std::string strategy;                       // empty: what the engine is best at, see strategy_of
  std::optional<std::uint64_t> runs;          // of all jobs together; nothing: no limit
  std::optional<double> seconds;
  std::uint64_t seed = 1;
  std::uint32_t jobs = 1;
  std::string out = "findings";
  std::uint32_t max_findings = 1;  // distinct ones; 0: go on until the budget is used up
  std::string corpus;              // empty: none
  bool twice = false;              // run every scenario again, traced, and compare
  bool feedback = true;            // learn from the interleavings that runs reach
  bool structure = true;           // mutate scenarios, not bytes
  std::string status_page;         // a file that somebody watches; empty: none
  bool json = false;
};

// The name of the builtin engine's search that learns; beside those of strategy_names().
inline constexpr const char* kAdaptive = "adaptive";

// "adaptive" for the builtin engine, "directed" for the others: there the input alone decides.
[[nodiscard]] std::string strategy_of(const FuzzOptions& options);

struct ReplayOptions {
  std::string program;  // as of fuzz, here and below
  std::vector<std::string> files;
  std::string target;   // for raw inputs; empty: the files are repros
  std::string variant;  // empty: every variant that an `expect` line names
  std::uint32_t times = 1;
  std::uint64_t stop_at_step = 0;  // 0: never
  bool twice = false;
  bool show_ordered = false;  // needs the ThreadSanitizer flavour
  bool json = false;
};

struct MinimizeOptions {
  std::string program;
  std::string file;
  std::string target;
  std::string variant;
  std::string output;  // empty: stdout
};

struct ExplainOptions {
  std::string program;
  std::string file;
  std::string target;
  std::string variant;
  ExplainFormat format = ExplainFormat::kText;
  std::string output;  // empty: stdout
};

struct RegressOptions {
  std::string program;
  std::string directory = "corpus";
  Sanitizer sanitizer = Sanitizer::kAsBuilt;  // kAsBuilt: all flavours
  std::uint32_t jobs = 0;                     // 0: as many as there are cores
  std::string junit;                          // empty: none
  std::string sarif;                          // empty: none
  bool json = false;
};

struct ServeOptions {
  std::string data = "gridlock-data";
  std::string listen = "127.0.0.1:7420";
  std::uint32_t jobs = 0;            // campaigns at a time; 0: as many as there are cores
  std::vector<std::string> targets;  // empty: all
  std::string token_file;            // empty: none; needed beyond loopback
  std::string pages;                 // the folder of the static pages; empty: the one beside the program
  bool salvage = false;              // take out of a broken database what can still be read, and end
};

// --help was asked for.
struct Help {
  std::string text;
};

struct Invocation {
  Sanitizer sanitizer = Sanitizer::kAsBuilt;
  std::variant<Help, TargetsOptions, FuzzOptions, ReplayOptions, MinimizeOptions, ExplainOptions, RegressOptions,
               ServeOptions>
      command;
};

// The file that --program names; empty if the command has none.
[[nodiscard]] const std::string& program_of(const Invocation& invocation);

// `arguments` without the program's name; of `fuzz`, what is behind `--` is for the program. ERRORS: what is wrong with
// which flag, and the legal values of a closed set.
[[nodiscard]] Result<Invocation> parse_command_line(std::span<const char* const> arguments);

}  // namespace gridlock
