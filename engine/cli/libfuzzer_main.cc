// The libFuzzer driver of a flavour, with all targets, of which a process runs one: bytes in, abort() on a bug.
// `gridlock fuzz --engine libfuzzer` runs it under its supervision; it also works alone:
//
//     GRIDLOCK_TARGET=xen-pv-spinlock build/bin/gridlock-libfuzzer -max_total_time=60 corpus-folder
//
// Environment (engine/cli/launcher.h): GRIDLOCK_TARGET, the target; GRIDLOCK_VARIANT, the variant (default: the
// target's first); GRIDLOCK_PAGE_DESCRIPTOR, an inherited descriptor of the page of a supervising parent;
// GRIDLOCK_KNOWN_BUGS, a file of bugs not to die of again. By variables, because the arguments are libFuzzer's.
//
// One program and not one a target: what takes long to link is the engine and the runtime, and the counters of targets
// that do not run stay zero and are no features.
//
// Mutations are half libFuzzer's own, on bytes, and half ours, on the scenario that the bytes mean: a new program, a
// new schedule, or a few changed directives, aimed at points that the last run passed.
//
// The verdict is printed and the process aborts on the host's stack, after the run: libFuzzer writes the input as
// usual. With a parent, the page's crash handlers come before libFuzzer's, which leaves installed ones alone.
//
// May include: all of the engine.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/cli/exit_code.h"
#include "engine/cli/input_file.h"
#include "engine/cli/known_bugs.h"
#include "engine/cli/launcher.h"
#include "engine/cli/registry.h"
#include "engine/cli/session.h"
#include "engine/mutate/mutate_bytes.h"
#include "engine/symbolize/symbolize.h"

// libFuzzer's own mutations.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace gridlock {
namespace {

constexpr std::size_t kKnownBugsBytesMax = 16 << 20;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

class Driver {
 public:
  static Result<std::unique_ptr<Driver>> create();
  void run_one(std::span<const std::uint8_t> input);
  // Changes the scenario that `input` means. The new input is at most `bytes_max` long, or empty.
  [[nodiscard]] std::vector<std::uint8_t> mutate(std::span<const std::uint8_t> input, std::size_t bytes_max,
                                                 std::uint64_t seed) const;

 private:
  Driver(Target target, std::unique_ptr<Machine> machine, std::unique_ptr<SiteNames> names, SharedRunPage page)
      : target_(std::move(target)), machine_(std::move(machine)), names_(std::move(names)), page_(std::move(page)) {}
  void end_if_told_to() const;

  Target target_;
  std::unique_ptr<Machine> machine_;
  std::unique_ptr<SiteNames> names_;
  SharedRunPage page_;
  std::optional<Session> session_;
  KnownBugs known_;
};

Result<Target> chosen_target() {
  const auto targets = describe_targets(registered_targets());
  if (!targets) return std::unexpected(targets.error());
  const std::string name = variable(kTargetVariable);
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

Result<std::unique_ptr<Driver>> Driver::create() {
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
  std::unique_ptr<Driver> driver(
      new Driver(std::move(*target), std::move(*machine), std::move(*names), std::move(*page)));
  driver->session_.emplace(Tools{*driver->machine_, *driver->names_}, driver->target_, *variant, *driver->page_);
  if (const std::string path = variable(kKnownVariable); !path.empty()) {
    const auto text = read_file(path, kKnownBugsBytesMax);
    if (!text) return std::unexpected(text.error());
    driver->known_ = KnownBugs::from_text(*text);
  }
  return driver;
}

// By _exit: libFuzzer's exit handlers would call this an unexpected exit of the target.
void Driver::end_if_told_to() const {
  const bool stop = page_->stop.load(std::memory_order_relaxed) != StopLevel::kGoOn;
  const bool spent = page_->runs.load(std::memory_order_relaxed) >= page_->runs_max.load(std::memory_order_relaxed);
  if (stop || spent) ::_exit(0);
}

void Driver::run_one(std::span<const std::uint8_t> input) {
  end_if_told_to();
  count(page_->runs);
  const Scenario scenario = decode(input, target_.schema);
  const Judged judged = session_->replay(scenario);
  count(page_->points, judged.view.points);
  count(page_->switches, judged.view.switches);
  count(page_->ordered_reports, judged.view.ordered_reports);
  if (judged.verdict.kind == VerdictKind::kInconclusive) count(page_->inconclusive);
  if (!is_bug(judged.verdict.kind) || known_.contains(judged.verdict)) return;
  fmt::print(stderr, "gridlock: {}: {}\ngridlock: {}\n", verdict_name(judged.verdict.kind), judged.verdict.signature,
             judged.verdict.summary);
  std::fflush(stderr);
  page_->running.store(1, std::memory_order_relaxed);  // the death that follows is this input's
  std::abort();
}

std::vector<std::uint8_t> Driver::mutate(std::span<const std::uint8_t> input, std::size_t bytes_max,
                                         std::uint64_t seed) const {
  return mutate_bytes(input, bytes_max, seed, target_.schema, {}, {});
}

// libFuzzer calls free functions; what they share can be nothing but a global.
std::unique_ptr<Driver> driver;

}  // namespace
}  // namespace gridlock

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  auto created = gridlock::Driver::create();
  if (!created) {
    fmt::print(stderr, "gridlock: {}\n", created.error().message());
    std::_Exit(static_cast<int>(gridlock::ExitCode::kWrongUse));
  }
  gridlock::driver = std::move(*created);
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  gridlock::Prng prng(seed);
  if (prng.chance(1, 2)) return LLVMFuzzerMutate(data, size, max_size);
  const auto mutated = gridlock::driver->mutate({data, size}, max_size, prng.next());
  if (mutated.empty()) return LLVMFuzzerMutate(data, size, max_size);
  std::copy(mutated.begin(), mutated.end(), data);
  return mutated.size();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gridlock::driver->run_one({data, size});
  return 0;
}
