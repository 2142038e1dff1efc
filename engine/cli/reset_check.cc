#include "engine/cli/reset_check.h"

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <utility>
#include <vector>

#include "engine/base/hash.h"
#include "engine/base/prng.h"
#include "engine/cli/child_runner.h"
#include "engine/decode/generate.h"

namespace gridlock {
namespace {

// What two runs of one schedule have in common: nothing that depends on where the C library's heap happens to lie.
struct RunDigest {
  std::vector<std::uint64_t> steps;  // a hash of each
  std::vector<Site> sites;           // of each
  std::uint64_t end = 0;
};

constexpr std::size_t kSchedules = 3;
// By number of schedule, in one process: each again right after itself and after others.
constexpr std::array<std::size_t, 8> kRowInOneProcess = {0, 0, 1, 0, 2, 1, 2, 0};

std::uint64_t hash_of(const Step& step) {
  Hasher hasher;
  hasher.add(static_cast<std::uint64_t>(step.kind) << 8 | step.width_bytes);
  hasher.add(std::uint64_t{step.cpu.value()} << 32 | step.point.value());
  for (const Site site : step.frames) hasher.add(site);
  return hasher.finish().low;
}

RunDigest digest_of(const Judged& judged) {
  RunDigest digest;
  for (const Step& step : judged.view.trace->steps) {
    digest.steps.push_back(hash_of(step));
    digest.sites.push_back(step.frames[0]);
  }
  digest.end = static_cast<std::uint64_t>(judged.view.end);
  return digest;
}

nlohmann::json message_of(const RunDigest& digest) {
  return {{"steps", digest.steps}, {"sites", digest.sites}, {"end", digest.end}};
}

RunDigest digest_from_message(const nlohmann::json& message) {
  return {message.at("steps").get<std::vector<std::uint64_t>>(), message.at("sites").get<std::vector<Site>>(),
          message.at("end").get<std::uint64_t>()};
}

std::string place_of(const RunDigest& digest, std::size_t step, const SiteNames& names) {
  if (step >= digest.sites.size() || digest.sites[step] == 0) return "at its end";
  const Frame frame = names.frames_at(digest.sites[step]).front();
  return fmt::format("at step {} in {} ({}:{})", step + 1, frame.function, frame.file, frame.line);
}

// Empty if they are the same.
std::string difference(const RunDigest& alone, const RunDigest& later, const SiteNames& names) {
  std::size_t step = 0;
  while (step < alone.steps.size() && step < later.steps.size() && alone.steps[step] == later.steps[step]) ++step;
  if (step < alone.steps.size() || step < later.steps.size()) {
    return place_of(step < later.steps.size() ? later : alone, step, names);
  }
  return alone.end == later.end ? "" : "at its end";
}

std::size_t open_files() {
  std::error_code ignored;
  const std::filesystem::directory_iterator files("/proc/self/fd", ignored);
  return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

// The first without a directive, the others with a few, at points that the first one has.
std::vector<Scenario> make_schedules(const TargetSchema& schema, std::span<const std::uint32_t> points) {
  Prng prng(1);
  const GenerateOptions sizes;
  std::vector<Scenario> schedules;
  for (std::size_t i = 0; i < kSchedules; ++i) {
    Scenario scenario = generate_program(prng, schema, sizes);
    if (!points.empty() && i > 0) generate_schedule(prng, schema, sizes, points, true, scenario);
    schedules.push_back(std::move(scenario));
  }
  return schedules;
}

// Where a run in one process differs from the same in a process of its own; empty if none does.
std::string differs_in_one_process(Session& session, std::span<const Scenario> schedules,
                                   std::span<const RunDigest> alone) {
  const std::size_t files_before = open_files();
  for (std::size_t run = 0; run < kRowInOneProcess.size(); ++run) {
    const std::size_t schedule = kRowInOneProcess[run];
    const Judged judged = session.trace(schedules[schedule]);
    const std::string at = difference(alone[schedule], digest_of(judged), session.names());
    if (!at.empty())
      return fmt::format("run {} of one process is another one than in a process of its own, {}", run + 1, at);
    const std::size_t files = open_files();
    if (files > files_before) return "the program leaves files open";
  }
  return "";
}

}  // namespace

Result<ResetCheck> check_reset(Tools tools, const Target& target, std::uint32_t variant, RunPage& page) {
  tools.forks = false;
  ChildRunner runner(tools, target, variant, page);
  const auto first = runner.run(make_schedules(target.schema, {}).front());
  if (!first) return std::unexpected(first.error());
  const auto schedules = make_schedules(target.schema, first->points_by_cpu);
  std::vector<RunDigest> alone;
  for (const Scenario& scenario : schedules) {
    const auto traced = runner.call([&](Session& session, const Channel& channel) {
      channel.send(message_of(digest_of(session.trace(scenario))));
    });
    if (!traced) return std::unexpected(traced.error());
    if (traced->died) return ResetCheck{};
    alone.push_back(digest_from_message(traced->messages.front()));
  }
  const auto together = runner.call([&](Session& session, const Channel& channel) {
    channel.send(to_message(differs_in_one_process(session, schedules, alone)));
  });
  if (!together) return std::unexpected(together.error());
  // Alone each of them lived.
  if (together->died) return ResetCheck{false, "a run that ends well in a process of its own dies behind others"};
  std::string why = text_from_message(together->messages.front());
  const bool can_reset = why.empty();
  return ResetCheck{can_reset, std::move(why)};
}

Result<Tools> choose_process(Tools tools, RunsIn wanted, const Target& target, std::uint32_t variant, RunPage& page) {
  tools.forks = target.is_program() && wanted == RunsIn::kFork;
  if (!target.is_program() || wanted != RunsIn::kWhatFits) return tools;
  const auto checked = check_reset(tools, target, variant, page);
  if (!checked) return std::unexpected(checked.error());
  if (checked->can_reset) return tools;
  tools.forks = true;
  fmt::print(
      stderr,
      "gridlock: each run gets a process of its own, because {} (--in-process would force one process for all)\n",
      checked->why);
  return tools;
}

}  // namespace gridlock
