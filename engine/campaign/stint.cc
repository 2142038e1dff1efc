#include "engine/campaign/stint.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/campaign/files.h"
#include "engine/campaign/tool_answers.h"

namespace gridlock::campaign {
namespace {

constexpr std::size_t kLastWordsMax = 400;

std::vector<std::string> command_of(const Spool& spool, const StintOrder& order) {
  const CampaignKey& key = spool.identity().key;
  return {(order.programs / "gridlock").string(),
          "fuzz",
          key.target,
          "--variant",
          key.variant,
          "--engine",
          key.engine,
          "--sanitizer",
          key.sanitizer,
          "--seconds",
          fmt::format("{:.3f}", order.seconds),
          "--max-findings",
          std::to_string(order.findings_max),
          "--seed",
          std::to_string(order.seed),
          "--jobs",
          "1",
          "--out",
          spool.found().string(),
          "--corpus",
          order.corpus.string(),
          "--status-page",
          spool.status().string(),
          "--json"};
}

}  // namespace

std::string_view stint_end_name(StintEnd end) {
  switch (end) {
    case StintEnd::kTime:
      return "time";
    case StintEnd::kKilled:
      return "killed";
    case StintEnd::kCrash:
      return "crash";
    case StintEnd::kHung:
      return "hung";
    case StintEnd::kMemory:
      return "memory";
    case StintEnd::kGarbage:
      return "garbage";
  }
  return "crash";
}

bool is_unasked(StintEnd end) {
  return end != StintEnd::kTime && end != StintEnd::kKilled;
}

Result<Stint> Stint::start(Spool spool, const StintOrder& order, const StintLimits& limits,
                           std::chrono::milliseconds now) {
  auto status = StatusFile::create(spool.status());
  if (!status) return std::unexpected(status.error());
  if (auto made = make_folder(order.corpus); !made) return std::unexpected(made.error());
  const std::string mark = "TMPDIR=" + spool.temporary().string();
  auto child = Child::start({.command = command_of(spool, order), .environment = {mark}, .mark = mark});
  if (!child) return std::unexpected(child.error());
  return Stint(std::move(spool), std::move(*status), std::move(*child), limits, order.seconds, now);
}

std::optional<StintEnd> Stint::reason_to_kill(const ProcessTable& processes, std::chrono::milliseconds now) {
  const PageState page = status_.refresh();
  if (page == PageState::kGarbage) return StintEnd::kGarbage;
  const ProcessUse use = processes.use_below(child_.pid());
  cpu_seconds_ = std::max(cpu_seconds_, use.cpu_seconds);
  const auto heartbeat = status_.page().heartbeat.load(std::memory_order_relaxed);
  patience_.look(page == PageState::kValid ? std::optional(heartbeat) : std::nullopt, use.waits, now);
  if (use.resident_bytes > limits_.memory_bytes) return StintEnd::kMemory;
  if (asked_to_end_at_ && now - *asked_to_end_at_ > limits_.stop_grace) return StintEnd::kKilled;
  if (patience_.is_over()) return StintEnd::kHung;
  return std::nullopt;
}

void Stint::look(const ProcessTable& processes, std::chrono::milliseconds now) {
  if (killed_for_ || child_.ended()) return;
  child_.remember(processes);
  const auto reason = reason_to_kill(processes, now);
  if (!reason) return;
  killed_for_ = reason;
  child_.kill();
}

void Stint::ask_to_end(std::chrono::milliseconds now) {
  if (!asked_to_end_at_) asked_to_end_at_ = now;
  child_.ask_to_end();
}

void Stint::kill() {
  if (child_.ended()) return;
  killed_for_ = StintEnd::kKilled;
  child_.kill();
}

std::optional<StintEnd> Stint::ended() {
  const auto& end = child_.ended();
  if (!end) return std::nullopt;
  // A last page may hold more than the last look at it.
  const bool is_page_good = status_.refresh() != PageState::kGarbage;
  cpu_seconds_ = std::max(cpu_seconds_, end->cpu_seconds);
  if (killed_for_) return killed_for_;
  const auto code = end->exit_code();
  if (asked_to_end_at_) return StintEnd::kKilled;
  if (!code || (*code != 0 && *code != 1)) return StintEnd::kCrash;
  if (!is_page_good || !is_fuzz_answer(child_.output().last_line())) return StintEnd::kGarbage;
  return StintEnd::kTime;
}

std::string Stint::last_words() const {
  const std::string_view words = child_.errors().last_line();
  return std::string(words.substr(0, kLastWordsMax));
}

}  // namespace gridlock::campaign
