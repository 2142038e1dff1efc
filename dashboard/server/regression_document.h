// The matrix of repros and builds: which repro fails with which build.
//
// Pure. May include: model, store.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "dashboard/server/documents.h"
#include "engine/store/records.h"

namespace gridlock::dashboard {

struct RegressionRow {
  store::Finding finding;
  std::vector<store::ReproTest> tests;  // newest first
};

// One cell a build, in the order of `builds`. Of the tests with one build, variant and sanitizer the newest counts.
[[nodiscard]] Json regression_row(const RegressionRow& row, std::span<const store::Build> builds);

// What the newest tests of one build say of the finding in the variant that it was found in: "fails" if all replays do
// in each sanitizer, "passes" if none does, "flaky" if they differ, "untested" if there is none.
[[nodiscard]] std::string_view cell_state(std::span<const store::ReproTest> newest, std::string_view variant);

}  // namespace gridlock::dashboard
