// The targets of this program with their schemas, and how a name on the command line is looked up in them.
//
// May include: base, model, hook.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/base/error.h"
#include "engine/hook/gridlock.h"
#include "engine/model/target_schema.h"

namespace gridlock {

struct Target {
  const gl_target* table = nullptr;
  TargetSchema schema;
};

// ERRORS: a table that breaks the rules of engine/hook/gridlock.h.
[[nodiscard]] Result<std::vector<Target>> describe_targets(std::span<const gl_target* const> tables);

// ERRORS: no such target; lists the known ones. The pointer lives as long as `targets`.
[[nodiscard]] Result<const Target*> find_target(std::span<const Target> targets, std::string_view name);

// The number of the variant; an empty name is the first. ERRORS: no such variant; lists the known ones.
[[nodiscard]] Result<std::uint32_t> find_variant(const TargetSchema& schema, std::string_view name);

}  // namespace gridlock
