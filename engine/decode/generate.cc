// The distributions behind generate_program and generate_schedule, each with its reason.
// May include: base, model.
#include "engine/decode/generate.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/decode/draw.h"

namespace gridlock {
namespace {

// Two to four cpus show almost every bug (Lu et al., "Learning from Mistakes", ASPLOS 2008: 96 % need two threads); one
// alone shows what interrupts do to it.
std::uint32_t draw_cpu_count(Prng& prng, const TargetSchema& schema, const GenerateOptions& options) {
  const std::uint32_t low = schema.cpus_minimum;
  const std::uint32_t high = std::clamp(options.cpus_max, low, schema.cpus_maximum);
  const bool single = low == 1 && (high == 1 || prng.chance(1, 16));
  return single ? 1 : geometric(prng, std::max(low, 2u), high, 5);
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
    scenario.parameters.push_back(draw_value(prng, parameter.fuzz_minimum, parameter.fuzz_maximum));
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
