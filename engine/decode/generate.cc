// The distributions behind generate_program and generate_schedule, each with its reason.
// May include: base, model.
#include "engine/decode/generate.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "engine/base/check.h"
#include "engine/decode/ranges.h"

namespace gridlock {
namespace {

// Counts that grow from `low`, each further step with probability numerator / 8, up to `high`.
std::uint32_t geometric(Prng& prng, std::uint32_t low, std::uint32_t high, std::uint32_t numerator) {
  std::uint32_t count = low;
  while (count < high && prng.chance(numerator, 8)) ++count;
  return count;
}

// A number from 0 to `maximum` whose order of magnitude is uniform: small ones matter most, none is impossible.
std::uint32_t log_uniform(Prng& prng, std::uint32_t maximum) {
  const auto bits = static_cast<std::uint32_t>(std::bit_width(maximum));
  const std::uint32_t chosen = prng.between(0, bits);
  const std::uint64_t below = std::uint64_t{1} << chosen;
  return prng.between(0, static_cast<std::uint32_t>(std::min<std::uint64_t>(below - 1, maximum)));
}

// Small ranges are indices and are drawn evenly, so that cpus collide on the same lock; large ones are quantities,
// whose small values and limits are where code branches.
constexpr std::uint32_t kEvenRangeMax = 64;

std::uint32_t value_in(Prng& prng, std::uint32_t minimum, std::uint32_t maximum) {
  const std::uint32_t span = maximum - minimum;
  if (span < kEvenRangeMax || prng.chance(1, 4)) return prng.between(minimum, maximum);
  if (prng.chance(1, 8)) return maximum;
  return minimum + log_uniform(prng, span);
}

// Two to four cpus show almost every bug (Lu et al., "Learning from Mistakes", ASPLOS 2008: 96 % need two threads); one
// alone shows what interrupts do to it.
std::uint32_t draw_cpu_count(Prng& prng, const TargetSchema& schema, const GenerateOptions& options) {
  const std::uint32_t low = schema.cpus_minimum;
  const std::uint32_t high = std::clamp(options.cpus_max, low, schema.cpus_maximum);
  const bool single = low == 1 && (high == 1 || prng.chance(1, 16));
  return single ? 1 : geometric(prng, std::max(low, 2u), high, 5);
}

OperationCall draw_call(Prng& prng, const TargetSchema& schema) {
  OperationCall call{.operation = OperationId(prng.below(static_cast<std::uint32_t>(schema.operations.size())))};
  const auto& arguments = schema.operations[call.operation.value()].arguments;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    call.arguments[i] = value_in(prng, arguments[i].minimum, arguments[i].maximum);
  }
  return call;
}

void draw_program(Prng& prng, const TargetSchema& schema, const GenerateOptions& options,
                  std::vector<OperationCall>& program) {
  const std::uint32_t calls_max = std::min(options.calls_max, kProgramCallsMax);
  if (calls_max == 0 || prng.chance(1, 16)) return;  // an idle cpu takes interrupts and migrations all the same
  program.resize(geometric(prng, 1, calls_max, 4));
  for (OperationCall& call : program) call = draw_call(prng, schema);
}

// Fisher and Yates.
void draw_start_order(Prng& prng, Scenario& scenario) {
  auto& order = scenario.start_order;
  order.resize(scenario.programs.size());
  for (std::uint32_t cpu = 0; cpu < order.size(); ++cpu) order[cpu] = CpuId(cpu);
  for (auto left = static_cast<std::uint32_t>(order.size()); left > 1; --left) {
    std::swap(order[left - 1], order[prng.below(left)]);
  }
}

// Which actions a schedule of this target draws, by weight. Demotes and interrupts are what bugs are made of; a
// deferral only matters while its vector is sent.
class ActionTable {
 public:
  ActionTable(const TargetSchema& schema, bool demotes) {
    if (demotes) add(Action::kDemote, 4);
    if (!schema.external_vectors.empty()) add(Action::kInterrupt, 3);
    if (!schema.entities.empty()) add(Action::kMigrate, 2);
    if (!schema.vectors.empty()) add(Action::kDefer, 1);
  }

  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] Action draw(Prng& prng) const { return slots_[prng.below(size_)]; }

 private:
  void add(Action action, std::uint32_t weight) {
    for (std::uint32_t i = 0; i < weight; ++i) slots_[size_++] = action;
  }

  std::array<Action, 10> slots_{};
  std::uint32_t size_ = 0;
};

// The cpu and point of directives, one after the other. Most are uniform over the points of a uniform cpu, so that a
// cpu that spins for long does not draw all of them. A third stands close to the one before: bugs with two decisions
// usually need both inside one critical section, on one cpu or at the same place of two.
class Aim {
 public:
  Aim(Prng& prng, std::span<const std::uint32_t> points_by_cpu) : prng_(prng), points_by_cpu_(points_by_cpu) {}

  void draw(Directive& directive) {
    const bool near = last_point_ != 0 && prng_.chance(1, 3);
    if (!near || prng_.chance(1, 2)) cpu_ = prng_.below(static_cast<std::uint32_t>(points_by_cpu_.size()));
    last_point_ = near ? near_last() : anywhere();
    directive.cpu = CpuId(cpu_);
    directive.point = PointIndex(last_point_);
  }

 private:
  // A demote or an interrupt lengthens the run: some points lie behind those of the earlier one.
  static constexpr std::uint32_t kSlackPoints = 4;
  static constexpr std::uint32_t kNearBefore = 4;
  static constexpr std::uint32_t kNearAfter = 8;

  std::uint32_t anywhere() {
    const std::uint32_t points = std::min(points_by_cpu_[cpu_], kPointOrdinalMax);
    return prng_.between(1, std::min(points + points / 8 + kSlackPoints, kPointOrdinalMax));
  }
  std::uint32_t near_last() {
    const std::uint32_t moved = last_point_ + prng_.below(kNearBefore + kNearAfter + 1);
    return std::clamp(moved, kNearBefore + 1, kNearBefore + kPointOrdinalMax) - kNearBefore;
  }

  Prng& prng_;
  std::span<const std::uint32_t> points_by_cpu_;
  std::uint32_t cpu_ = 0;
  std::uint32_t last_point_ = 0;  // 0: none yet
};

// About the length of an operation: a deferral that outlasts the run is no different from a longer one.
constexpr std::uint32_t kDeferPointsUsual = 64;

void draw_action(Prng& prng, const TargetSchema& schema, Action action, std::uint32_t cpu_count, Directive& directive) {
  const auto below = [&](std::size_t count) { return prng.below(static_cast<std::uint32_t>(count)); };
  directive.action = action;
  switch (action) {
    case Action::kDemote:
      return;
    case Action::kInterrupt:
      directive.a = schema.external_vectors[below(schema.external_vectors.size())];
      return;
    case Action::kDefer:
      directive.a = below(schema.vectors.size());
      directive.b = log_uniform(prng, prng.chance(7, 8) ? kDeferPointsUsual : kDeferPointsMax);
      return;
    case Action::kMigrate:
      directive.a = below(schema.entities.size());
      directive.b = below(cpu_count);
      return;
    case Action::kStale:
    case Action::kDelayStore:
      GRIDLOCK_CHECK(false && "a reserved action is not drawn");
  }
}

// A typical bug takes two, and some of those drawn miss; none now and then, for what the start order alone shows.
std::uint32_t draw_directive_count(Prng& prng, const GenerateOptions& options) {
  const std::uint32_t high = std::min(options.directives_max, kDirectivesMax);
  return high == 0 || prng.chance(1, 32) ? 0 : geometric(prng, 1, high, 5);
}

}  // namespace

Scenario generate_program(Prng& prng, const TargetSchema& schema, const GenerateOptions& options) {
  Scenario scenario;
  scenario.parameters.reserve(schema.parameters.size());
  for (const auto& parameter : schema.parameters) {
    scenario.parameters.push_back(value_in(prng, parameter.fuzz_minimum, parameter.fuzz_maximum));
  }
  scenario.programs.resize(draw_cpu_count(prng, schema, options));
  for (auto& program : scenario.programs) draw_program(prng, schema, options, program);
  draw_start_order(prng, scenario);
  return scenario;
}

void generate_schedule(Prng& prng, const TargetSchema& schema, const GenerateOptions& options,
                       std::span<const std::uint32_t> points_by_cpu, bool demotes, Scenario& scenario) {
  GRIDLOCK_CHECK(points_by_cpu.size() >= scenario.programs.size() && points_by_cpu.size() <= kCpusMax);
  draw_start_order(prng, scenario);
  scenario.directives.clear();
  const ActionTable actions(schema, demotes);
  if (actions.empty()) return;
  scenario.directives.resize(draw_directive_count(prng, options));
  Aim aim(prng, points_by_cpu);
  for (Directive& directive : scenario.directives) {
    aim.draw(directive);
    draw_action(prng, schema, actions.draw(prng), scenario.cpu_count(), directive);
  }
}

}  // namespace gridlock
