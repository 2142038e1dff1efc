// Store: tests of repros, and the regression state that they make.
//
// May include: base, model.
#include <fmt/format.h>

#include "engine/store/regression_state.h"
#include "engine/store/store_impl.h"

namespace gridlock::store {
namespace {

// Builds of one finding's history: the newest.
constexpr std::uint32_t kBuildsMax = 1'000;

ReproTest test_of(Row& row) {
  return {.build = row.take<BuildId>(),
          .variant = row.take<std::string>(),
          .sanitizer = row.take<std::string>(),
          .verdict = row.take<VerdictKind>(),
          .signature = row.take<std::string>(),
          .same = row.take<std::uint32_t>(),
          .replays = row.take<std::uint32_t>(),
          .sanitizer_report = row.take<std::string>(),
          .time = row.take<UnixMs>()};
}

// A flavour's newest replays of the finding's own variant, or, without a sanitizer's name, a build that saw the bug.
struct Evidence {
  BuildId build;
  bool is_sighted = false;
  FlavourReplays replays;
};

std::vector<Evidence> evidence_of(Connection& connection, FindingId finding) {
  return connection.rows(
      [](Row& row) {
        return Evidence{.build = row.take<BuildId>(),
                        .is_sighted = row.take<bool>(),
                        .replays = {.same = row.take<std::uint32_t>(), .replays = row.take<std::uint32_t>()}};
      },
      // With max(), SQLite takes the other columns from the row that has it.
      "SELECT * FROM ("
      " SELECT t.build AS build, 0, t.same, t.replays FROM finding f"
      "  JOIN (SELECT max(id) AS id, build, same, replays, variant, finding FROM repro_test WHERE finding = ?1"
      "        GROUP BY build, variant, sanitizer) t ON t.finding = f.id"
      "  WHERE f.id = ?1 AND t.variant = f.variant AND t.build >= f.first_build"
      " UNION ALL"
      " SELECT DISTINCT c.build, 1, 0, 0 FROM sighting_count c WHERE c.finding = ?1"
      ") ORDER BY build DESC LIMIT ?2",
      finding, kBuildsMax);
}

}  // namespace

RegressionState bring_regression_along(Connection& connection, FindingId finding) {
  std::vector<Evidence> newest_first = evidence_of(connection, finding);
  std::vector<BuildHistory> builds;
  for (auto each = newest_first.rbegin(); each != newest_first.rend(); ++each) {
    if (builds.empty() || builds.back().build != each->build) builds.push_back({.build = each->build});
    builds.back().is_sighted |= each->is_sighted;
    if (!each->is_sighted) builds.back().flavours.push_back(each->replays);
  }
  const RegressionState state = regression_state(builds);
  connection.run("UPDATE finding SET regression = ?2 WHERE id = ?1 AND regression <> ?2", finding, state);
  return state;
}

Result<RegressionState> Store::record_test(FindingId finding, const ReproTest& test) {
  return impl_->write("record the test of a repro", [&](Connection& connection) {
    for (const std::string_view word :
         {std::string_view(test.variant), std::string_view(test.sanitizer), std::string_view(test.signature)}) {
      check_length("a word of the test", word.size(), kNameBytesMax);
    }
    connection.run("UPDATE finding SET tested_build = ?2 WHERE id = ?1", finding, test.build);
    if (connection.changed_rows() == 0) {
      refuse(fmt::format("finding {}", finding.value()), "there is no such finding");
    }
    connection.run(
        "INSERT INTO repro_test (finding, build, variant, sanitizer, verdict, signature, same, replays, time,"
        " sanitizer_report) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        finding, test.build, test.variant, test.sanitizer, test.verdict, test.signature, test.same, test.replays,
        test.time, cut(test.sanitizer_report, kSanitizerReportMax));
    return bring_regression_along(connection, finding);
  });
}

Result<std::vector<ReproTest>> Store::tests(FindingId finding) const {
  return impl_->read("list the tests of a repro", [&](Connection& connection) {
    return connection.rows(test_of,
                           "SELECT build, variant, sanitizer, verdict, signature, same, replays, sanitizer_report, time"
                           " FROM repro_test WHERE finding = ?1 ORDER BY id DESC LIMIT ?2",
                           finding, kTestsMax);
  });
}

Result<std::vector<Finding>> Store::not_tested_with(BuildId build, std::uint32_t limit) const {
  return impl_->read("list the findings to test", [&](Connection& connection) {
    return connection.rows(finding_of,
                           "SELECT " GRIDLOCK_FINDING_COLUMNS
                           " FROM (SELECT id FROM finding WHERE repro <> '' AND tested_build < ?1"
                           " UNION ALL SELECT id FROM finding WHERE repro <> '' AND tested_build > ?1 LIMIT ?2) other"
                           " JOIN finding f ON f.id = other.id ORDER BY f.id LIMIT ?2",
                           build, std::min(limit, kRowsMax));
  });
}

}  // namespace gridlock::store
