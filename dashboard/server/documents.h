// The parts that answers are made of: records in, JSON out. docs: dashboard/openapi.json says what each member is.
//
// Text of findings, notes and reports is whatever fuzzed code and people wrote; it goes into JSON strings as it is, and
// what is no UTF-8 in it is replaced when a document is printed.
//
// Pure. May include: model, store.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dashboard/server/live_status.h"
#include "engine/store/records.h"

namespace gridlock::dashboard {

using Json = nlohmann::json;

// One line of UTF-8, whatever the strings in it are.
[[nodiscard]] std::string print(const Json& document);
// The document, an object, with one more member whose value is JSON text already.
[[nodiscard]] std::string print_with(const Json& object, std::string_view member, std::string_view json);

// A time; null for 0, which stands for never.
[[nodiscard]] Json time_or_null(store::UnixMs time);

[[nodiscard]] Json finding_row(const store::Finding& finding);
[[nodiscard]] Json finding_rows(std::span<const store::Finding> findings);
[[nodiscard]] Json build_document(const store::Build& build);
[[nodiscard]] Json note_document(const store::Note& note);
[[nodiscard]] Json campaign_document(const store::Campaign& campaign, std::span<const store::Stint> stints);
[[nodiscard]] Json corpus_summary(const store::CorpusSummary& corpus);
[[nodiscard]] Json corpus_entry(const store::CorpusEntry& entry);

[[nodiscard]] Json workers_document(std::span<const LiveWorker> workers);
[[nodiscard]] Json canary_document(const LiveCanary& canary, store::UnixMs now);
// Open findings by state; canaries are left out.
[[nodiscard]] Json open_document(std::span<const store::FindingCount> counts);
// The names in use: {"verdicts": [...], "targets": [...], "states": [...]}, sorted.
[[nodiscard]] Json facets_document(std::span<const store::FindingCount> counts);

// [[time, features, runs], ...], thinned out evenly to kFeatureSamplesMax with the last one kept.
[[nodiscard]] Json samples_document(std::span<const store::FeatureSample> samples);

// What is known of each target, summed over its campaigns.
struct TargetSums {
  std::vector<store::TargetVariant> variants;
  std::uint64_t runs = 0;
  std::uint64_t features = 0;
  std::uint64_t open_findings = 0;
  store::UnixMs last_run = 0;
  store::UnixMs last_new_feature = 0;
};
[[nodiscard]] std::map<std::string, TargetSums> sum_targets(std::span<const store::TargetVariant> variants,
                                                            std::span<const store::Campaign> campaigns,
                                                            std::span<const store::FindingCount> counts);
// A row of the overview; `runs_per_second` and `summary` are of the moment.
[[nodiscard]] Json target_row(const std::string& name, const TargetSums& sums, double runs_per_second,
                              std::string_view summary);
[[nodiscard]] Json variants_document(std::span<const store::TargetVariant> variants);

// "40 s", "12 min", "3 h", "2 days".
[[nodiscard]] std::string duration_words(std::int64_t seconds);

}  // namespace gridlock::dashboard
