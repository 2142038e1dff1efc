#include "engine/cli/target_list.h"

#include <fmt/ranges.h>

#include <string>

#include "engine/machine/machine.h"

namespace gridlock {

Result<std::vector<Target>> describe_targets(std::span<const gl_target* const> tables,
                                             void (*use_arguments)(const std::vector<std::string>&)) {
  std::vector<Target> targets;
  for (const gl_target* table : tables) {
    auto schema = schema_of(*table);
    if (!schema) return std::unexpected(schema.error());
    targets.push_back({table, std::move(*schema), use_arguments, {}});
  }
  return targets;
}

Result<const Target*> find_target(std::span<const Target> targets, std::string_view name) {
  std::vector<std::string_view> known;
  for (const Target& target : targets) {
    if (target.schema.name == name) return &target;
    known.push_back(target.schema.name);
  }
  return failure("find the target", std::string(name),
                 fmt::format("known targets: {}; of a program that gridlock-cc built, name the file: --program FILE",
                             fmt::join(known, ", ")));
}

Result<std::uint32_t> find_variant(const TargetSchema& schema, std::string_view name) {
  if (name.empty()) return 0;
  std::vector<std::string_view> known;
  for (std::uint32_t variant = 0; variant < schema.variants.size(); ++variant) {
    if (schema.variants[variant].name == name) return variant;
    known.push_back(schema.variants[variant].name);
  }
  return failure("find the variant", fmt::format("{} of {}", name, schema.name),
                 fmt::format("known variants: {}", fmt::join(known, ", ")));
}

}  // namespace gridlock
