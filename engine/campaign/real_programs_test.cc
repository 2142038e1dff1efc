// The campaigns with Gridlock's real programs, those of the build tree. GRIDLOCK_PROGRAMS names another folder.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "engine/campaign/campaign_fixture.h"
#include "engine/campaign/corpus_care.h"
#include "engine/campaign/programs.h"

namespace gridlock::campaign {
namespace {

using ::testing::Contains;
using ::testing::Eq;
using ::testing::Field;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::SizeIs;

std::filesystem::path real_programs() {
  const char* const asked = std::getenv("GRIDLOCK_PROGRAMS");
  return asked != nullptr ? asked : GRIDLOCK_REAL_PROGRAMS;
}

class RealPrograms : public CampaignFixture {};

TEST_F(RealPrograms, AreFoundAndListed) {
  EXPECT_THAT(must(programs_digest(real_programs())), SizeIs(64));
  const auto variants = must(list_targets(real_programs(), clock_));
  EXPECT_THAT(variants, SizeIs(Ge(100)));
  EXPECT_THAT(variants, Contains(Field(&store::TargetVariant::target, Eq(kCanaryTarget))));
}

TEST_F(RealPrograms, ABugIsFoundMinimizedReplayedTriedElsewhereAndExplained) {
  OrchestratorOptions options;
  options.loop.programs = real_programs();
  options.filter = {.targets = {"demo-overflow/index"}, .engines = {"builtin"}};
  options.build_digest = "digest";
  const auto orchestrator = must(Orchestrator::create(*store_, metrics_, clock_, announce(), options));
  orchestrator->start();
  EXPECT_TRUE(eventually([&] {
    const auto found = findings();
    return found.size() >= 2 && std::ranges::all_of(found, &store::Finding::triaged);
  })) << "the bug and the canary";
  EXPECT_TRUE(eventually([&] { return orchestrator->status().canary.last_found.has_value(); }));
  orchestrator->stop();
  const auto page = must(store_->findings({.target = "demo-overflow"}));
  ASSERT_THAT(page.findings, SizeIs(1));
  const auto& finding = page.findings.front();
  EXPECT_THAT(finding.signature, Eq("memory-error out-of-bounds: push"));
  EXPECT_THAT(finding.verdict, Eq(VerdictKind::kMemoryError));
  EXPECT_THAT(finding.title, HasSubstr("push"));
  EXPECT_THAT(finding.reproduced, Eq(kReplays));
  EXPECT_THAT(finding.decisions, Le(2U));
  EXPECT_THAT(finding.decisions_as_found, Ge(finding.decisions));
  EXPECT_THAT(must(store_->blob(finding.text)), HasSubstr("push"));
  EXPECT_THAT(must(store_->blob(finding.perfetto)), HasSubstr("traceEvents"));
  const auto tests = must(store_->tests(finding.id));
  for (const char* sanitizer : {"none", "thread", "address"}) {
    EXPECT_TRUE(std::ranges::any_of(tests, [&](const store::ReproTest& test) {
      return test.variant == "index" && test.sanitizer == sanitizer && test.same == test.replays;
    })) << sanitizer;
  }
  EXPECT_TRUE(std::ranges::any_of(tests, [](const store::ReproTest& test) {
    return test.variant == "bounded" && test.verdict == VerdictKind::kOk;
  }));
}

TEST_F(RealPrograms, PruningKeepsWhatBringsFeaturesAndFindingsAndTakesCopies) {
  const Tool tool(real_programs(), clock_, data().temporary());
  must(make_folder(data().temporary()));
  must(make_folder(data().corpus("mcs-lock")));
  const auto end = must(tool.run({"fuzz", "mcs-lock", "--variant", "mcs", "--runs", "300", "--corpus",
                                  data().corpus("mcs-lock").string(), "--out", (folder_.path() / "out").string()},
                                 std::stop_token()));
  ASSERT_THAT(end.end.exit_code(), Eq(0)) << end.errors;
  CorpusCare care(*store_, metrics_, data(), tool);
  const std::size_t before = must(care.index("mcs-lock"));
  ASSERT_THAT(before, Ge(3U));
  // Copies that bring nothing, and one that a finding left.
  const auto entries = must(store_->corpus("mcs-lock", 1000));
  const auto first = must(read_bounded(data().corpus("mcs-lock") / entries.front().name, 1 << 20));
  const std::string padded = first + std::string(64, '\0');
  for (char name = 'a'; name <= 'f'; ++name) {
    must(write_whole(data().corpus("mcs-lock") / (std::string(32, name) + ".input"), padded + name));
  }
  must(write_whole(data().corpus("mcs-lock") / "hang-somewhere-0123abcd.input", padded));
  const auto report = must(care.prune("mcs-lock", {"mcs"}, std::stop_token()));
  EXPECT_THAT(report.before, Eq(before + 7));
  EXPECT_THAT(report.after, Le(before + 1));
  EXPECT_THAT(report.after, Ge(2U));
  EXPECT_TRUE(std::filesystem::exists(data().corpus("mcs-lock") / "hang-somewhere-0123abcd.input"));
  EXPECT_THAT(must(store_->corpora()).front().entries, Eq(report.after));
  const auto again = must(care.prune("mcs-lock", {"mcs"}, std::stop_token()));
  EXPECT_THAT(again.after, Eq(again.before)) << "what is left is needed";
}

// The corpus of a target is of all its variants: what is worth keeping in one shows the bug of another.
TEST_F(RealPrograms, PruningKeepsWhatShowsABugToo) {
  const Tool tool(real_programs(), clock_, data().temporary());
  must(make_folder(data().temporary()));
  must(make_folder(data().corpus("demo-race-orders")));
  const auto out = folder_.path() / "out";
  const auto end = must(
      tool.run({"fuzz", "demo-race-orders", "--variant", "write-write", "--out", out.string()}, std::stop_token()));
  ASSERT_THAT(end.end.exit_code(), Eq(1)) << end.errors;
  for (const auto& file : std::filesystem::directory_iterator(out / "demo-race-orders")) {
    if (file.path().extension() != ".input") continue;
    std::filesystem::copy_file(file, data().corpus("demo-race-orders") / (std::string(32, 'a') + ".input"));
  }
  CorpusCare care(*store_, metrics_, data(), tool);
  const auto report = must(care.prune("demo-race-orders", {"write-write"}, std::stop_token()));
  EXPECT_THAT(report.before, Eq(1U));
  EXPECT_THAT(report.after, Eq(1U));
}

// Fuzzers go on while a corpus is pruned, and take away what a smaller entry makes superfluous.
TEST_F(RealPrograms, PruningEndsWellThoughEntriesGoMeanwhile) {
  const Tool tool(real_programs(), clock_, data().temporary());
  const auto corpus = data().corpus("mcs-lock");
  must(make_folder(data().temporary()));
  must(make_folder(corpus));
  constexpr int kEntries = 2000;
  for (int number = 0; number < kEntries; ++number) {
    std::ofstream(corpus / fmt::format("{:032x}.input", number)) << number;
  }
  CorpusCare care(*store_, metrics_, data(), tool);
  const std::jthread fuzzer([&](const std::stop_token& stop) {
    // Once this is there the merge has its list of what to look at.
    while (!stop.stop_requested() && !std::filesystem::exists(data().work() / "merge" / "control")) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    for (int number = 0; number < kEntries; number += 2) {
      std::filesystem::remove(corpus / fmt::format("{:032x}.input", number));
    }
  });
  const auto report = must(care.prune("mcs-lock", {"mcs"}, std::stop_token()));
  EXPECT_THAT(report.before, Eq(std::size_t{kEntries}));
  // What it would have kept may be among those that went.
  EXPECT_THAT(report.after, Le(std::size_t{kEntries / 2}));
  EXPECT_THAT(must(store_->corpus("mcs-lock", kEntries)), SizeIs(report.after));
}

}  // namespace
}  // namespace gridlock::campaign
