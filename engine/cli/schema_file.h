// A target's schema as a file, for code that mutates scenarios in a process without targets: afl-fuzz. What only people
// read of a schema (summaries, variants, bugs) is not in it.
//
//     {"name": "lock", "cpus": [1, 4], "parameters": [{"name": "spins", "legal": [1, 1024], "fuzz": [2, 4]}],
//      "operations": [{"name": "take", "arguments": [{"name": "how", "legal": [0, 3]}]}],
//      "vectors": ["timer", "kick"], "external_vectors": [0], "entities": ["task 1"]}
//
// May include: base, model.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/error.h"
#include "engine/model/target_schema.h"

namespace gridlock {

// Where AFL++'s custom mutator (engine/cli/afl_mutator.cc) finds it.
inline constexpr const char* kSchemaVariable = "GRIDLOCK_SCHEMA";

[[nodiscard]] std::string schema_to_text(const TargetSchema& schema);

// ERRORS: text that schema_to_text would not write.
[[nodiscard]] Result<TargetSchema> schema_from_text(std::string_view text);

}  // namespace gridlock
