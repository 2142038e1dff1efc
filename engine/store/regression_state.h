// What a finding's history says of its bug now. A pure rule over what each build did:
//
//   a build      fails    in one flavour every replay of the repro failed as it did when it was found; or the bug was
//                         seen by a fuzzer, and nobody has replayed the repro
//                partly   some replays failed; or none did, and a fuzzer has seen the bug in this build
//                passes   no replay failed, and nobody has seen the bug
//
//   newest build  before it, since the bug was found         state
//   fails         no build passes                            fails
//   fails         one passes                                 regressed
//   partly        one fails, and a later one passes          regressed
//   partly        otherwise                                  not-repeatable
//   passes        one fails, or partly                       fixed?
//   passes        none does                                  not-repeatable  (found, and never seen again)
//   no replays of any build                                  untested
//
// The old state is no input: it is itself made of earlier builds, and what is told of a build comes in parts, one
// flavour at a time, in any order. Only replays of the variant that it was found in count: others are meant to pass.
//
// May include: base, model.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/store/records.h"

namespace gridlock::store {

// What is known of one flavour in one build; of several tests of the same the newest.
struct FlavourReplays {
  std::uint32_t same = 0;  // of `replays`, with the finding's verdict and signature
  std::uint32_t replays = 0;
  bool operator==(const FlavourReplays&) const = default;
};

struct BuildHistory {
  BuildId build;
  bool is_sighted = false;               // a fuzzer has seen the bug in this build
  std::vector<FlavourReplays> flavours;  // those without a replay say nothing
};

// REQUIRES: `builds` in the order in which they were made; of those before the bug was found, no replays.
[[nodiscard]] RegressionState regression_state(std::span<const BuildHistory> builds);

}  // namespace gridlock::store
