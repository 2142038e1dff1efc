// A repro as a regression test in C++, for GoogleTest: a source file of its own that holds the repro and replays it
// with the program `gridlock`, one test for each variant that the repro expects something of.
//
// May include: base, model. Pure.
#pragma once

#include <string>

#include "engine/model/finding.h"
#include "engine/model/target_schema.h"

namespace gridlock {

// REQUIRES: the repro has an expectation.
[[nodiscard]] std::string test_source(const Repro& repro, const TargetSchema& schema);

}  // namespace gridlock
