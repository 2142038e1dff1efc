// Bytes to Scenario and back. Total: every byte string, the empty one included, is a legal scenario of the target;
// what is missing reads as zero and what is left over is ignored. docs/FORMAT.md draws the layout.
//
// May include: base, model. Pure functions, thread safe. All of them REQUIRE a schema that keeps the rules of
// engine/hook/gridlock.h: an operation, no range upside down, fuzz ranges inside the legal ones.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/model/scenario.h"
#include "engine/model/target_schema.h"

namespace gridlock {

// Inputs longer than this are read up to here. The largest legal scenario of a target with up to 4096 parameters is
// shorter (decode.cc asserts it), so that encode never writes what decode does not read.
inline constexpr std::size_t kInputBytesMax = 1 << 18;
inline constexpr std::size_t kEncodedParametersMax = 4096;

// ENSURES: is_legal(decode(bytes, schema), schema).
[[nodiscard]] Scenario decode(std::span<const std::uint8_t> bytes, const TargetSchema& schema);

// The bytes that decode to `scenario`. REQUIRES: is_legal(scenario, schema). ENSURES: decode(encode(s)) == s.
[[nodiscard]] std::vector<std::uint8_t> encode(const Scenario& scenario, const TargetSchema& schema);

// True if every number of the scenario is in the range that the schema and model/scenario.h allow. A directive may
// name any cpu below kCpusMax, since a run may create cpus that have no program; one that never exists is never about
// to pass a point, so its directives do nothing. `interrupt` takes external vectors only, `defer` takes any vector
// and 0 to kDeferPointsMax points. The reserved actions are not legal yet.
[[nodiscard]] bool is_legal(const Scenario& scenario, const TargetSchema& schema);

}  // namespace gridlock
