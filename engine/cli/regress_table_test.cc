#include "engine/cli/regress_table.h"

#include <gtest/gtest.h>

namespace gridlock {
namespace {

constexpr std::string_view kFlavours[] = {"plain", "tsan", "asan"};

ReplayRow row(std::string file, std::string variant, std::string_view flavour, VerdictKind seen = VerdictKind::kHang) {
  ReplayRow row;
  row.file = "corpus/lock/" + std::move(file) + ".repro";
  row.target = "lock";
  row.variant = std::move(variant);
  row.flavour = flavour;
  row.expected = VerdictKind::kHang;
  row.seen.kind = seen;
  row.times = 1;
  row.as_expected = seen == VerdictKind::kHang ? 1 : 0;
  return row;
}

TEST(RegressTable, HasALineForEachExpectationAndAColumnForEachFlavour) {
  const std::vector<ReplayRow> rows = {row("a", "broken", "plain"), row("a", "broken", "tsan", VerdictKind::kOk),
                                       row("a", "worse", "plain"), row("b", "broken", "asan")};
  EXPECT_EQ(regress_table(rows, kFlavours),
            "target and repro  variant  expected  plain  tsan  asan\n"
            "lock\n"
            "  a               broken   hang      ok     FAIL  -\n"
            "                  worse    hang      ok     -     -\n"
            "  b               broken   hang      -      -     ok\n");
}

TEST(RegressTable, ALongNameKeepsItsEndsAndTheTableItsWidth) {
  const std::string name = "deadlock-irq-xen_poll_irq-xen_spin_lock_slow-994b8e44";
  const std::vector<ReplayRow> rows = {row(name, std::string(40, 'v'), "plain", VerdictKind::kMemoryError)};
  const std::string table = regress_table(rows, kFlavours);
  EXPECT_NE(table.find("deadlock-ir"), std::string::npos);
  EXPECT_NE(table.find("94b8e44 "), std::string::npos);
  for (std::size_t at = 0; at < table.size(); at = table.find('\n', at) + 1) EXPECT_LE(table.find('\n', at) - at, 80u);
}

TEST(RegressTable, AFailureTellsHowToSeeItAgain) {
  const std::vector<ReplayRow> rows = {row("a", "broken", "plain"), row("a", "broken", "tsan", VerdictKind::kOk)};
  EXPECT_EQ(regress_failures(rows),
            "FAIL in tsan: corpus/lock/a.repro broken: expected hang, got ok (0 of 1 runs as expected)\n"
            "  again      gridlock replay corpus/lock/a.repro --variant broken --sanitizer thread\n");
}

TEST(RegressTable, TheSummaryCountsByFlavour) {
  const std::vector<ReplayRow> rows = {row("a", "broken", "plain"), row("a", "broken", "tsan", VerdictKind::kOk)};
  EXPECT_EQ(regress_summary(rows, kFlavours, 1),
            "1 repro, 1 of 2 expectations hold: plain 1 of 1, tsan 0 of 1, asan 0 of 0\n");
}

}  // namespace
}  // namespace gridlock
