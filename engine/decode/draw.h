// The single draws that random scenarios are made of: numbers, operations, actions. For generate.h and for
// engine/mutate, so that what a mutation puts in has the distribution of what generation puts there.
//
// May include: base, model. Deterministic in the Prng.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "engine/base/prng.h"
#include "engine/decode/generate.h"
#include "engine/model/scenario.h"
#include "engine/model/target_schema.h"

namespace gridlock {

// A count that grows from `low`, each further step with probability numerator / 8, up to `high`.
[[nodiscard]] std::uint32_t geometric(Prng& prng, std::uint32_t low, std::uint32_t high, std::uint32_t numerator);

// A number from 0 to `maximum` whose order of magnitude is uniform: small ones matter most, none is impossible.
[[nodiscard]] std::uint32_t log_uniform(Prng& prng, std::uint32_t maximum);

// Small ranges are indices and are drawn evenly, so that cpus collide on the same lock; large ones are quantities,
// whose small values and limits are where code branches. Bounds are inclusive.
[[nodiscard]] std::uint32_t draw_value(Prng& prng, std::uint32_t minimum, std::uint32_t maximum);

[[nodiscard]] OperationCall draw_call(Prng& prng, const TargetSchema& schema);
// REQUIRES: an empty program. At most options.calls_max operations; now and then none.
void draw_program(Prng& prng, const TargetSchema& schema, const GenerateOptions& options,
                  std::vector<OperationCall>& program);

// Which actions a schedule of this target draws, by weight. Demotes and interrupts are what bugs are made of; a
// deferral only matters while its vector is sent.
class ActionTable {
 public:
  ActionTable(const TargetSchema& schema, bool demotes);

  [[nodiscard]] bool empty() const { return size_ == 0; }
  // REQUIRES: not empty().
  [[nodiscard]] Action draw(Prng& prng) const { return slots_[prng.below(size_)]; }

 private:
  void add(Action action, std::uint32_t weight) {
    for (std::uint32_t i = 0; i < weight; ++i) slots_[size_++] = action;
  }

  std::array<Action, 10> slots_{};
  std::uint32_t size_ = 0;
};

// A number of points for a `defer`: mostly about the length of an operation, at most kDeferPointsMax.
[[nodiscard]] std::uint32_t draw_defer_points(Prng& prng);

// Sets the action of `directive` and what it names. REQUIRES: the schema has what the action names, and no reserved
// action.
void draw_action(Prng& prng, const TargetSchema& schema, Action action, std::uint32_t cpu_count, Directive& directive);

}  // namespace gridlock
