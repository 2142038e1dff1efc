#include "engine/cli/targets_text.h"

#include <fmt/format.h>

#include "engine/cli/progress.h"
#include "engine/cli/text_table.h"

namespace gridlock {
namespace {

// The columns of all targets together, so that they stand below each other from target to target.
constexpr TableColumn kVariantColumns[] = {{"target and variant", 27}, {"expect", 12}, {"what it is", 37}};
constexpr TableColumn kBugColumns[] = {{"source", 25}, {"target", 17}, {"variant", 20}, {"verdict", 12}};

std::string headline(const TargetSchema& schema) {
  std::string text = schema.summary;
  if (!schema.models.empty()) text += (text.empty() ? "models: " : "; models: ") + schema.models;
  return text;
}

}  // namespace

std::string targets_text(std::span<const Target> targets) {
  std::vector<TableRow> rows;
  for (const Target& target : targets) {
    rows.push_back({{target.schema.name}, headline(target.schema)});
    for (const auto& variant : target.schema.variants) {
      rows.push_back({{"  " + variant.name, variant.expect, variant.summary}});
    }
  }
  return table_text(kVariantColumns, rows);
}

std::string absent_text(std::span<const AbsentTarget> absent) {
  std::string text;
  for (const AbsentTarget& target : absent) text += fmt::format("{} is absent: {}\n", target.name, target.reason);
  return text;
}

std::string bugs_text(std::span<const Target> targets) {
  std::vector<TableRow> rows;
  for (const Target& target : targets) {
    for (const auto& bug : target.schema.bugs) {
      const auto& expect = target.schema.variants[*find_variant(target.schema, bug.variant)].expect;
      rows.push_back({{bug.source, target.schema.name, bug.variant, expect}, bug.failure});
    }
  }
  if (rows.empty()) return "";
  return fmt::format("The museum: {}, each with its fix as a twin (docs/MUSEUM.md)\n\n",
                     counted(rows.size(), "historic bug")) +
         table_text(kBugColumns, rows);
}

}  // namespace gridlock
