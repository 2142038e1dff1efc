// What can be read from a repro's text without the tables of its target, which only the `gridlock` programs hold: its
// name, signature, expectations, and how many decisions it has. Whether the rest is legal, `gridlock replay` says.
//
// May include: base, model. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/error.h"
#include "engine/model/finding.h"

namespace gridlock::campaign {

// Of the scenario in a repro.
struct DecisionCounts {
  std::uint32_t cpus = 0;
  std::uint32_t preemptions = 0;
  std::uint32_t interrupts = 0;
  std::uint32_t migrations = 0;
  std::uint32_t decisions = 0;  // directives in all: deferrals too
  bool operator==(const DecisionCounts&) const = default;
};

struct ReproHead {
  std::string target;
  std::string signature;
  std::vector<Expectation> expectations;
  DecisionCounts counts;
  // What the file says of `variant`; if it is no bug there or nothing is said, its first bug.
  // ENSURES: a bug, if it is a head that read_repro_head gave.
  [[nodiscard]] Expectation bug_in(std::string_view variant) const;
};

// `path` is used in errors only. ERRORS: another version, bytes that are no text, no target, no signature, no
// expectation that is a bug; too long.
[[nodiscard]] Result<ReproHead> read_repro_head(std::string_view text, std::string_view path);

}  // namespace gridlock::campaign
