// kill -9 of a process that writes, at random moments: all that it was told is kept is there, once.
//
// GRIDLOCK_STORE_KILLS says how often, if not kKills times: GRIDLOCK_STORE_KILLS=200 gridlock_store_test
// --gtest_filter='KillTest*'
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <map>
#include <random>
#include <set>
#include <sstream>

#include "engine/store/connection.h"
#include "engine/store/store_fixture.h"

namespace gridlock::store {
namespace {

constexpr int kKills = 50;
constexpr UnixMs kNow = 1'700'000'000'000;
constexpr UnixMs kSightingsARound = 1'000'000;
constexpr int kBugs = 40;

int kills() {
  const char* wanted = ::getenv("GRIDLOCK_STORE_KILLS");
  return wanted == nullptr ? kKills : std::atoi(wanted);
}

// Every sighting has a time of its own, so that the test can tell them apart in the table.
UnixMs time_of(int round, int number) {
  return kNow + round * kSightingsARound + number;
}

// The process that is killed. It says on `pipe`, a line each, what the store has said is kept.
class Writer {
 public:
  Writer(const std::filesystem::path& data, int pipe, int round) : pipe_(pipe), round_(round) {
    store_ = must(Store::open(data));
    build_ = must(store_->record_build(fmt::format("b{}", round / 10), "v", kNow)).id;
    campaign_ = must(store_->campaign("lock", "broken", "builtin", "none")).id;
    must(store_->close_open_stints(kNow));
    stint_ = must(store_->begin_stint(campaign_, build_, kNow));
  }

  // What was done and perhaps not announced is done again first, as by somebody who looks what is left to do.
  [[noreturn]] void run(int unsure_from) {
    constexpr int kAgain = 3;
    for (int number = unsure_from; round_ > 0 && number < unsure_from + kAgain; ++number) see(round_ - 1, number);
    for (int number = 0; number < kSightingsARound; ++number) {
      const std::string key = see(round_, number);
      if (number % 3 == 0) say_something(key, number);
      if (number % 5 == 0) triage(key, number);
      if (number % 7 == 0) progress(number);
    }
    ::_exit(0);
  }

 private:
  void announce(const std::string& line) const {
    const std::string whole = line + "\n";
    if (::write(pipe_, whole.data(), whole.size()) != static_cast<ssize_t>(whole.size())) ::_exit(0);
  }

  std::string see(int round, int number) {
    const std::string signature = fmt::format("function_{}", (round * 7 + number) % kBugs);
    const BlobName blob = must(store_->put_blob(fmt::format("{} {} {}", signature, round, number % 4)));
    announce("blob " + blob);
    must(store_->record_sighting({.target = "lock",
                                  .variant = "broken",
                                  .verdict = {.kind = VerdictKind::kHang, .signature = signature, .summary = "waits"},
                                  .sighting = {.campaign = campaign_,
                                               .stint = stint_,
                                               .build = build_,
                                               .time = time_of(round, number),
                                               .input = blob,
                                               .origin = fmt::format("{}/{}", round, number)}}));
    const std::string key = finding_key("lock", signature);
    announce(fmt::format("sighting {} {} {}", round, number, key));
    return key;
  }
  void say_something(const std::string& key, int number) {
    const std::string text = fmt::format("{}/{}", round_, number);
    must(store_->add_note(key, "", text, kNow));
    announce(fmt::format("note {} {}", key, text));
    must(store_->set_state(key, number % 2 == 0 ? TriageState::kConfirmed : TriageState::kNew, "", "", kNow));
  }
  void triage(const std::string& key, int number) {
    const FindingId id = must(store_->finding(key)).value().id;
    must(store_->record_triage(id, {.title = fmt::format("{}/{}", round_, number), .decisions = 5}));
    announce(fmt::format("triaged {}", key));
    must(store_->record_test(id, {.build = build_, .variant = "broken", .same = 20, .replays = 20, .time = kNow}));
    announce(fmt::format("tested {}", key));
  }
  void progress(int number) {
    must(store_->record_progress({.stint = stint_, .time = kNow, .runs = static_cast<std::uint64_t>(number)}));
    announce(fmt::format("runs {} {}", stint_.value(), number));
  }

  std::unique_ptr<Store> store_;
  BuildId build_;
  CampaignId campaign_;
  StintId stint_;
  int pipe_;
  int round_;
};

// All that was announced in any round.
struct Announced {
  std::map<std::string, std::set<UnixMs>> sightings;  // by finding
  std::set<std::string> blobs;
  std::set<std::pair<std::string, std::string>> notes;
  std::set<std::string> triaged;
  std::map<std::string, int> tests;
  std::map<std::int64_t, std::uint64_t> runs;  // by stint
  int next_number = 0;                         // behind the last sighting of the round

  void add(const std::string& line, int round) {
    std::istringstream words(line);
    std::string what, first, second, third;
    words >> what >> first >> second >> third;
    if (what == "blob") blobs.insert(first);
    if (what == "note") notes.emplace(first, second);
    if (what == "triaged") triaged.insert(first);
    if (what == "tested") ++tests[first];
    if (what == "runs") runs[std::stoll(first)] = std::stoull(second);
    if (what != "sighting") return;
    sightings[third].insert(time_of(std::stoi(first), std::stoi(second)));
    if (std::stoi(first) == round) next_number = std::stoi(second) + 1;
  }
};

// Runs a writer, reads what it announces, and kills it some microseconds after some line.
void run_and_kill(const std::filesystem::path& data, int round, std::mt19937& random, Announced& announced) {
  const int unsure_from = std::exchange(announced.next_number, 0);
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::close(pipe[0]);
    try {
      Writer(data, pipe[1], round).run(unsure_from);
    } catch (const std::exception& refused) {
      std::fprintf(stderr, "%s\n", refused.what());
      ::_exit(1);
    }
  }
  ::close(pipe[1]);
  constexpr std::uint32_t kLinesMax = 60;
  constexpr std::uint32_t kMicrosecondsMax = 6'000;
  const std::uint32_t lines = random() % kLinesMax;
  const timespec moment{.tv_nsec = 1000L * static_cast<long>(random() % kMicrosecondsMax)};
  std::uint32_t seen = 0;
  bool is_killed = false;
  std::string rest;
  while (true) {
    if (!is_killed && seen >= lines) {
      ::nanosleep(&moment, nullptr);
      ::kill(child, SIGKILL);
      is_killed = true;
    }
    std::array<char, 4096> bytes{};
    const ssize_t count = ::read(pipe[0], bytes.data(), bytes.size());
    if (count <= 0) break;
    rest.append(bytes.data(), static_cast<std::size_t>(count));
    for (std::size_t end = 0; (end = rest.find('\n')) != std::string::npos; rest.erase(0, end + 1)) {
      announced.add(rest.substr(0, end), round);
      ++seen;
    }
  }
  ::close(pipe[0]);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself";
}

void check_table(Connection& connection) {
  EXPECT_EQ(connection.value<std::string>("PRAGMA integrity_check"), "ok");
  EXPECT_FALSE(connection.value<std::string>("PRAGMA foreign_key_check").has_value());
  const auto differences = [&](const char* sql) { return connection.value<int>(sql).value_or(-1); };
  EXPECT_EQ(differences("SELECT count(*) - count(DISTINCT time) FROM sighting"), 0) << "a sighting is doubled";
  EXPECT_EQ(differences("SELECT count(*) - count(DISTINCT target || signature) FROM finding"), 0);
  EXPECT_EQ(differences("SELECT count(*) FROM finding f WHERE sightings <>"
                        " (SELECT count(*) FROM sighting s WHERE s.finding = f.id)"),
            0);
  EXPECT_EQ(differences("SELECT count(*) FROM finding f WHERE sightings <>"
                        " (SELECT sum(count) FROM sighting_count c WHERE c.finding = f.id)"),
            0);
  EXPECT_EQ(differences("SELECT count(*) FROM finding_count c WHERE count <> (SELECT count(*) FROM finding f"
                        " WHERE f.target = c.target AND f.variant = c.variant AND f.verdict = c.verdict"
                        " AND f.state = c.state AND f.regression = c.regression AND f.is_canary = c.is_canary)"),
            0);
}

void check(Store& store, const Announced& announced) {
  for (const auto& [key, times] : announced.sightings) {
    const auto finding = must(store.finding(key));
    ASSERT_TRUE(finding.has_value()) << key;
    EXPECT_GE(finding->sightings, times.size());
    EXPECT_GE(finding->last_seen, *times.rbegin());
    if (announced.triaged.contains(key)) EXPECT_TRUE(finding->triaged);
    if (const auto tests = announced.tests.find(key); tests != announced.tests.end()) {
      EXPECT_GE(must(store.tests(finding->id)).size(), static_cast<std::size_t>(tests->second));
      EXPECT_EQ(finding->regression, RegressionState::kFails);
    }
  }
  for (const std::string& blob : announced.blobs) EXPECT_TRUE(store.blob(blob).has_value()) << blob;
  Connection connection(store.folder() / "gridlock.db", Connection::Use::kRead);
  for (const auto& [key, times] : announced.sightings) {
    for (const UnixMs time : times) {
      ASSERT_EQ(connection.value<int>("SELECT count(*) FROM sighting WHERE time = ?1", time), 1) << key;
    }
  }
  for (const auto& [key, text] : announced.notes) {
    EXPECT_EQ(connection.value<int>("SELECT count(*) FROM note WHERE text = ?1", text), 1);
  }
  for (const auto& [stint, runs] : announced.runs) {
    EXPECT_GE(connection.value<std::uint64_t>("SELECT runs FROM stint WHERE id = ?1", stint).value_or(0), runs);
  }
  check_table(connection);
}

TEST(KillTest, WhatWasAnnouncedIsThereOnceHoweverOftenTheWriterIsKilled) {
  const TemporaryFolder folder;
  std::mt19937 random(1);
  Announced announced;
  std::uint64_t sightings = 0;
  for (int round = 0; round < kills(); ++round) {
    run_and_kill(folder.path(), round, random, announced);
    if (HasFatalFailure()) return;
    const auto store = must(Store::open(folder.path()));
    check(*store, announced);
    if (HasFailure()) return;
  }
  for (const auto& [key, times] : announced.sightings) sightings += times.size();
  RecordProperty("kills", kills());
  RecordProperty("announced", std::to_string(sightings));
  fmt::print("{} kills, {} sightings and {} notes announced, all of them there once\n", kills(), sightings,
             announced.notes.size());
}

}  // namespace
}  // namespace gridlock::store
