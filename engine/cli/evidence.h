// What the sanitizer that a program is linked with says of what the judge found: evidence, and it can be missing.
// ThreadSanitizer forgets accesses and knows no fences, so it sees a race in k of n runs; AddressSanitizer is asked
// about the bytes of a memory error in the arena, which the engine finds before it can.
//
// May include: base, model, judge.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "engine/model/run_view.h"
#include "engine/model/verdict.h"

namespace gridlock {

// Of one run.
struct Evidence {
  bool agrees = false;
  // Its own call chains, a line each with frame #0 first, where they differ from the judge's; else empty.
  std::string frames;
  bool operator==(const Evidence&) const = default;
};

// Of the runs that confirm a finding.
struct EvidenceCount {
  std::optional<std::uint32_t> reports;  // runs in which it agreed; nothing if no sanitizer here looks for such a bug
  std::string frames;                    // of the first run in which they differed
  void add(const std::optional<Evidence>& evidence);
  void add(const EvidenceCount& other);
  bool operator==(const EvidenceCount&) const = default;
};

// Nothing if the sanitizer of this flavour ("plain", "tsan", "asan") does not look for what ended the run.
[[nodiscard]] std::optional<Evidence> evidence_of(const RunView& run, const SiteNames& names, std::string_view flavour);

// "ThreadSanitizer reports it in 98 of 100 runs", with its frames below, each line behind `indent` blanks; empty if no
// sanitizer here looks for it.
[[nodiscard]] std::string describe(const EvidenceCount& evidence, VerdictKind kind, std::uint32_t runs,
                                   std::size_t indent);

[[nodiscard]] nlohmann::json to_message(const EvidenceCount& evidence);
[[nodiscard]] EvidenceCount evidence_from_message(const nlohmann::json& message);

}  // namespace gridlock
