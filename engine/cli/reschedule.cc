// See reschedule.h.
//
// May include: base, model, decode, judge.
#include "engine/cli/reschedule.h"

#include <algorithm>

#include "engine/base/prng.h"
#include "engine/decode/decode.h"
#include "engine/decode/generate.h"
#include "engine/judge/judge.h"

namespace gridlock {
namespace {

// Any constant will do; the result must only be the same every time.
constexpr std::uint64_t kSeed = 1;

Scenario without_cpu(const Scenario& scenario, std::uint32_t cpu) {
  Scenario smaller = scenario;
  smaller.directives.clear();
  smaller.programs.erase(smaller.programs.begin() + cpu);
  smaller.start_order.clear();
  for (const CpuId id : scenario.start_order) {
    if (id.value() != cpu) smaller.start_order.emplace_back(id.value() - (id.value() > cpu ? 1 : 0));
  }
  return smaller;
}

// Some arguments anew: with a cpu less, "the third of four" may have to become "the second of three".
void redraw_arguments(Prng& prng, const TargetSchema& schema, Scenario& scenario) {
  for (auto& program : scenario.programs) {
    for (OperationCall& call : program) {
      const auto& ranges = schema.operations[call.operation.value()].arguments;
      for (std::size_t i = 0; i < ranges.size(); ++i) {
        if (prng.chance(1, 2)) call.arguments[i] = prng.between(ranges[i].minimum, ranges[i].maximum);
      }
    }
  }
}

std::optional<Scenario> find_schedule(Session& session, Scenario scenario, std::uint32_t directives_max,
                                      const Verdict& verdict, const std::function<bool()>& stop) {
  scenario.directives.clear();
  if (!is_legal(scenario, session.schema())) return std::nullopt;
  const auto points = points_by_cpu(session.replay(scenario).view, scenario);
  Prng prng(kSeed);
  const GenerateOptions options{.directives_max = directives_max};
  for (std::uint32_t run = 0; run < kRescheduleRuns && !stop(); ++run) {
    if (prng.chance(1, 2)) redraw_arguments(prng, session.schema(), scenario);
    generate_schedule(prng, session.schema(), options, points, true, scenario);
    if (is_same_bug(verdict, session.replay(scenario).verdict)) return scenario;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Scenario> find_smaller_schedule(Session& session, const Scenario& scenario, const Verdict& verdict,
                                              const std::function<bool()>& stop) {
  const auto directives = static_cast<std::uint32_t>(scenario.directives.size());
  for (std::uint32_t cpu = 0; cpu < scenario.cpu_count() && scenario.cpu_count() > 1; ++cpu) {
    // What one cpu did may take a directive more on another.
    auto found = find_schedule(session, without_cpu(scenario, cpu), directives + 1, verdict, stop);
    if (found) return found;
  }
  if (directives < 2) return std::nullopt;
  return find_schedule(session, scenario, directives - 1, verdict, stop);
}

}  // namespace gridlock
