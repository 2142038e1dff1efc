// The targets of this program with their schemas, and how a name on the command line is looked up in them.
//
// May include: base, model, hook.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/error.h"
#include "engine/hook/gridlock.h"
#include "engine/model/target_schema.h"

namespace gridlock {

// Which parameter of a program says what its points are, as a PointSet: a part of the scenario, so that a repro keeps
// it.
inline constexpr std::size_t kPointsParameter = 0;

struct Target {
  const gl_target* table = nullptr;
  TargetSchema schema;
  // Of a program that gridlock-cc built: what its main() is given in runs, and who is told of it. nullptr for others.
  void (*use_arguments)(const std::vector<std::string>& arguments) = nullptr;
  std::vector<std::string> arguments = {};

  [[nodiscard]] bool is_program() const { return use_arguments != nullptr; }
};

// `use_arguments`: of a program, see Target. ERRORS: a table that breaks the rules of engine/hook/gridlock.h.
[[nodiscard]] Result<std::vector<Target>> describe_targets(
    std::span<const gl_target* const> tables, void (*use_arguments)(const std::vector<std::string>&) = nullptr);

// ERRORS: no such target; lists the known ones. The pointer lives as long as `targets`.
[[nodiscard]] Result<const Target*> find_target(std::span<const Target> targets, std::string_view name);

// The number of the variant; an empty name is the first. ERRORS: no such variant; lists the known ones.
[[nodiscard]] Result<std::uint32_t> find_variant(const TargetSchema& schema, std::string_view name);

}  // namespace gridlock
