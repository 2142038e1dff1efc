#include "engine/cli/supervisor.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "engine/cli/fake_machine.h"
#include "engine/cli/input_file.h"
#include "engine/cli/wire.h"
#include "engine/decode/decode.h"

namespace gridlock {
namespace {

class SupervisorTest : public testing::Test {
 protected:
  SupervisorTest() {
    std::string path = testing::TempDir() + "gridlock-fuzz-XXXXXX";
    options_.out = ::mkdtemp(path.data());
    options_.target = "fake";
    options_.runs = 100'000;  // a test that finds nothing ends
    std::filesystem::create_directories(options_.out + "/fake");
    limit_operations(1 + FakeMachine::kStick);
  }
  ~SupervisorTest() override { std::filesystem::remove_all(options_.out); }

  void limit_operations(std::uint32_t operations) { bench_.target = fake_target(operations); }

  struct Ended {
    std::vector<ReportedFinding> findings;
    FuzzTotals totals;
  };
  Ended fuzz(std::uint32_t variant = 0, std::vector<Scenario> corpus = {}) {
    auto launcher =
        BuiltinLauncher::create(bench_.tools(), bench_.target, variant, options_, std::move(corpus)).value();
    return fuzz_with(launcher, variant);
  }
  Ended fuzz_with(Launcher& launcher, std::uint32_t variant = 0) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    Supervisor supervisor(bench_.tools(), bench_.target, variant, options_, launcher, *bench_.page, status_);
    const auto ran = supervisor.run();
    told_ = testing::internal::GetCapturedStdout();
    testing::internal::GetCapturedStderr();
    EXPECT_TRUE(ran.has_value());
    return {supervisor.findings(), supervisor.totals()};
  }

  FakeBench bench_;
  FuzzOptions options_;
  StatusWriter* status_ = nullptr;
  std::string told_;
};

TEST_F(SupervisorTest, FindsMinimizesAndWritesAHang) {
  const Ended ended = fuzz();
  ASSERT_EQ(ended.findings.size(), 1u);
  const ReportedFinding& finding = ended.findings.front();
  EXPECT_EQ(finding.verdict.signature, "hang: f1<f2");
  EXPECT_EQ(finding.directives, 1u);
  EXPECT_EQ(finding.reproduced, 100u);
  EXPECT_NE(told_.find("hang: f1<f2"), std::string::npos);

  const auto input = load_input(finding.repro, "", {&bench_.target, 1});
  ASSERT_TRUE(input.has_value());
  EXPECT_EQ(input->repro.signature, "hang: f1<f2");
  EXPECT_EQ(input->repro.expectations,
            (std::vector<Expectation>{{"broken", VerdictKind::kHang}, {"fixed", VerdictKind::kOk}}));
  EXPECT_EQ(input->repro.site_hints, std::vector<std::string>{"f101 (fake.c:101)"});
  EXPECT_TRUE(std::filesystem::exists(std::filesystem::path(finding.repro).replace_extension(".input")));
}

TEST_F(SupervisorTest, EveryStrategyFindsIt) {
  for (const char* strategy : {"directed", "random", "pct", "pos"}) {
    options_.strategy = strategy;
    EXPECT_EQ(fuzz().findings.size(), 1u) << strategy;
  }
}

TEST_F(SupervisorTest, TheSameSeedFindsItInTheSameRun) {
  options_.seed = 11;
  const Ended first = fuzz();
  const Ended second = fuzz();
  ASSERT_EQ(first.findings.size(), 1u);
  ASSERT_EQ(second.findings.size(), 1u);
  EXPECT_EQ(first.findings[0].runs_to_find, second.findings[0].runs_to_find);
  EXPECT_EQ(first.totals.runs, second.totals.runs);
  EXPECT_EQ(first.totals.points, second.totals.points);
}

TEST_F(SupervisorTest, RunsAreExactWithAnyNumberOfJobs) {
  for (const std::uint32_t jobs : {1u, 2u, 3u}) {
    options_.jobs = jobs;
    options_.runs = 1001;
    EXPECT_EQ(fuzz(1).totals.runs, 1001u) << jobs;
  }
}

TEST_F(SupervisorTest, NothingIsFoundInTheFixedVariant) {
  options_.runs = 5000;
  const Ended ended = fuzz(1);
  EXPECT_TRUE(ended.findings.empty());
  EXPECT_EQ(ended.totals.unconfirmed, 0u);
}

TEST_F(SupervisorTest, WithoutALimitOnFindingsTheBudgetIsUsedUpAndEachBugToldOnce) {
  limit_operations(1 + FakeMachine::kCrash);
  options_.max_findings = 0;
  options_.runs = 3000;
  const Ended ended = fuzz();
  EXPECT_EQ(ended.totals.runs, 3000u);
  ASSERT_EQ(ended.findings.size(), 2u);
  EXPECT_NE(ended.findings[0].verdict.kind, ended.findings[1].verdict.kind);
}

TEST_F(SupervisorTest, ACrashIsAFindingAndTheWorkerGoesOn) {
  limit_operations(1 + FakeMachine::kCrash);
  for (const char* strategy : {"directed", "random"}) {
    options_.strategy = strategy;
    options_.max_findings = 2;
    const Ended ended = fuzz();
    ASSERT_EQ(ended.findings.size(), 2u);
    const bool crash_first = ended.findings[0].verdict.kind == VerdictKind::kCrash;
    EXPECT_EQ(ended.findings[crash_first ? 0 : 1].directives, 1u) << "minimal although the process died";
    EXPECT_EQ(ended.findings[crash_first ? 0 : 1].reproduced, 100u);
  }
}

TEST_F(SupervisorTest, TheCorpusIsRunFirstAndAddedTo) {
  options_.corpus = options_.out + "/corpus";
  std::filesystem::create_directories(options_.corpus);
  const Ended ended = fuzz(0, {fake_scenario(FakeMachine::kStick)});
  ASSERT_EQ(ended.findings.size(), 1u);
  EXPECT_EQ(ended.findings[0].runs_to_find, 1u);
  const auto corpus = load_corpus(options_.corpus, bench_.target);
  ASSERT_TRUE(corpus.has_value());
  EXPECT_EQ(corpus->size(), 1u);
}

TEST_F(SupervisorTest, ACorpusEntryThatCrashesIsNotRunForEver) {
  limit_operations(1 + FakeMachine::kCrash);
  options_.max_findings = 0;
  options_.runs = 500;
  const Ended ended = fuzz(0, {fake_scenario(FakeMachine::kCrash), fake_scenario(FakeMachine::kStick)});
  EXPECT_EQ(ended.totals.runs, 500u);
  EXPECT_EQ(ended.findings.size(), 2u);
}

// Stands for a fuzzer with a driver of its own (engine/cli/fuzz_driver.h): one process that says what it is told to
// say, and ends once it has its answer.
class DriverLauncher final : public Launcher {
 public:
  DriverLauncher(std::vector<std::uint8_t> input, nlohmann::json message, std::string report = "")
      : input_(std::move(input)), message_(std::move(message)), report_(std::move(report)) {}

  Result<ChildProcess> launch(WorkerIdentity, SharedRunPage& page, const KnownBugs&) override {
    return ChildProcess::start([&](const Channel& channel) {
      publish_run(*page, input_, Decider::kInput);
      count(page->runs);
      report_.copy(page->crash.what, sizeof page->crash.what - 1);
      channel.send(message_);
      channel.wait_for_reply();
    });
  }
  Result<void> tell(const KnownBugs& known) override {
    told = known.to_text();
    return {};
  }
  Result<void> gather() override {
    ++gathered;
    return {};
  }

  std::chrono::milliseconds gather_interval() const override { return interval; }

  std::string told;
  int gathered = 0;
  std::chrono::milliseconds interval = std::chrono::hours(1);

 private:
  std::vector<std::uint8_t> input_;
  nlohmann::json message_;
  std::string report_;  // of the crash that it says it died of
};

TEST_F(SupervisorTest, ADriverThatWaitsWithABugIsAnsweredOnceTheBugIsKnown) {
  const auto input = encode(fake_scenario(FakeMachine::kStick), bench_.target.schema);
  const Verdict verdict{VerdictKind::kHang, "hang: f1<f2", ""};
  DriverLauncher launcher(input, {{"bug", to_message(verdict)}, {"input", to_message(input)}});
  const Ended ended = fuzz_with(launcher);
  ASSERT_EQ(ended.findings.size(), 1u);
  EXPECT_EQ(ended.findings[0].verdict.signature, "hang: f1<f2");
  EXPECT_NE(launcher.told.find("hang: f1<f2"), std::string::npos);
  EXPECT_EQ(launcher.gathered, 1);
}

TEST_F(SupervisorTest, WhatWorkersGatherIsAskedForWhileTheyRun) {
  const auto input = encode(fake_scenario(FakeMachine::kStick), bench_.target.schema);
  const Verdict verdict{VerdictKind::kHang, "hang: f1<f2", ""};
  DriverLauncher launcher(input, {{"bug", to_message(verdict)}, {"input", to_message(input)}});
  launcher.interval = {};
  static_cast<void>(fuzz_with(launcher));
  EXPECT_GT(launcher.gathered, 1);
}

TEST_F(SupervisorTest, ADriverThatDiedInARunIsAFindingToo) {
  limit_operations(1 + FakeMachine::kCrash);
  DriverLauncher launcher(encode(fake_scenario(FakeMachine::kCrash), bench_.target.schema), {{"died", true}});
  const Ended ended = fuzz_with(launcher);
  ASSERT_EQ(ended.findings.size(), 1u);
  EXPECT_EQ(ended.findings[0].verdict.kind, VerdictKind::kCrash);
}

TEST_F(SupervisorTest, ADriverThatSomebodyElseKilledIsNoFinding) {
  DriverLauncher launcher(encode(fake_scenario(FakeMachine::kWork), bench_.target.schema), {{"died", true}});
  const Ended ended = fuzz_with(launcher);
  EXPECT_TRUE(ended.findings.empty());
  EXPECT_EQ(ended.totals.unconfirmed, 0u);
}

TEST_F(SupervisorTest, ACrashThatADriverReportedAndThatDoesNotComeAgainIsASuspicion) {
  DriverLauncher launcher(encode(fake_scenario(FakeMachine::kWork), bench_.target.schema), {{"died", true}}, "SIGSEGV");
  const Ended ended = fuzz_with(launcher);
  EXPECT_TRUE(ended.findings.empty());
  EXPECT_EQ(ended.totals.unconfirmed, 1u);
}

TEST_F(SupervisorTest, TheStatusPageSaysInTheEndWhatTheTotalsSay) {
  const std::string path = options_.out + "/page";
  std::ofstream(path).close();
  std::filesystem::resize_file(path, sizeof(StatusPage));
  auto status = StatusWriter::open(path, "").value();
  status_ = &status;
  limit_operations(1 + FakeMachine::kCrash);
  options_.max_findings = 0;
  options_.runs = 2000;
  options_.jobs = 2;
  const Ended ended = fuzz();
  StatusPage shown;
  std::ifstream(path, std::ios::binary).read(reinterpret_cast<char*>(&shown), sizeof shown);
  EXPECT_EQ(shown.magic.load(), kStatusPageMagic);
  EXPECT_GT(shown.heartbeat.load(), 0u);
  EXPECT_EQ(shown.runs.load(), 2000u);
  EXPECT_EQ(shown.points.load(), ended.totals.points);
  EXPECT_EQ(shown.unconfirmed.load(), ended.totals.unconfirmed);
  EXPECT_EQ(shown.findings.load(), ended.findings.size());
  EXPECT_EQ(shown.workers_up.load(), 0u);
  EXPECT_GT(shown.worker_restarts.load(), 0u);  // each crash ends a worker
  std::uint64_t ended_runs = 0;
  for (const auto& bucket : shown.run_points_buckets) ended_runs += bucket.load();
  EXPECT_EQ(ended_runs + shown.worker_restarts.load(), 2000u);
}

TEST_F(SupervisorTest, SharesOfRunsAddUp) {
  for (const std::uint64_t runs : {1u, 2u, 7u, 1000u}) {
    for (const std::uint32_t jobs : {1u, 3u, 8u}) {
      std::uint64_t sum = 0;
      for (std::uint32_t worker = 0; worker < jobs; ++worker) sum += share_of_runs(runs, jobs, worker);
      EXPECT_EQ(sum, runs);
    }
  }
}

}  // namespace
}  // namespace gridlock
