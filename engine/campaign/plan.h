// Which campaigns there are: every variant of every target, broken and correct, by every engine and in every flavour.
// Correct variants are where new bugs are found; known-broken ones show that the service still finds what it did.
//
// May include: base, model, store (records). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/error.h"
#include "engine/store/records.h"

namespace gridlock::campaign {

// What is fuzzed how: the identity of a campaign.
struct CampaignKey {
  std::string target;
  std::string variant;
  std::string engine;
  std::string sanitizer;
  auto operator<=>(const CampaignKey&) const = default;
};

struct PlannedCampaign {
  CampaignKey key;
  bool known_broken = false;  // the target's table says that a bug is there
  double weight = 1;          // of its share of time, unless a person says otherwise
  // The first pass over the campaigns goes by rank: what shows most soonest.
  std::uint32_t rank = 0;
};

// The target that always has a bug: nothing but the canary fuzzes it (canary.h), and what is found in it is no news.
inline constexpr std::string_view kCanaryTarget = "demo-deadlock";
inline constexpr std::string_view kCanaryVariant = "mutex";

inline constexpr std::string_view kEngines[] = {"builtin", "libfuzzer", "afl"};
inline constexpr std::string_view kSanitizers[] = {"none", "thread", "address"};

inline constexpr std::size_t kVariantsMax = 10'000;

// The last line of `gridlock targets --json`. ERRORS: it is no such document; more than kVariantsMax variants.
[[nodiscard]] Result<std::vector<store::TargetVariant>> parse_targets(std::string_view json);

struct PlanFilter {
  std::vector<std::string> targets;  // "xen-pv-spinlock", or "xen-pv-spinlock/kick-first"; empty: all
  std::vector<std::string> engines;  // empty: all
};

// By rank. ERRORS: a filter names what is not there (with what there is); nothing is left.
[[nodiscard]] Result<std::vector<PlannedCampaign>> plan_campaigns(const std::vector<store::TargetVariant>& variants,
                                                                  const PlanFilter& filter);

}  // namespace gridlock::campaign
