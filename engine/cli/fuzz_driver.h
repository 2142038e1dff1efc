// What a fuzzer's driver does with one input: the process that libFuzzer lives in, or that AFL++ forks. Bytes in, a
// run, its verdict; a new bug goes to the parent, and the driver waits until the parent has dealt with it. Without a
// parent it is printed and the process aborts, which is what fuzzers understand.
//
// Told what to do by variables, because the arguments of such a process are the fuzzer's.
//
// May include: all of the engine.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/error.h"
#include "engine/cli/known_bugs.h"
#include "engine/cli/run_meter.h"
#include "engine/cli/run_page.h"
#include "engine/cli/session.h"
#include "engine/cli/target_list.h"
#include "engine/cli/wire.h"

namespace gridlock {

inline constexpr const char* kTargetVariable = "GRIDLOCK_TARGET";
inline constexpr const char* kVariantVariable = "GRIDLOCK_VARIANT";  // not set: the target's first
inline constexpr const char* kArgumentsVariable =
    "GRIDLOCK_ARGUMENTS";  // of a program: each as quoted_argument() has it
inline constexpr const char* kPageVariable = "GRIDLOCK_PAGE_DESCRIPTOR";  // inherited from the parent
inline constexpr const char* kKnownVariable = "GRIDLOCK_KNOWN_BUGS";      // a file: bugs that need no second look
inline constexpr const char* kMergeVariable = "GRIDLOCK_MERGE";  // set: what inputs reach counts, bugs are left alone
inline constexpr const char* kFeedbackVariable = "GRIDLOCK_NO_FEEDBACK";    // set: code coverage alone guides
inline constexpr const char* kStructureVariable = "GRIDLOCK_NO_STRUCTURE";  // set: the fuzzer's own mutations alone

class FuzzDriver {
 public:
  // ERRORS: variables that are not set or name nothing that there is.
  [[nodiscard]] static Result<std::unique_ptr<FuzzDriver>> create();

  // To be called by the process that is going to run inputs, before the first: it may take the place of one that died
  // in a run. The parent is told, and what it has learned is known here when this returns.
  void begin();

  // True once the parent wants an end or the budget of runs is used up.
  [[nodiscard]] bool should_end() const;

  // REQUIRES: begin() has been called.
  // Returns after a run without a new bug, and after one that the parent has dealt with. `interleavings` gets the
  // features of the run, if feedback is wanted.
  void run_one(std::span<const std::uint8_t> input, feedback::InterleavingMap& interleavings);

  // Where whoever counts the code under test marks what a run of it reached.
  [[nodiscard]] SeenSet<kCodeEdgesMax>& code_edges() { return page_->code_edges; }

  // False: nothing but the fuzzer's own mutations is wanted.
  [[nodiscard]] bool mutates_structure() const { return mutates_structure_; }
  // Changed scenarios, as engine/mutate/mutate_bytes.h. Empty if the result would not fit. A mutation is aimed at what
  // a run of `input` does, which may take a run; the input has been run before.
  [[nodiscard]] std::vector<std::uint8_t> mutate(std::span<const std::uint8_t> input, std::size_t bytes_max,
                                                 std::uint64_t seed);
  [[nodiscard]] std::vector<std::uint8_t> cross_over(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b,
                                                     std::size_t bytes_max, std::uint64_t seed) const;

 private:
  FuzzDriver(Target target, std::unique_ptr<Machine> machine, std::unique_ptr<SiteNames> names, SharedRunPage page)
      : target_(std::move(target)), machine_(std::move(machine)), names_(std::move(names)), page_(std::move(page)) {}
  [[nodiscard]] Result<void> read_known();
  [[nodiscard]] const RunProfile* profile_of(std::span<const std::uint8_t> input);
  void tell(const Verdict& verdict);
  void ask_parent(const nlohmann::json& message);

  Target target_;
  std::unique_ptr<Machine> machine_;
  std::unique_ptr<SiteNames> names_;
  SharedRunPage page_;
  std::optional<Channel> parent_;
  std::optional<Session> session_;
  std::optional<RunMeter> meter_;  // from begin() on
  KnownBugs known_;
  std::vector<std::uint8_t> profiled_;  // the input that profile_ is of
  std::optional<RunProfile> profile_;
  bool uses_feedback_ = true;
  bool tells_bugs_ = true;
  bool mutates_structure_ = true;
};

// Prints what went wrong and ends the process as wrong use does.
[[noreturn]] void leave_with_wrong_use(const Error& error);

}  // namespace gridlock
