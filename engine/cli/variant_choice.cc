#include "engine/cli/variant_choice.h"

#include <optional>
#include <vector>

namespace gridlock {
namespace {

Result<std::vector<std::uint32_t>> candidates(const LoadedInput& input, std::string_view name) {
  const TargetSchema& schema = input.target->schema;
  std::vector<std::uint32_t> variants;
  if (!name.empty()) {
    const auto variant = find_variant(schema, name);
    if (!variant) return std::unexpected(variant.error());
    variants.push_back(*variant);
    return variants;
  }
  for (const auto& expectation : input.repro.expectations) {
    const auto variant = find_variant(schema, expectation.variant);
    if (variant && is_bug(expectation.verdict)) variants.push_back(*variant);
  }
  for (std::uint32_t variant = 0; variant < schema.variants.size(); ++variant) variants.push_back(variant);
  return variants;
}

}  // namespace

Result<ChosenVariant> choose_variant(Tools tools, const LoadedInput& input, std::string_view name, RunPage& page) {
  const auto variants = candidates(input, name);
  if (!variants) return std::unexpected(variants.error());
  std::optional<ChosenVariant> first;
  for (const std::uint32_t variant : *variants) {
    const auto outcome = ChildRunner(tools, *input.target, variant, page).run(input.repro.scenario);
    if (!outcome) return std::unexpected(outcome.error());
    const ChosenVariant chosen{variant, outcome->verdict};
    if (is_bug(chosen.verdict.kind)) return chosen;
    if (!first) first = chosen;
  }
  return *first;
}

}  // namespace gridlock
