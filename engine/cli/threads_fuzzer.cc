// See threads_fuzzer.h. May include: all that cli includes.
#include "engine/cli/threads_fuzzer.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/hash.h"
#include "engine/cli/death.h"
#include "engine/cli/interrupt.h"
#include "engine/cli/supervisor.h"
#include "engine/decode/decode.h"

namespace gridlock {
namespace {

// The machine's own watch ends a run that hangs; this is for a worker whose host thread is gone.
constexpr RunLimits kWorkerLimits{.wall = std::chrono::milliseconds(60'000),
                                  .processor = std::chrono::milliseconds(60'000),
                                  .wall_asleep = std::chrono::milliseconds(180'000)};

std::uint64_t seed_of(std::uint64_t seed, std::uint64_t incarnation) {
  Hasher hasher;
  hasher.add(seed);
  hasher.add(incarnation);
  return hasher.finish().low;
}

}  // namespace

ThreadsFuzzer::ThreadsFuzzer(Tools tools, const Target& target, std::uint32_t variant, const FuzzOptions& options,
                             std::vector<Scenario> corpus, SharedRunPage& worker_page, RunPage& triage_page,
                             StatusWriter* status)
    : tools_(tools),
      target_(target),
      variant_(variant),
      options_(options),
      corpus_(std::move(corpus)),
      page_(worker_page),
      triage_page_(triage_page),
      status_(status),
      desk_(tools, target, variant, options, triage_page),
      progress_(stderr),
      start_(std::chrono::steady_clock::now()) {
  if (options.runs) page_->runs_max = *options.runs;
}

Result<void> ThreadsFuzzer::run() {
  if (auto started = start_worker(); !started) return started;
  while (worker_) {
    std::vector<pollfd> watched;
    worker_->add_to(watched);
    ::poll(watched.data(), watched.size(), kAttentionIntervalMs);
    const bool alive = worker_->drain();
    for (const auto& message : worker_->take_messages()) {
      if (auto heard = hear(message); !heard) return heard;
    }
    check_budget();
    const bool stalled = alive && watch_->stalled();
    if (stalled) worker_->kill();
    if (!alive || stalled) {
      if (auto buried = bury_worker(stalled); !buried) return buried;
    }
    progress_.show({page_->runs, page_->points, findings().size(), elapsed_seconds()});
    show_status(false);
  }
  progress_.clear();
  show_status(true);
  return {};
}

Result<void> ThreadsFuzzer::start_worker() {
  end_run(*page_);
  page_->crash = {};
  const ThreadsWorkerOptions options{.seed = seed_of(options_.seed, incarnation_),
                                     .corpus = incarnation_ == 0 ? corpus_ : std::vector<Scenario>{},
                                     .known = known_};
  ++incarnation_;
  auto process = ChildProcess::start([&](const Channel& channel) {
    set_crash_page(&page_->crash);
    fuzz_on_threads(tools_, target_, variant_, *page_, channel, options);
  });
  if (!process) return std::unexpected(process.error());
  watch_.emplace(process->pid(), *page_, kWorkerLimits);
  worker_.emplace(std::move(*process));
  return {};
}

Result<void> ThreadsFuzzer::hear(const nlohmann::json& message) {
  if (!message.contains("seen")) return {};  // known, and told so that a log of the channel makes sense
  auto pursued = pursue(core_sighting_from_message(message.at("seen"), target_.schema));
  worker_->reply();
  return pursued;
}

Result<void> ThreadsFuzzer::bury_worker(bool stalled) {
  const ChildDeath death{stalled, worker_->wait(), worker_->stderr_tail()};
  worker_.reset();
  const bool ended_by_itself = !stalled && WIFEXITED(death.wait_status) && WEXITSTATUS(death.wait_status) == 0;
  if (!ended_by_itself) {
    switch (cause_of(death, *page_)) {
      case DeathCause::kDefect:
        progress_.clear();
        leave_with_defect(death);
      case DeathCause::kRefused:
        return std::unexpected(error_of_refusal(target_.schema.name, *page_));
      case DeathCause::kOutside:
        if (++outside_kills_ > kOutsideKillsMax) {
          return failure("keep the worker running", target_.schema.name,
                         "it is " + describe_status(death.wait_status) + " again and again: is there enough memory?");
        }
        break;
      case DeathCause::kTarget: {
        const CoreSighting sighting{.verdict = verdict_of(death, *page_, tools_.names),
                                    .scenario = last_scenario(*page_, target_.schema),
                                    .input = {page_->input, page_->input + page_->input_size_bytes}};
        if (auto pursued = pursue(sighting); !pursued) return pursued;
      }
    }
  }
  return is_over() ? Result<void>{} : start_worker();
}

Result<void> ThreadsFuzzer::pursue(const CoreSighting& sighting) {
  if (is_over() || !known_.insert(sighting.verdict.signature).second) return {};
  progress_.clear();
  const Sighting when = sighting_now(sighting.input);
  fmt::print("{} seen on real cores after {}, {:.2f} s: {}\n", verdict_name(sighting.verdict.kind),
             counted(when.runs, "run"), when.seconds, sighting.verdict.signature);
  std::fflush(stdout);
  ChildRunner runner(tools_, target_, variant_, triage_page_);
  const auto retried = retry_on_fibers(runner, sighting);
  if (!retried) return std::unexpected(retried.error());
  if (retried->reproduction) return accept_reproduced(*retried->reproduction, when);
  if (retried->is_ordered) {
    ++ordered_reports_;
    fmt::print("  no finding: the exact judge says that the accesses are ordered\n");
    return {};
  }
  const auto again = see_again(sighting);
  if (!again) return std::unexpected(again.error());
  auto filed = desk_.accept_seen(sighting, *again, when);
  check_budget();
  return filed;
}

Result<void> ThreadsFuzzer::accept_reproduced(const RetryResult::Reproduction& bug, const Sighting& sighting) {
  known_.insert(bug.verdict.signature);
  ChildRunner runner(tools_, target_, variant_, triage_page_);
  const auto stop = [this] {
    show_status(false);
    return interrupted();
  };
  const auto minimized = minimize_in_children(runner, bug.scenario, bug.verdict, stop);
  if (!minimized) return std::unexpected(minimized.error());
  fmt::print("  reproduced on fibers: it has a schedule\n");
  auto accepted = desk_.accept(*minimized, sighting);
  check_budget();
  return accepted;
}

// Each child goes on until a run leaves its threads stuck. A crash of it counts as a run, which shows the same if it
// died of the same.
Result<SeenAgain> ThreadsFuzzer::see_again(const CoreSighting& sighting) {
  const Scenario scenario = decode(sighting.input, target_.schema);
  const double until = elapsed_seconds() + kSeenAgainSecondsMax;
  SeenAgain again;
  while (again.of < kSeenAgainRuns && elapsed_seconds() < until && !interrupted()) {
    show_status(false);
    auto child = run_child(
        triage_page_,
        [&](const Channel& channel) {
          set_crash_page(&triage_page_.crash);
          repeat_on_threads(tools_, target_, variant_, triage_page_, channel, scenario, kSeenAgainRuns - again.of,
                            seed_of(options_.seed, std::uint64_t{again.of} << 32));
        },
        kWorkerLimits);
    if (!child) return std::unexpected(child.error());
    for (const auto& message : child->messages) {
      for (const auto& signature : message.at("signatures")) {
        ++again.of;
        if (signature.get<std::string>() == sighting.verdict.signature) ++again.seen;
      }
    }
    if (!child->death) continue;
    ++again.of;
    const bool by_target = cause_of(*child->death, triage_page_) == DeathCause::kTarget;
    if (by_target && verdict_of(*child->death, triage_page_, tools_.names) == sighting.verdict) ++again.seen;
  }
  return again;
}

Sighting ThreadsFuzzer::sighting_now(const std::vector<std::uint8_t>& input) const {
  return {page_->runs, elapsed_seconds(), input};
}

bool ThreadsFuzzer::is_over() const {
  return page_->stop.load() != StopLevel::kGoOn || page_->runs >= page_->runs_max;
}

void ThreadsFuzzer::check_budget() {
  const bool enough = options_.max_findings != 0 && findings().size() >= options_.max_findings;
  const bool is_late = options_.seconds && elapsed_seconds() >= *options_.seconds;
  if (enough || is_late || interrupted()) page_->stop = StopLevel::kNow;
}

void ThreadsFuzzer::show_status(bool is_last) {
  if (status_ == nullptr) return;
  status_->beat();
  const auto now = StatusWriter::Clock::now();
  if (!is_last && !status_->due(now)) return;
  const RunPage* const pages[] = {&*page_};
  status_->show(pages,
                {.workers_up = worker_ ? 1u : 0u,
                 .worker_restarts = incarnation_ - 1,
                 .findings = findings().size(),
                 .ordered_reports = ordered_reports_},
                now);
}

double ThreadsFuzzer::elapsed_seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

}  // namespace gridlock
