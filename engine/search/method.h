// How the adaptive search comes by a run: what the program is, and who decides which cpu runs.
//
// May include: base, model, strategy.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "engine/model/scenario.h"
#include "engine/strategy/reads_from.h"

namespace gridlock {

// Who preempts. kDirected: the scenario's own directives alone; the others are strategies of that name.
enum class Method : std::uint8_t { kDirected, kPct, kPos, kSurw, kReadsFrom };
inline constexpr std::size_t kMethods = 5;

// Where the program comes from.
enum class Ground : std::uint8_t {
  kFresh,   // generated
  kEntry,   // of a kept run, as it is
  kMutant,  // of a kept run, mutated
};

// One way to come by runs; the mix (mix.h) learns which of them pay.
struct Arm {
  Ground ground = Ground::kFresh;
  Method method = Method::kDirected;
};

// What to run next. Valid until the source is asked again.
struct Attempt {
  const Scenario& scenario;
  Method method = Method::kDirected;
  std::span<const ReadsFromPair> wanted = {};  // for kReadsFrom
};

}  // namespace gridlock
