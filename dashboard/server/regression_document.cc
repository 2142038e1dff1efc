#include "dashboard/server/regression_document.h"

#include <set>
#include <string>
#include <utility>

#include "engine/model/verdict.h"

namespace gridlock::dashboard {
namespace {

std::vector<store::ReproTest> newest_of(const RegressionRow& row, store::BuildId build) {
  std::vector<store::ReproTest> newest;
  std::set<std::pair<std::string_view, std::string_view>> there;
  for (const store::ReproTest& test : row.tests) {
    if (test.build == build && there.insert({test.variant, test.sanitizer}).second) newest.push_back(test);
  }
  return newest;
}

Json cell(const RegressionRow& row, const store::Build& build) {
  const std::vector<store::ReproTest> newest = newest_of(row, build.id);
  Json results = Json::array();
  for (const store::ReproTest& test : newest) {
    results.push_back({{"variant", test.variant},
                       {"sanitizer", test.sanitizer},
                       {"verdict", verdict_name(test.verdict)},
                       {"same", test.same},
                       {"replays", test.replays}});
  }
  return {{"build_digest", build.digest},
          {"results", std::move(results)},
          {"state", cell_state(newest, row.finding.variant)}};
}

}  // namespace

std::string_view cell_state(std::span<const store::ReproTest> newest, std::string_view variant) {
  bool any_same = false;
  bool any_other = false;
  for (const store::ReproTest& test : newest) {
    if (test.variant != variant) continue;
    any_same = any_same || test.same > 0;
    any_other = any_other || test.same < test.replays;
  }
  if (any_same && any_other) return "flaky";
  if (any_same) return "fails";
  return any_other ? "passes" : "untested";
}

Json regression_row(const RegressionRow& row, std::span<const store::Build> builds) {
  Json cells = Json::array();
  for (const store::Build& build : builds) cells.push_back(cell(row, build));
  return {{"finding", finding_row(row.finding)}, {"cells", std::move(cells)}};
}

}  // namespace gridlock::dashboard
