// See threads_worker.h. May include: base, model, decode, judge, threads.
#include "engine/cli/threads_worker.h"

#include <unistd.h>

#include <utility>

#include "engine/base/check.h"
#include "engine/base/prng.h"
#include "engine/cli/run_meter.h"
#include "engine/cli/seen_state.h"
#include "engine/decode/decode.h"
#include "engine/decode/generate.h"
#include "engine/threads/threads_machine.h"

namespace gridlock {
namespace {

// Schedules of one program: fewer than on fibers, because each run is a schedule of its own anyway.
constexpr std::uint32_t kSchedulesPerProgram = 16;
// Programs drawn in vain for one with two cpus: with one, nothing happens at the same time.
constexpr std::uint32_t kDrawsMax = 32;

// The stream of scenarios: the corpus, then programs with schedules whose interrupts and delays aim at points that the
// first run passed.
class Inputs {
 public:
  Inputs(std::uint64_t seed, const TargetSchema& schema, std::vector<Scenario> corpus)
      : prng_(seed), schema_(schema), corpus_(std::move(corpus)) {}

  const Scenario& next(std::span<const std::uint32_t> points_of_last) {
    if (left_ == 0) return start_batch();
    --left_;
    generate_schedule(prng_, schema_, options_, points_of_last, true, current_);
    return current_;
  }
  std::uint64_t draw_seed() { return prng_.next(); }

 private:
  const Scenario& start_batch() {
    left_ = kSchedulesPerProgram;
    if (corpus_used_ < corpus_.size()) {
      current_ = corpus_[corpus_used_++];
      return current_;
    }
    for (std::uint32_t draw = 0; draw < kDrawsMax; ++draw) {
      current_ = generate_program(prng_, schema_, options_);
      if (current_.cpu_count() > 1) break;
    }
    return current_;
  }

  Prng prng_;
  const TargetSchema& schema_;
  GenerateOptions options_;
  std::vector<Scenario> corpus_;
  std::size_t corpus_used_ = 0;
  std::uint32_t left_ = 0;
  Scenario current_;
};

// `scenario` with what was done to its cpus besides delays. A directive at a point beyond what a scenario may name is
// left out.
Scenario as_applied(const Scenario& scenario, const std::vector<Directive>& applied, const TargetSchema& schema) {
  Scenario made = scenario;
  made.directives.clear();
  for (const Directive& directive : applied) {
    if (made.directives.size() == kDirectivesMax) break;
    made.directives.push_back(directive);
    if (!is_legal(made, schema)) made.directives.pop_back();
  }
  return made;
}

std::unique_ptr<ThreadsMachine> make_machine() {
  auto machine = ThreadsMachine::create();
  GRIDLOCK_CHECK(machine.has_value() && "a fork of a process with a machine has no place for the target's memory");
  return std::move(*machine);
}

nlohmann::json message_of(const RecordedOrder& order) {
  auto list = nlohmann::json::array();
  for (const RecordedPoint& point : order) list.push_back({point.cpu.value(), point.address, point.is_write});
  return list;
}

RecordedOrder order_from_message(const nlohmann::json& message) {
  RecordedOrder order;
  for (const auto& point : message) {
    order.push_back(
        {CpuId(point.at(0).get<std::uint32_t>()), point.at(1).get<std::uint64_t>(), point.at(2).get<bool>()});
  }
  return order;
}

}  // namespace

nlohmann::json to_message(const CoreSighting& sighting, const TargetSchema& schema) {
  return {{"verdict", to_message(sighting.verdict)},
          {"scenario", to_message(encode(sighting.scenario, schema))},
          {"input", to_message(sighting.input)},
          {"order", message_of(sighting.order)},
          {"state", to_message(sighting.state)}};
}

CoreSighting core_sighting_from_message(const nlohmann::json& message, const TargetSchema& schema) {
  return {verdict_from_message(message.at("verdict")), decode(bytes_from_message(message.at("scenario")), schema),
          bytes_from_message(message.at("input")), order_from_message(message.at("order")),
          text_from_message(message.at("state"))};
}

void fuzz_on_threads(Tools tools, const Target& target, std::uint32_t variant, RunPage& page, const Channel& channel,
                     ThreadsWorkerOptions options) {
  const auto machine = make_machine();
  Inputs inputs(options.seed, target.schema, std::move(options.corpus));
  std::vector<std::uint32_t> points;
  RunMeter meter(page, RunMeter::Clock::now());
  const auto goes_on = [&page] {
    return page.stop.load(std::memory_order_relaxed) == StopLevel::kGoOn &&
           page.runs.load(std::memory_order_relaxed) < page.runs_max.load(std::memory_order_relaxed);
  };
  while (goes_on()) {
    const Scenario& scenario = inputs.next(points);
    const auto input = encode(scenario, target.schema);
    publish_run(page, input, Decider::kInput);
    count(page.runs);
    const ThreadsRun& run = machine->run(*target.table, scenario, variant, inputs.draw_seed());
    end_run(page);
    meter.note(run.view, RunMeter::Clock::now());
    points = points_by_cpu(run.view, scenario);
    if (run.view.end == RunEnd::kCompleted) continue;
    if (run.view.end == RunEnd::kPointLimit) {
      count(page.inconclusive);
      ::_exit(0);
    }
    const CoreSighting sighting{verdict_of(run, tools.names), as_applied(scenario, run.applied, target.schema), input,
                                run.order, describe_state(run, *target.table, tools.names)};
    const bool is_new = options.known.insert(sighting.verdict.signature).second;
    if (is_new) {
      channel.send({{"seen", to_message(sighting, target.schema)}});
    } else if (!run.is_reusable) {
      channel.send({{"again", sighting.verdict.signature}});
    }
    if (!run.is_reusable) ::_exit(0);
    if (is_new) channel.wait_for_reply();
    meter.skip_to(RunMeter::Clock::now());
  }
}

void repeat_on_threads(Tools tools, const Target& target, std::uint32_t variant, RunPage& page, const Channel& channel,
                       const Scenario& scenario, std::uint32_t times, std::uint64_t seed) {
  const auto machine = make_machine();
  Prng prng(seed);
  auto signatures = nlohmann::json::array();
  bool is_reusable = true;
  for (std::uint32_t i = 0; i < times && is_reusable; ++i) {
    publish_run(page, encode(scenario, target.schema), Decider::kInput);
    const ThreadsRun& run = machine->run(*target.table, scenario, variant, prng.next());
    end_run(page);
    is_reusable = run.is_reusable;
    signatures.push_back(run.view.end == RunEnd::kCompleted ? "" : verdict_of(run, tools.names).signature);
  }
  channel.send({{"signatures", signatures}});
  if (!is_reusable) ::_exit(0);
}

}  // namespace gridlock
