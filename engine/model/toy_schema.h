// Made-up targets for tests of the forms of a scenario: one with a bit of everything, one with next to nothing, one
// as large as a target may be.
//
// Used by tests and fuzz harnesses only. May include: base.
#pragma once

#include <limits>
#include <string>

#include "engine/model/ids.h"
#include "engine/model/target_schema.h"

namespace gridlock {

inline constexpr std::uint32_t kAnyNumberMax = std::numeric_limits<std::uint32_t>::max();

// Narrow and full-width ranges, fuzz ranges inside legal ones, a vector that only code sends, two entities.
[[nodiscard]] inline TargetSchema toy_schema() {
  TargetSchema schema;
  schema.name = "toy";
  schema.cpus_minimum = 1;
  schema.cpus_maximum = 4;
  schema.variants = {{"broken", "", "hang"}, {"fixed", "", "ok"}};
  schema.parameters = {{{"spin_budget", 1, 1024}, 2, 4}, {{"salt", 0, kAnyNumberMax}, 0, kAnyNumberMax}};
  schema.operations = {{"lock", {{"index", 0, 3}}},
                       {"unlock", {}},
                       {"work", {{"a", 0, 9}, {"b", 5, 5}, {"c", 1000, 2'000'000}, {"d", 0, kAnyNumberMax}}}};
  schema.vectors = {"timer", "kick", "disk"};
  schema.external_vectors = {0, 2};
  schema.entities = {"task_a", "task_b"};
  return schema;
}

// Two cpus exactly, one operation, and nothing that a directive other than `demote` could name.
[[nodiscard]] inline TargetSchema bare_schema() {
  TargetSchema schema;
  schema.name = "bare";
  schema.cpus_minimum = 2;
  schema.cpus_maximum = 2;
  schema.variants = {{"only", "", "ok"}};
  schema.operations = {{"step", {}}};
  return schema;
}

// As many cpus as there can be, and more operations than one byte counts.
[[nodiscard]] inline TargetSchema wide_schema() {
  TargetSchema schema = toy_schema();
  schema.name = "wide";
  schema.cpus_minimum = 2;
  schema.cpus_maximum = kCpusMax;
  const OperationSchema last = schema.operations.back();
  for (int i = 0; i < 300; ++i) {
    schema.operations.push_back(last);
    schema.operations.back().name = "work" + std::to_string(i);
  }
  return schema;
}

}  // namespace gridlock
