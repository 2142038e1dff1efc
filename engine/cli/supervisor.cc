#include "engine/cli/supervisor.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <utility>

#include "engine/base/check.h"
#include "engine/cli/child_runner.h"
#include "engine/cli/death.h"
#include "engine/cli/interrupt.h"
#include "engine/cli/minimizer.h"
#include "engine/decode/decode.h"

namespace gridlock {
namespace {

std::uint64_t value_of(const std::atomic<std::uint64_t>& counter) {
  return counter.load(std::memory_order_relaxed);
}

}  // namespace

std::uint64_t share_of_runs(std::uint64_t runs, std::uint32_t jobs, std::uint32_t worker) {
  return runs / jobs + (worker < runs % jobs ? 1 : 0);
}

Supervisor::Supervisor(Tools tools, const Target& target, std::uint32_t variant, const FuzzOptions& options,
                       Launcher& launcher, RunPage& triage_page, StatusWriter* status)
    : tools_(tools),
      target_(target),
      variant_(variant),
      options_(options),
      launcher_(launcher),
      triage_page_(triage_page),
      status_(status),
      desk_(tools, target, variant, options, triage_page),
      progress_(stderr),
      start_(std::chrono::steady_clock::now()),
      gathered_(start_) {}

Result<void> Supervisor::run() {
  if (auto created = create_workers(); !created) return created;
  for (std::uint32_t number = 0; number < workers_.size(); ++number) {
    if (auto started = start(number); !started) return started;
  }
  const auto at_work = [](const Worker& worker) { return worker.process.has_value(); };
  while (std::any_of(workers_.begin(), workers_.end(), at_work)) {
    wait_for_news();
    if (auto attended = attend(); !attended) return attended;
    check_budget();
    const FuzzTotals now = totals();
    progress_.show({now.runs, now.points, findings().size(), elapsed_seconds()});
    show_status(false);
    if (auto gathered = gather_if_due(); !gathered) return gathered;
  }
  progress_.clear();
  show_status(true);
  return launcher_.gather();
}

Result<void> Supervisor::gather_if_due() {
  const auto now = std::chrono::steady_clock::now();
  if (now - gathered_ < launcher_.gather_interval()) return {};
  gathered_ = now;
  return launcher_.gather();
}

Result<void> Supervisor::create_workers() {
  for (std::uint32_t number = 0; number < options_.jobs; ++number) {
    auto page = SharedRunPage::create();
    if (!page) return std::unexpected(page.error());
    if (options_.runs) (*page)->runs_max = share_of_runs(*options_.runs, options_.jobs, number);
    workers_.push_back({.page = std::move(*page)});
  }
  return {};
}

Result<void> Supervisor::start(std::uint32_t number) {
  Worker& worker = workers_[number];
  forget_run(worker);
  worker.page->runner = 0;
  auto process = launcher_.launch({number, worker.incarnation}, worker.page, known_);
  if (!process) return std::unexpected(process.error());
  worker.watch.emplace(process->pid(), *worker.page, RunLimits{});
  worker.process.emplace(std::move(*process));
  ++worker.incarnation;
  return {};
}

void Supervisor::forget_run(Worker& worker) {
  end_run(*worker.page);
  worker.page->crash = {};
  worker.stalled = false;
}

void Supervisor::wait_for_news() const {
  std::vector<pollfd> watched;
  for (const Worker& worker : workers_) {
    if (worker.process) worker.process->add_to(watched);
  }
  ::poll(watched.data(), watched.size(), kAttentionIntervalMs);
}

Result<void> Supervisor::attend() {
  for (std::uint32_t number = 0; number < workers_.size(); ++number) {
    if (!workers_[number].process) continue;
    if (auto attended = attend(number); !attended) return attended;
  }
  return {};
}

Result<void> Supervisor::attend(std::uint32_t number) {
  Worker& worker = workers_[number];
  const bool alive = worker.process->drain();
  for (const auto& message : worker.process->take_messages()) {
    if (auto heard = hear(worker, message); !heard) return heard;
  }
  if (!alive) return bury(number);
  if (!worker.stalled && worker.watch->stalled()) {
    worker.stalled = true;
    ::kill(worker.watch->runner(), SIGKILL);
  }
  return {};
}

// See engine/cli/worker.h and fuzz_driver.h for the messages.
Result<void> Supervisor::hear(Worker& worker, const nlohmann::json& message) {
  if (message.contains("bug") || message.contains("died")) return answer(worker, message);
  if (message.contains("found")) {
    Sighting sighting = sighting_now(bytes_from_message(message.at("input")));
    // The worker has gone on to replay since it sent this, but its fuzz runs have not.
    worker.suspicion = Suspicion{verdict_from_message(message.at("found")), std::move(sighting)};
    return {};
  }
  if (message.contains("lost")) {
    worker.suspicion.reset();
    return {};
  }
  if (message.contains("failed")) {
    return failure("keep what a worker has learned", target_.schema.name, message.at("failed").get<std::string>());
  }
  GRIDLOCK_CHECK(message.contains("finding") && worker.suspicion.has_value());
  const Sighting sighting = std::move(worker.suspicion->sighting);
  worker.suspicion.reset();
  auto accepted = accept(minimized_from_message(message.at("finding"), target_.schema), sighting);
  worker.process->reply();
  return accepted;
}

// A driver waits: it has met a bug, or the one before it died in a run.
Result<void> Supervisor::answer(Worker& worker, const nlohmann::json& message) {
  if (message.contains("died")) {
    // How it died is AFL++'s to know; that it was in a run makes it the target's doing.
    const ChildDeath death{worker.stalled, W_EXITCODE(kExitCrashed, 0), worker.process->stderr_tail(), false};
    if (auto examined = examine_death(worker, death); !examined) return examined;
    forget_run(worker);
  } else {
    const Sighting sighting = sighting_now(bytes_from_message(message.at("input")));
    const Scenario scenario = decode(sighting.input, target_.schema);
    if (auto done = pursue(scenario, verdict_from_message(message.at("bug")), sighting); !done) return done;
  }
  if (auto told = launcher_.tell(known_); !told) return told;
  worker.process->reply();
  return {};
}

Result<void> Supervisor::bury(std::uint32_t number) {
  Worker& worker = workers_[number];
  const std::string tail = worker.process->stderr_tail();
  const int status = worker.process->wait();
  worker.process.reset();
  if (!worker.stalled && WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  if (WIFEXITED(status) && WEXITSTATUS(status) == kExitNotExecuted) {
    return failure("start a worker", target_.schema.name, "its program could not be executed");
  }
  if (auto checked = launcher_.check_end(status, tail); !checked) {
    // A fuzzer that never got to work will not do so the next time.
    if (value_of(worker.page->runs) == worker.runs_before) return checked;
    if (auto noted = note_outside_end(worker, checked.error().advice); !noted) return noted;
    return may_start_again(worker) ? start(number) : Result<void>{};
  }
  if (auto examined = examine_death(worker, {worker.stalled, status, tail}); !examined) return examined;
  return may_start_again(worker) ? start(number) : Result<void>{};
}

Result<void> Supervisor::examine_death(Worker& worker, const ChildDeath& death) {
  const DeathCause cause = cause_of(death, *worker.page);
  if (cause == DeathCause::kRefused) return std::unexpected(error_of_refusal(target_.schema.name, *worker.page));
  if (cause == DeathCause::kDefect) {
    progress_.clear();
    leave_with_defect(death);
  }
  if (worker.suspicion) {
    const Suspicion suspicion = std::move(*worker.suspicion);
    worker.suspicion.reset();
    const Scenario scenario = decode(suspicion.sighting.input, target_.schema);
    if (auto pursued = pursue(scenario, suspicion.verdict, suspicion.sighting); !pursued) return pursued;
  }
  if (cause == DeathCause::kOutside) return note_outside_end(worker, describe_status(death.wait_status));
  const Scenario scenario = last_scenario(*worker.page, target_.schema);
  const auto verdict = verdict_of_death(worker, death, scenario);
  if (!verdict) return std::unexpected(verdict.error());
  if (!*verdict) return {};
  return pursue(scenario, **verdict, sighting_now(encode(scenario, target_.schema)));
}

// Somebody may kill workers, or what a fuzzer works with, as often as they like, as long as the campaign gets on in
// between. `how`: the worker's end, in words.
Result<void> Supervisor::note_outside_end(Worker& worker, const std::string& how) {
  if (value_of(worker.page->runs) > worker.runs_before) worker.ends_without_a_run = 0;
  if (++worker.ends_without_a_run > kOutsideKillsMax) {
    return failure("keep the workers running", target_.schema.name,
                   how + " before they have made a run, again and again: is there enough memory?");
  }
  progress_.clear();
  fmt::print(stderr, "gridlock: a worker ended: {}; another goes on from what it had found\n", how);
  return {};
}

// What the run that killed the worker says in a child of ours; nothing if it is known, or does not come again. One that
// does no harm there, of a driver that had no time to report, was ended from outside.
Result<std::optional<Verdict>> Supervisor::verdict_of_death(Worker& worker, const ChildDeath& death,
                                                            const Scenario& scenario) {
  if (known_.contains(verdict_of(death, *worker.page, tools_.names))) return std::nullopt;
  if (is_legal(scenario, target_.schema)) {
    ChildRunner runner(tools_, target_, variant_, triage_page_);
    if (death.stalled) runner.set_limits(kNoPointTrialLimits);
    const auto outcome = runner.run(scenario);
    if (!outcome) return std::unexpected(outcome.error());
    if (is_bug(outcome->verdict.kind)) return outcome->verdict;
    if (!death.status_known && !death.stalled && worker.page->crash.what[0] == '\0') {
      if (auto noted = note_outside_end(worker, "killed in a run"); !noted) return std::unexpected(noted.error());
      return std::nullopt;
    }
  }
  ++unconfirmed_;
  return std::nullopt;
}

Result<void> Supervisor::pursue(const Scenario& scenario, const Verdict& verdict, const Sighting& sighting) {
  if (known_.contains(verdict)) return {};
  known_.add_raw(verdict);
  ChildRunner runner(tools_, target_, variant_, triage_page_);
  const auto stop = [this] {
    check_budget();
    show_status(false);
    return interrupted();
  };
  const auto minimized = minimize_in_children(runner, scenario, verdict, stop);
  if (!minimized) return std::unexpected(minimized.error());
  return accept(*minimized, sighting);
}

Result<void> Supervisor::accept(const Minimized& minimized, const Sighting& sighting) {
  const bool enough = options_.max_findings != 0 && findings().size() >= options_.max_findings;
  if (enough) return {};
  if (minimized.reproduced == 0) {
    ++unconfirmed_;
    return {};
  }
  progress_.clear();
  known_.add_minimal(minimized.verdict);
  if (auto accepted = desk_.accept(minimized, sighting); !accepted) return accepted;
  if (findings().size() == options_.max_findings) stop_all(StopLevel::kNow);
  return {};
}

void Supervisor::check_budget() {
  if (interrupted()) stop_all(StopLevel::kNow);
  if (options_.seconds && elapsed_seconds() >= *options_.seconds) stop_all(StopLevel::kAfterThisFinding);
}

void Supervisor::stop_all(StopLevel level) {
  if (level <= stop_) return;
  stop_ = level;
  for (Worker& worker : workers_) worker.page->stop.store(level, std::memory_order_relaxed);
}

void Supervisor::show_status(bool is_last) {
  if (status_ == nullptr) return;
  status_->beat();
  const auto now = StatusWriter::Clock::now();
  if (!is_last && !status_->due(now)) return;
  ParentCounts counts{.findings = findings().size(), .unconfirmed = unconfirmed_};
  std::vector<const RunPage*> pages;
  for (const Worker& worker : workers_) {
    pages.push_back(&*worker.page);
    counts.workers_up += worker.process ? 1 : 0;
    counts.worker_restarts += worker.incarnation - 1;
  }
  status_->show(pages, counts, now);
}

bool Supervisor::may_start_again(const Worker& worker) const {
  return stop_ == StopLevel::kGoOn && value_of(worker.page->runs) < value_of(worker.page->runs_max);
}

Sighting Supervisor::sighting_now(std::vector<std::uint8_t> input) const {
  return {totals().runs, elapsed_seconds(), std::move(input)};
}

FuzzTotals Supervisor::totals() const {
  FuzzTotals sum{.unconfirmed = unconfirmed_};
  for (const Worker& worker : workers_) {
    sum.runs += value_of(worker.page->runs);
    sum.points += value_of(worker.page->points);
    sum.switches += value_of(worker.page->switches);
    sum.inconclusive += value_of(worker.page->inconclusive);
    sum.differing += value_of(worker.page->differing);
    sum.ordered_reports += value_of(worker.page->ordered_reports);
    sum.unconfirmed += value_of(worker.page->unconfirmed);
  }
  return sum;
}

double Supervisor::elapsed_seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

}  // namespace gridlock
