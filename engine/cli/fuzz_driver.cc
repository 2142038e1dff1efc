#include "engine/cli/fuzz_driver.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "engine/cli/child_process.h"
#include "engine/cli/exit_code.h"
#include "engine/cli/input_file.h"
#include "engine/cli/registry.h"
#include "engine/model/repro_line.h"
#include "engine/mutate/mutate_bytes.h"
#include "engine/symbolize/symbolize.h"

namespace gridlock {
namespace {

constexpr std::size_t kKnownBugsBytesMax = 16 << 20;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Result<Target> program_target(Target target) {
  const std::string line = variable(kArgumentsVariable);
  LineCursor cursor(line);
  while (!cursor.at_end()) {
    if (!cursor.take_quoted(target.arguments.emplace_back())) {
      return failure("read the program's arguments", kArgumentsVariable, "expected strings between quotation marks");
    }
  }
  return target;
}

Result<Target> chosen_target() {
  const auto targets = describe_targets(registered_targets(), program_under_test());
  if (!targets) return std::unexpected(targets.error());
  const std::string name = variable(kTargetVariable);
  if (program_under_test() != nullptr) return program_target(targets->front());
  if (name.empty())
    return failure("choose a target", kTargetVariable, "set it to a name that `gridlock targets` lists");
  const auto target = find_target(*targets, name);
  if (!target) return std::unexpected(target.error());
  return **target;
}

Result<SharedRunPage> attach_page() {
  const std::string descriptor = variable(kPageVariable);
  if (descriptor.empty()) return SharedRunPage::create();
  auto page = SharedRunPage::attach(std::atoi(descriptor.c_str()));
  if (page) set_crash_page(&(*page)->crash);
  return page;
}

}  // namespace

Result<std::unique_ptr<FuzzDriver>> FuzzDriver::create() {
  auto target = chosen_target();
  if (!target) return std::unexpected(target.error());
  const auto variant = find_variant(target->schema, variable(kVariantVariable));
  if (!variant) return std::unexpected(variant.error());
  auto machine = Machine::create();
  if (!machine) return std::unexpected(machine.error());
  auto names = open_site_names();
  if (!names) return std::unexpected(names.error());
  auto page = attach_page();
  if (!page) return std::unexpected(page.error());
  std::unique_ptr<FuzzDriver> driver(
      new FuzzDriver(std::move(*target), std::move(*machine), std::move(*names), std::move(*page)));
  driver->session_.emplace(Tools{*driver->machine_, *driver->names_}, driver->target_, *variant, *driver->page_);
  driver->uses_feedback_ = variable(kFeedbackVariable).empty();
  driver->tells_bugs_ = variable(kMergeVariable).empty();
  driver->mutates_structure_ = variable(kStructureVariable).empty();
  if (const auto channel = variable(kChannelVariable); !channel.empty()) {
    driver->parent_.emplace(std::atoi(channel.c_str()));
  }
  if (auto read = driver->read_known(); !read) return std::unexpected(read.error());
  return driver;
}

Result<void> FuzzDriver::read_known() {
  const std::string path = variable(kKnownVariable);
  if (path.empty()) return {};
  const auto text = read_file(path, kKnownBugsBytesMax);
  if (!text) return std::unexpected(text.error());
  known_ = KnownBugs::from_text(*text);
  return {};
}

void FuzzDriver::begin() {
  page_->runner.store(::getpid(), std::memory_order_relaxed);
  if (parent_ && page_->running.load(std::memory_order_relaxed) != 0) ask_parent({{"died", true}});
  meter_.emplace(*page_, RunMeter::Clock::now());
}

bool FuzzDriver::should_end() const {
  return page_->stop.load(std::memory_order_relaxed) != StopLevel::kGoOn ||
         page_->runs.load(std::memory_order_relaxed) >= page_->runs_max.load(std::memory_order_relaxed);
}

void FuzzDriver::run_one(std::span<const std::uint8_t> input, feedback::InterleavingMap& interleavings) {
  count(page_->runs);
  const Scenario scenario = decode(input, target_.schema);
  const Judged judged = session_->replay(scenario, uses_feedback_ ? &interleavings : nullptr);
  meter_->note(judged.view, RunMeter::Clock::now());
  for (const feedback::Feature feature : interleavings.touched()) page_->features.mark(feature);
  if (judged.verdict.kind == VerdictKind::kInconclusive) count(page_->inconclusive);
  if (tells_bugs_ && is_bug(judged.verdict.kind) && !known_.contains(judged.verdict)) {
    tell(judged.verdict);
    meter_->skip_to(RunMeter::Clock::now());
  }
}

void FuzzDriver::tell(const Verdict& verdict) {
  if (parent_) {
    const std::span<const std::uint8_t> input(page_->input, page_->input_size_bytes);
    ask_parent({{"bug", to_message(verdict)}, {"input", to_message(input)}});
    return;
  }
  fmt::print(stderr, "gridlock: {}: {}\ngridlock: {}\n", verdict_name(verdict.kind), verdict.signature,
             verdict.summary);
  std::fflush(stderr);
  std::abort();
}

// The parent writes down what is known now before it replies.
void FuzzDriver::ask_parent(const nlohmann::json& message) {
  parent_->send(message);
  parent_->wait_for_reply();
  if (auto read = read_known(); !read) leave_with_wrong_use(read.error());
}

// Fuzzers mutate one input several times in a row.
const RunProfile* FuzzDriver::profile_of(std::span<const std::uint8_t> input) {
  if (!uses_feedback_) return nullptr;
  if (profile_ && std::ranges::equal(profiled_, input)) return &*profile_;
  profiled_.assign(input.begin(), input.end());
  profile_ = *session_->profile(decode(input, target_.schema)).view.profile;
  return &*profile_;
}

std::vector<std::uint8_t> FuzzDriver::mutate(std::span<const std::uint8_t> input, std::size_t bytes_max,
                                             std::uint64_t seed) {
  return mutate_bytes(input, bytes_max, seed, target_.schema, {}, {.profile = profile_of(input)});
}

std::vector<std::uint8_t> FuzzDriver::cross_over(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b,
                                                 std::size_t bytes_max, std::uint64_t seed) const {
  return cross_over_bytes(a, b, bytes_max, seed, target_.schema, MutationOptions{});
}

void leave_with_wrong_use(const Error& error) {
  fmt::print(stderr, "gridlock: {}\n", error.message());
  std::fflush(stderr);
  std::_Exit(static_cast<int>(ExitCode::kWrongUse));
}

}  // namespace gridlock
