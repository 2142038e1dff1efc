// Edits of the programs. Each changes one operation and lets the directives of the others stay with them, as far as a
// profile tells where operations begin. May include: base, model, decode.
#include <algorithm>
#include <optional>
#include <vector>

#include "engine/decode/draw.h"
#include "engine/mutate/call_spans.h"
#include "engine/mutate/edits.h"

namespace gridlock {
namespace {

std::optional<CallPlace> any_call(EditContext& context, const Scenario& scenario) {
  const std::uint32_t first = context.index(scenario.programs.size());
  for (std::uint32_t i = 0; i < scenario.cpu_count(); ++i) {
    const std::uint32_t cpu = (first + i) % scenario.cpu_count();
    const std::size_t calls = scenario.programs[cpu].size();
    if (calls > 0) return CallPlace{cpu, context.index(calls)};
  }
  return std::nullopt;
}

OperationCall& call_at(Scenario& scenario, CallPlace place) {
  return scenario.programs[place.cpu][place.index];
}

bool has_room(EditContext& context, const Scenario& scenario, std::uint32_t cpu) {
  const std::size_t calls = scenario.programs[cpu].size();
  if (calls >= kProgramCallsMax) return false;
  return calls < context.options.generate.calls_max || context.outgrow();
}

// Puts a call in front of what stands there, with room for its points.
void put_in(EditContext& context, Scenario& scenario, CallPlace place, const OperationCall& call,
            std::uint32_t points) {
  const auto behind = span_of(context.profile(), place);
  if (behind) move_from(scenario, {place.cpu, behind->before + 1}, points);
  auto& program = scenario.programs[place.cpu];
  program.insert(program.begin() + place.index, call);
}

// Where the operation goes that is taken out at `from`; the index is that in the program without it.
std::optional<CallPlace> any_new_place(EditContext& context, const Scenario& scenario, CallPlace from) {
  const bool other_cpu = scenario.cpu_count() > 1 && context.prng.chance(1, 2);
  if (!other_cpu) {
    const std::size_t calls = scenario.programs[from.cpu].size();
    if (calls < 2) return std::nullopt;
    const std::uint32_t index = context.index(calls - 1);
    return CallPlace{from.cpu, index + (index >= from.index ? 1 : 0)};
  }
  const std::uint32_t cpu = (from.cpu + 1 + context.index(scenario.programs.size() - 1)) % scenario.cpu_count();
  if (!has_room(context, scenario, cpu)) return std::nullopt;
  return CallPlace{cpu, context.index(scenario.programs[cpu].size() + 1)};
}

// Moving an operation past its likes changes nothing.
bool all_alike(const std::vector<OperationCall>& program, std::uint32_t a, std::uint32_t b) {
  const auto [first, last] = std::minmax(a, b);
  const auto begin = program.begin() + first;
  return std::all_of(begin, program.begin() + last + 1, [&](const OperationCall& call) { return call == *begin; });
}

// The points of the cpu in front of the operation that is put in at `to`, once that at `from` is out.
std::optional<std::uint32_t> points_in_front(const RunProfile* profile, const Scenario& scenario, CallPlace from,
                                             const CallSpan& taken, CallPlace to) {
  const bool same = from.cpu == to.cpu;
  const std::uint32_t follower = to.index + (same && to.index >= from.index ? 1 : 0);
  const bool taken_in_front = same && follower > from.index;
  std::optional<std::uint32_t> points;
  if (follower < scenario.programs[to.cpu].size()) {
    if (const auto span = span_of(profile, {to.cpu, follower})) points = span->before;
  } else if (follower == 0) {
    points = 0;
  } else if (const auto span = span_of(profile, {to.cpu, follower - 1})) {
    points = span->last;
  }
  if (points && taken_in_front) *points -= taken.points();
  return points;
}

// Lets directives follow an operation with the points `taken` from one place to behind the first `in_front` points of
// another cpu, or of the same. Where it is not known how many those are, the directives inside it go.
void follow_move(Scenario& scenario, CallPlace from, const CallSpan& taken, std::uint32_t to_cpu,
                 std::optional<std::uint32_t> in_front) {
  if (!in_front) drop_inside(scenario, from.cpu, taken);
  for (Directive& directive : scenario.directives) {
    const bool of_source = directive.cpu.value() == from.cpu;
    const std::uint32_t point = directive.point.value();
    if (of_source && taken.contains(directive.point)) {
      directive.cpu = CpuId(to_cpu);
      directive.point = moved_point(directive.point, std::int64_t{*in_front} - taken.before);
      continue;
    }
    std::int64_t by = of_source && point > taken.last ? -std::int64_t{taken.points()} : 0;
    const bool behind = in_front && directive.cpu.value() == to_cpu && point + by > *in_front;
    if (behind) by += taken.points();
    directive.point = moved_point(directive.point, by);
  }
}

struct ArgumentPlace {
  std::uint32_t& value;
  const RangeSchema& range;
};

std::optional<ArgumentPlace> any_argument(EditContext& context, Scenario& scenario) {
  const auto place = any_call(context, scenario);
  if (!place) return std::nullopt;
  OperationCall& call = call_at(scenario, *place);
  const auto& ranges = context.schema.operations[call.operation.value()].arguments;
  if (ranges.empty()) return std::nullopt;
  const std::uint32_t argument = context.index(ranges.size());
  return ArgumentPlace{call.arguments[argument], ranges[argument]};
}

}  // namespace

bool insert_call(EditContext& context, Scenario& scenario) {
  const std::uint32_t cpu = context.index(scenario.programs.size());
  if (!has_room(context, scenario, cpu)) return false;
  const CallPlace place{cpu, context.index(scenario.programs[cpu].size() + 1)};
  const OperationCall call = draw_call(context.prng, context.schema);
  put_in(context, scenario, place, call, likely_points(context.profile(), scenario, call.operation).value_or(0));
  return true;
}

bool delete_call(EditContext& context, Scenario& scenario) {
  const auto place = any_call(context, scenario);
  if (!place) return false;
  if (const auto span = span_of(context.profile(), *place)) {
    drop_inside(scenario, place->cpu, *span);
    move_from(scenario, {place->cpu, span->last + 1}, -std::int64_t{span->points()});
  }
  auto& program = scenario.programs[place->cpu];
  program.erase(program.begin() + place->index);
  return true;
}

bool duplicate_call(EditContext& context, Scenario& scenario) {
  const auto place = any_call(context, scenario);
  if (!place || !has_room(context, scenario, place->cpu)) return false;
  const OperationCall call = call_at(scenario, *place);
  const auto span = span_of(context.profile(), *place);
  put_in(context, scenario, {place->cpu, place->index + 1}, call, span ? span->points() : 0);
  return true;
}

bool replace_call(EditContext& context, Scenario& scenario) {
  const auto place = any_call(context, scenario);
  if (!place) return false;
  OperationCall& call = call_at(scenario, *place);
  const OperationCall replacement = draw_call(context.prng, context.schema);
  if (call == replacement) return false;
  const auto span = span_of(context.profile(), *place);
  const auto points = likely_points(context.profile(), scenario, replacement.operation);
  if (span && points) {
    move_from(scenario, {place->cpu, span->last + 1}, std::int64_t{*points} - std::int64_t{span->points()});
  }
  call = replacement;
  return true;
}

// Taken out and put in; directives inside it go along.
bool move_call(EditContext& context, Scenario& scenario) {
  const auto from = any_call(context, scenario);
  if (!from) return false;
  const auto to = any_new_place(context, scenario, *from);
  if (!to || (to->cpu == from->cpu && all_alike(scenario.programs[from->cpu], from->index, to->index))) return false;
  if (const auto taken = span_of(context.profile(), *from)) {
    const auto in_front = points_in_front(context.profile(), scenario, *from, *taken, *to);
    follow_move(scenario, *from, *taken, to->cpu, in_front);
  }
  const OperationCall call = call_at(scenario, *from);
  auto& source = scenario.programs[from->cpu];
  auto& destination = scenario.programs[to->cpu];
  source.erase(source.begin() + from->index);
  destination.insert(destination.begin() + to->index, call);
  return true;
}

bool step_argument(EditContext& context, Scenario& scenario) {
  const auto place = any_argument(context, scenario);
  return place && step_value(context.prng, place->range.minimum, place->range.maximum, place->value);
}

bool redraw_argument(EditContext& context, Scenario& scenario) {
  const auto place = any_argument(context, scenario);
  return place && redraw_value(context.prng, place->range.minimum, place->range.maximum, place->value);
}

}  // namespace gridlock
