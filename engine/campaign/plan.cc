#include "engine/campaign/plan.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "engine/model/verdict.h"

namespace gridlock::campaign {
namespace {

// The first that are fuzzed after a start from nothing: the bugs that Gridlock was made for.
constexpr std::pair<std::string_view, std::string_view> kShownFirst[] = {
    {"xen-pv-spinlock", "kick-first"},
    {"xen-vcpu-migration", "set-flag-then-sleep"},
    {"xen-vcpu-migration", "move-domain-unlocked"},
    {"xen-vcpu-migration", "credit2-pause-flags-not-atomic"},
};

// What an engine and a flavour are worth before anything is known of a target. The builtin engine alone is guided by
// what interleavings are about; sanitizers cost several times the time of a run and find what the exact judge does not
// see, which is little.
double weight_of(std::string_view engine, std::string_view sanitizer) {
  const double by_engine = engine == "builtin" ? 1.0 : 0.25;
  const double by_sanitizer = sanitizer == "none" ? 1.0 : 0.25;
  return by_engine * by_sanitizer;
}

bool is_puzzle(std::string_view target) {
  return target.starts_with("demo-");
}

std::uint32_t rank_of(const store::TargetVariant& variant, std::size_t combination) {
  const auto shown =
      std::ranges::find(kShownFirst, std::pair<std::string_view, std::string_view>(variant.target, variant.variant));
  const auto place = static_cast<std::uint32_t>(shown - std::begin(kShownFirst));
  if (combination == 0 && shown != std::end(kShownFirst)) return place;
  const std::uint32_t behind = static_cast<std::uint32_t>(std::size(kShownFirst));
  return behind + 4 * static_cast<std::uint32_t>(combination) + (is_puzzle(variant.target) ? 2 : 0) +
         (variant.expect == "ok" ? 1 : 0);
}

bool wanted(const PlanFilter& filter, const store::TargetVariant& variant) {
  if (filter.targets.empty()) return true;
  return std::ranges::any_of(filter.targets, [&](const std::string& word) {
    return word == variant.target || word == variant.target + "/" + variant.variant;
  });
}

Result<void> check_filter(const std::vector<store::TargetVariant>& variants, const PlanFilter& filter) {
  for (const std::string& word : filter.targets) {
    const PlanFilter one{{word}, {}};
    if (std::ranges::none_of(variants, [&](const auto& variant) { return wanted(one, variant); })) {
      return failure("choose the targets", word, "there is no such target or variant; see `gridlock targets`");
    }
  }
  for (const std::string& word : filter.engines) {
    if (std::ranges::find(kEngines, word) == std::end(kEngines)) {
      return failure("choose the engines", word, "there are builtin, libfuzzer and afl");
    }
  }
  return {};
}

}  // namespace

Result<std::vector<store::TargetVariant>> parse_targets(std::string_view json) {
  const auto wrong = [] {
    return failure("read the list of targets", "gridlock targets --json", "it is no list of targets");
  };
  const auto document = nlohmann::json::parse(json, nullptr, false);
  if (!document.is_object() || !document.contains("targets") || !document["targets"].is_array()) return wrong();
  std::vector<store::TargetVariant> list;
  try {
    for (const auto& target : document["targets"]) {
      for (const auto& variant : target.at("variants")) {
        if (list.size() >= kVariantsMax) return wrong();
        list.push_back({target.at("name").get<std::string>(), variant.at("name").get<std::string>(),
                        variant.value("summary", target.value("summary", "")), variant.value("expect", "ok")});
      }
    }
  } catch (const nlohmann::json::exception&) {
    return wrong();
  }
  return list;
}

Result<std::vector<PlannedCampaign>> plan_campaigns(const std::vector<store::TargetVariant>& variants,
                                                    const PlanFilter& filter) {
  if (auto checked = check_filter(variants, filter); !checked) return std::unexpected(checked.error());
  std::vector<PlannedCampaign> plan;
  for (const auto& variant : variants) {
    if (variant.target == kCanaryTarget || !wanted(filter, variant)) continue;
    std::size_t combination = 0;
    for (const std::string_view engine : kEngines) {
      for (const std::string_view sanitizer : kSanitizers) {
        const std::size_t number = combination++;
        if (!filter.engines.empty() && std::ranges::find(filter.engines, engine) == filter.engines.end()) continue;
        const double weight = weight_of(engine, sanitizer) * (is_puzzle(variant.target) ? 0.25 : 1.0);
        plan.push_back({{variant.target, variant.variant, std::string(engine), std::string(sanitizer)},
                        variant.expect != "ok",
                        weight,
                        rank_of(variant, number)});
      }
    }
  }
  if (plan.empty())
    return failure("choose the targets", "", "nothing is left to be fuzzed; the canary's target alone is not");
  std::ranges::sort(plan, {}, [](const PlannedCampaign& planned) { return std::tie(planned.rank, planned.key); });
  return plan;
}

}  // namespace gridlock::campaign
