#include "engine/campaign/orchestrator.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>

#include "engine/base/prng.h"
#include "engine/campaign/campaign_fixture.h"
#include "engine/campaign/process_table.h"
#include "engine/campaign/programs.h"

namespace gridlock::campaign {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::Eq;
using ::testing::Field;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::SizeIs;
using ::testing::Truly;

// Command lines of processes that work in `folder`, this one left out.
std::vector<std::string> processes_at(const std::filesystem::path& folder) {
  std::vector<std::string> found;
  std::error_code error;
  for (std::filesystem::directory_iterator entry("/proc", error), end; !error && entry != end; entry.increment(error)) {
    std::ifstream file(entry->path() / "cmdline");
    std::string line((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    std::ranges::replace(line, '\0', ' ');
    if (line.find(folder.string()) != std::string::npos) found.push_back(line);
  }
  return found;
}

OrchestratorOptions options_for(const std::filesystem::path& programs, std::vector<std::string> targets = {}) {
  OrchestratorOptions options;
  options.loop.programs = programs;
  options.loop.share.first_stint_seconds = 1;
  options.loop.share.first_rank_stint_seconds = 1;
  options.loop.share.stint_seconds_max = 2;
  options.loop.share.backoff_seconds = 1;
  options.filter.targets = std::move(targets);
  options.build_digest = "digest";
  options.version = "test";
  return options;
}

class OrchestratorTest : public CampaignFixture {
 protected:
  std::unique_ptr<Orchestrator> run(const std::string& targets, OrchestratorOptions options) {
    ::setenv("GRIDLOCK_TEST_TARGETS", targets.c_str(), 1);
    auto orchestrator = must(Orchestrator::create(*store_, metrics_, clock_, announce(), options));
    orchestrator->start();
    return orchestrator;
  }
  std::unique_ptr<Orchestrator> run(const std::string& targets) {
    return run(targets, options_for(misbehaving_programs()));
  }
  [[nodiscard]] std::vector<std::string> end_reasons(const std::string& target) const {
    std::vector<std::string> reasons;
    for (const auto& campaign : must(store_->campaigns())) {
      if (campaign.target != target) continue;
      for (const auto& stint : must(store_->stints(campaign.id, 100))) reasons.push_back(stint.end_reason);
    }
    return reasons;
  }
};

TEST_F(OrchestratorTest, FindsAnnouncesTriagesAndCountsWhatItDoes) {
  const auto orchestrator = run("finds");
  EXPECT_TRUE(eventually([&] {
    const auto found = findings();
    return found.size() >= 2 && std::ranges::all_of(found, &store::Finding::triaged);
  }));
  EXPECT_TRUE(eventually([&] { return !must(store_->corpora()).empty(); }));
  orchestrator->stop();
  EXPECT_THAT(processes_at(folder_.path()), IsEmpty());
  std::uint64_t runs = 0;
  for (const auto& campaign : must(store_->campaigns())) runs += campaign.runs;
  EXPECT_THAT(runs, Ge(20U));
  EXPECT_THAT(metrics_.render(), HasSubstr("gridlock_runs_total"));
  EXPECT_THAT(must(store_->totals()), Contains(Field(&store::MetricTotal::value, Ge(10))));
  EXPECT_THAT(end_reasons("finds"), Each(::testing::AnyOf("time", "killed")));
}

TEST_F(OrchestratorTest, KeepsAtMostSoManyChildrenAndShowsThem) {
  auto options = options_for(misbehaving_programs());
  options.loop.jobs = 3;
  const auto orchestrator = run("finds", options);
  EXPECT_TRUE(eventually([&] {
    const auto status = orchestrator->status();
    EXPECT_THAT(status.workers.size(), Le(3U));
    return std::ranges::count(status.workers, WorkerState::kRunning, &WorkerStatus::state) == 3;
  }));
  const auto status = orchestrator->status();
  EXPECT_THAT(status.workers_max, Eq(3U));
  EXPECT_THAT(status.workers, Each(Field(&WorkerStatus::pid, Ge(1))));
  EXPECT_THAT(status.loop_age, Le(kPatience));
}

TEST_F(OrchestratorTest, ChildrenThatGoWrongAreRestartedWithBackOffAndHarmNobody) {
  auto options = options_for(misbehaving_programs());
  options.loop.stint.memory_bytes = 100 << 20;
  options.loop.stint.patience.still = std::chrono::milliseconds(2000);
  options.loop.jobs = 4;
  const auto orchestrator = run("finds hangs eats babbles dies forks rubbish answers-rubbish", options);
  const auto has = [&](const std::string& target, const std::string& reason) {
    const auto reasons = end_reasons(target);
    return std::ranges::find(reasons, reason) != reasons.end();
  };
  EXPECT_TRUE(eventually([&] {
    return has("hangs", "hung") && has("eats", "memory") && has("babbles", "hung") && has("dies", "crash") &&
           has("answers-rubbish", "garbage") && has("forks", "time") && has("rubbish", "time") && !findings().empty();
  }));
  EXPECT_TRUE(eventually([&] {
    const auto status = orchestrator->status();
    return std::ranges::any_of(status.workers,
                               [](const auto& worker) { return worker.state == WorkerState::kBackingOff; });
  }));
  orchestrator->stop();
  EXPECT_THAT(processes_at(folder_.path()), IsEmpty());
  EXPECT_THAT(processes_at("sleep 987"), IsEmpty()) << "what left its group and session";
  EXPECT_THAT(findings(), Each(Field(&store::Finding::target, ::testing::AnyOf("finds", kCanaryTarget))));
  EXPECT_FALSE(std::filesystem::is_empty(data().rejected()));
}

TEST_F(OrchestratorTest, TheCanaryIsFoundAndIsNoFindingOfTheTargets) {
  const auto orchestrator = run("finds");
  EXPECT_TRUE(eventually([&] { return orchestrator->status().canary.last_found.has_value(); }));
  EXPECT_TRUE(orchestrator->status().canary.ok);
  const auto canaries = must(store_->findings({.is_canary = true})).findings;
  ASSERT_THAT(canaries, SizeIs(1));
  EXPECT_THAT(canaries.front().target, Eq(kCanaryTarget));
}

TEST_F(OrchestratorTest, AStopIsQuickThoughAChildDoesNotListen) {
  auto options = options_for(misbehaving_programs(), {"hangs"});
  options.loop.stint.stop_grace = std::chrono::milliseconds(100);
  const auto orchestrator = run("hangs", options);
  EXPECT_TRUE(eventually([&] { return !orchestrator->status().workers.empty(); }));
  orchestrator->stop();
  EXPECT_THAT(processes_at(folder_.path()), IsEmpty());
  orchestrator->stop();
}

TEST_F(OrchestratorTest, WhatADeadServerLeftInTheSpoolIsTakenIn) {
  const Spool spool = spool_of("finds");
  drop(spool, "x", repro_text("finds", "hang: left behind"));
  must(make_folder(data().spool() / "999"));  // it died before it said whose this is
  const auto orchestrator = run("finds");
  EXPECT_TRUE(eventually([&] {
    const auto found = findings();
    return std::ranges::find(found, "hang: left behind", &store::Finding::signature) != found.end();
  }));
  EXPECT_TRUE(eventually([&] { return !std::filesystem::exists(spool.folder()); }));
  EXPECT_TRUE(eventually([&] { return !std::filesystem::exists(data().spool() / "999"); }));
}

TEST_F(OrchestratorTest, AProgramFolderWithoutProgramsIsAnError) {
  const auto made =
      Orchestrator::create(*store_, metrics_, clock_, announce(), options_for(folder_.path() / "nothing"));
  ASSERT_FALSE(made.has_value());
  EXPECT_THAT(made.error().message(), HasSubstr("nothing"));
  EXPECT_FALSE(programs_digest(folder_.path()).has_value());
}

TEST_F(OrchestratorTest, TheDigestIsThatOfTheProgramsAndOfNothingElse) {
  const auto folder = folder_.path() / "bin";
  must(make_folder(folder));
  must(write_whole(folder / "gridlock", "one"));
  const auto first = must(programs_digest(folder));
  EXPECT_THAT(first, SizeIs(64));
  must(write_whole(folder / "unrelated", "x"));
  EXPECT_THAT(must(programs_digest(folder)), Eq(first));
  must(write_whole(folder / "gridlock-tsan", "x"));
  const auto second = must(programs_digest(folder));
  EXPECT_NE(second, first);
  must(write_whole(folder / "gridlock-tsan", "y"));
  EXPECT_NE(must(programs_digest(folder)), second);
}

// The process that is going to be killed: runs campaigns and says on `told` what was announced.
[[noreturn]] void serve_until_killed(const std::filesystem::path& folder, int told) {
  auto opened = store::Store::open(folder);
  if (!opened) ::_exit(2);
  metrics::ServiceMetrics metrics("test", "digest");
  const SystemClock clock;
  const Announce announce = [told](store::FindingId finding) {
    const std::int64_t number = finding.value();
    [[maybe_unused]] const auto written = ::write(told, &number, sizeof(number));
  };
  auto made = Orchestrator::create(**opened, metrics, clock, announce, options_for(misbehaving_programs()));
  if (!made) ::_exit(3);
  (*made)->start();
  for (;;) ::pause();
}

// GRIDLOCK_KILL_ROUNDS asks for more.
int kill_rounds() {
  const char* const asked = std::getenv("GRIDLOCK_KILL_ROUNDS");
  return asked != nullptr ? std::atoi(asked) : 12;
}

class KillTest : public CampaignFixture {
 protected:
  // Starts a server, kills it after `ms`, and adds what it announced until then.
  void live_and_die(int ms) {
    int told[2];
    ASSERT_THAT(::pipe(told), Eq(0));
    std::fflush(nullptr);  // or the server would print it again
    const pid_t server = ::fork();
    if (server == 0) serve_until_killed(folder_.path(), told[1]);
    ::close(told[1]);
    ::poll(nullptr, 0, ms);
    ::kill(server, SIGKILL);
    int status = 0;
    ::waitpid(server, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "it ended by itself with " << WEXITSTATUS(status);
    std::int64_t number = 0;
    while (::read(told[0], &number, sizeof(number)) == sizeof(number)) told_.insert(number);
    ::close(told[0]);
  }
  // Each stint of `finds` drops a finding once, each of `finds-many` eight: more sightings would be doubled ones.
  void nothing_is_doubled() {
    std::map<std::pair<std::string, std::string>, std::uint64_t> stints;
    for (const auto& campaign : must(store_->campaigns())) {
      stints[{campaign.target, campaign.variant}] += must(store_->stints(campaign.id, 10'000)).size();
    }
    std::set<std::pair<std::string, std::string>> names;
    for (const auto& finding : findings()) {
      EXPECT_TRUE(names.insert({finding.target, finding.signature}).second) << finding.signature;
      EXPECT_THAT(finding.sightings, Le(stints[{finding.target, finding.variant}])) << finding.signature;
    }
  }

  std::set<std::int64_t> told_;
};

TEST_F(KillTest, AServerThatIsKilledAtAnyMomentLosesNothingItAnnouncedAndDoublesNothing) {
  ::setenv("GRIDLOCK_TEST_TARGETS", "finds finds-many", 1);
  store_.reset();  // the servers have it
  Prng prng(20261122);
  for (int round = 0; round < kill_rounds(); ++round) {
    live_and_die(static_cast<int>(prng.between(10, 3000)));
    if (HasFatalFailure()) return;
    ASSERT_TRUE(eventually([&] { return processes_at(folder_.path()).empty(); })) << "children outlive their server";
    store_ = must(store::Store::open(folder_.path()));
    std::set<std::int64_t> kept;
    for (const auto& finding : findings()) kept.insert(finding.id.value());
    EXPECT_THAT(told_, Each(Truly([&](std::int64_t number) { return kept.contains(number); })));
    nothing_is_doubled();
    store_.reset();
  }
  EXPECT_FALSE(told_.empty());
  // The last one is left alone until all is done.
  store_ = must(store::Store::open(folder_.path()));
  {
    const auto orchestrator =
        must(Orchestrator::create(*store_, metrics_, clock_, announce(), options_for(misbehaving_programs())));
    orchestrator->start();
    EXPECT_TRUE(eventually([&] { return !findings().empty() && must(store_->untriaged(1)).empty(); }));
  }
  nothing_is_doubled();
  // What came between the last look and the stop may wait for its triage.
  EXPECT_THAT(findings(), Each(Truly([](const store::Finding& finding) {
                return finding.triaged ? finding.replays == kReplays : finding.replays == 0;
              })));
  EXPECT_TRUE(std::ranges::any_of(findings(), &store::Finding::triaged));
}

}  // namespace
}  // namespace gridlock::campaign
