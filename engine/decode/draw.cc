#include "engine/decode/draw.h"

#include <algorithm>
#include <bit>

#include "engine/base/check.h"

namespace gridlock {
namespace {

constexpr std::uint32_t kEvenRangeMax = 64;

// About the length of an operation: a deferral that outlasts the run is no different from a longer one.
constexpr std::uint32_t kDeferPointsUsual = 64;

}  // namespace

std::uint32_t geometric(Prng& prng, std::uint32_t low, std::uint32_t high, std::uint32_t numerator) {
  std::uint32_t count = low;
  while (count < high && prng.chance(numerator, 8)) ++count;
  return count;
}

std::uint32_t log_uniform(Prng& prng, std::uint32_t maximum) {
  const auto bits = static_cast<std::uint32_t>(std::bit_width(maximum));
  const std::uint32_t chosen = prng.between(0, bits);
  const std::uint64_t below = std::uint64_t{1} << chosen;
  return prng.between(0, static_cast<std::uint32_t>(std::min<std::uint64_t>(below - 1, maximum)));
}

std::uint32_t draw_value(Prng& prng, std::uint32_t minimum, std::uint32_t maximum) {
  const std::uint32_t span = maximum - minimum;
  if (span < kEvenRangeMax || prng.chance(1, 4)) return prng.between(minimum, maximum);
  if (prng.chance(1, 8)) return maximum;
  return minimum + log_uniform(prng, span);
}

OperationCall draw_call(Prng& prng, const TargetSchema& schema) {
  OperationCall call{.operation = OperationId(prng.below(static_cast<std::uint32_t>(schema.operations.size())))};
  const auto& arguments = schema.operations[call.operation.value()].arguments;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    call.arguments[i] = draw_value(prng, arguments[i].minimum, arguments[i].maximum);
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

ActionTable::ActionTable(const TargetSchema& schema, bool demotes) {
  if (demotes) add(Action::kDemote, 4);
  if (!schema.external_vectors.empty()) add(Action::kInterrupt, 3);
  if (!schema.entities.empty()) add(Action::kMigrate, 2);
  if (!schema.vectors.empty()) add(Action::kDefer, 1);
}

std::uint32_t draw_defer_points(Prng& prng) {
  return log_uniform(prng, prng.chance(7, 8) ? kDeferPointsUsual : kDeferPointsMax);
}

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
      directive.b = draw_defer_points(prng);
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

}  // namespace gridlock
