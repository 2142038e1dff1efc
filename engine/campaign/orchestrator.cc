#include "engine/campaign/orchestrator.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "engine/campaign/files.h"
#include "engine/campaign/programs.h"

namespace gridlock::campaign {
namespace {

constexpr std::chrono::milliseconds kUpkeepIdle{500};

Result<void> prepare_folders(const DataFolder& data) {
  // What a dead server's commands were at; the spool is another matter: it holds findings.
  for (const auto& folder : {data.work(), data.temporary()}) remove_quietly(folder);
  for (const auto& folder : {data.spool(), data.work(), data.temporary(), data.rejected(), data.root / "corpus"}) {
    if (auto made = make_folder(folder); !made) return made;
  }
  return {};
}

void abort_process() {
  spdlog::critical("the loop of the campaigns stands still; this process ends, so that another can take its place");
  spdlog::shutdown();
  std::abort();
}

}  // namespace

struct Orchestrator::Parts {
  Parts(store::Store& store, metrics::ServiceMetrics& metrics, const Clock& clock, const Announce& announce,
        const OrchestratorOptions& options, store::BuildId build, const std::vector<store::TargetVariant>& variants)
      : clock(clock),
        data{store.folder()},
        tool(options.loop.programs, clock, data.temporary()),
        intake(store, metrics, clock, data, announce),
        triage(store, metrics, clock, data, tool, build, announce),
        corpora(store, metrics, data, tool),
        upkeep(store, metrics, clock, data, triage, corpora, variants) {}

  const Clock& clock;
  DataFolder data;
  Tool tool;
  Intake intake;
  Triage triage;
  CorpusCare corpora;
  Upkeep upkeep;
  std::unique_ptr<FuzzLoop> loop;
};

Result<std::unique_ptr<Orchestrator>> Orchestrator::create(store::Store& store, metrics::ServiceMetrics& metrics,
                                                           const Clock& clock, Announce announce,
                                                           const OrchestratorOptions& options) {
  const auto variants = list_targets(options.loop.programs, clock);
  if (!variants) return std::unexpected(variants.error());
  auto plan = plan_campaigns(*variants, options.filter);
  if (!plan) return std::unexpected(plan.error());
  if (auto made = prepare_folders(DataFolder{store.folder()}); !made) return std::unexpected(made.error());
  if (auto closed = store.close_open_stints(clock.now()); !closed) return std::unexpected(closed.error());
  if (auto recorded = store.record_targets(*variants); !recorded) return std::unexpected(recorded.error());
  auto build = store.record_build(options.build_digest, options.version, clock.now());
  if (!build) return std::unexpected(build.error());
  auto parts = std::make_unique<Parts>(store, metrics, clock, announce, options, build->id, *variants);
  if (auto restored = parts->upkeep.restore_totals(); !restored) return std::unexpected(restored.error());
  auto loop =
      FuzzLoop::create(store, metrics, clock, parts->intake, parts->data, std::move(*plan), build->id, options.loop);
  if (!loop) return std::unexpected(loop.error());
  parts->loop = std::move(*loop);
  std::unique_ptr<Orchestrator> made(new Orchestrator(std::move(parts), std::move(*build), options));
  if (made->wake_ < 0) return failure("make an eventfd", "", std::strerror(errno));
  return made;
}

Orchestrator::Orchestrator(std::unique_ptr<Parts> parts, store::Build build, const OrchestratorOptions& options)
    : parts_(std::move(parts)),
      build_(std::move(build)),
      options_(options),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      watch_(parts_->clock, options.loop_stands_still, abort_process) {}

Orchestrator::~Orchestrator() {
  stop();
  if (wake_ >= 0) ::close(wake_);
}

void Orchestrator::start() {
  watch_.start();
  fuzzing_ = std::jthread([this](const std::stop_token& stop) { fuzz(stop); });
  upkeep_ = std::jthread([this](const std::stop_token& stop) { keep_up(stop); });
}

void Orchestrator::stop() {
  if (!fuzzing_.joinable()) return;
  fuzzing_.request_stop();
  upkeep_.request_stop();
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof(one));
  fuzzing_.join();
  upkeep_.join();
  watch_.stop();
  if (auto saved = parts_->upkeep.save_totals(); !saved) spdlog::error("{}", saved.error().message());
}

void Orchestrator::publish(FuzzLoopStatus status) {
  const std::lock_guard lock(mutex_);
  status_ = std::move(status);
}

void Orchestrator::fuzz(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    parts_->loop->turn(wake_);
    parts_->upkeep.corpora_changed(parts_->loop->take_fuzzed_targets());
    publish(parts_->loop->status());
    watch_.beat();
  }
  parts_->loop->finish();
  publish(parts_->loop->status());
}

void Orchestrator::keep_up(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any idle;
  std::unique_lock lock(mutex);
  while (!stop.stop_requested()) {
    if (parts_->upkeep.step(stop)) continue;
    idle.wait_for(lock, stop, kUpkeepIdle, [&] { return stop.stop_requested(); });
  }
}

OrchestratorStatus Orchestrator::status() const {
  OrchestratorStatus status{.workers_max = options_.loop.jobs};
  {
    const std::lock_guard lock(mutex_);
    status.workers = status_.workers;
    status.canary = status_.canary;
  }
  for (const auto& worker : status.workers) status.runs_per_second[worker.key.target] += worker.runs_per_second;
  status.loop_age = watch_.age();
  return status;
}

}  // namespace gridlock::campaign
