// gridlock_fill_store DIR: fills a data folder with findings and sightings, as many as a service of years would have,
// so that pages can be measured. The rows go in as fast as the disk takes them, without the promises of a Store.
//
// May include: base, model.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "engine/store/connection.h"
#include "engine/store/store.h"
#include "engine/store/store_impl.h"

namespace gridlock::store {
namespace {

constexpr UnixMs kBegin = 1'690'000'000'000;
constexpr UnixMs kSpanMs = 30'000'000'000;  // a year, nearly
constexpr std::uint64_t kRowsATransaction = 50'000;
constexpr std::uint64_t kWaysMax = 4;  // build, engine and sanitizer, by which one finding was seen

struct Options {
  std::string folder;
  std::uint64_t findings = 100'000;
  std::uint64_t sightings = 10'000'000;
  std::uint32_t seed = 1;
  // Whose contents every finding gets; empty: none.
  std::string repro;
  std::string explanation;
  std::string text;
  std::string perfetto;
  std::string test;
};

constexpr std::array<const char*, 12> kTargets = {
    "xen-pv-spinlock", "xen-vcpu-migration", "ticket-lock", "mcs-lock",      "rcu-tree",    "futex-requeue", "seqlock",
    "rwsem",           "percpu-rwsem",       "wait-on-bit", "timer-migrate", "demo-counter"};
constexpr std::array<const char*, 3> kVariants = {"as-released", "repaired", "kick-first"};
constexpr std::array<const char*, 3> kEngines = {"builtin", "libfuzzer", "afl"};
constexpr std::array<const char*, 3> kSanitizers = {"none", "thread", "address"};
constexpr std::array<const char*, 24> kFunctions = {
    "xen_lock_spinning",   "xen_unlock_kick",    "ticket_lock_slowpath", "queue_enter",        "mcs_spin_wait",
    "wake_up_process",     "futex_requeue_pi",   "rwsem_down_write",     "rwsem_wake_readers", "percpu_down_read",
    "evtchn_do_upcall",    "vcpu_migrate",       "set_migrating_flag",   "context_switch",     "try_to_wake_up",
    "hrtimer_interrupt",   "migrate_timers",     "synchronize_rcu_exp",  "rcu_gp_kthread",     "seqcount_retry",
    "wait_on_bit_timeout", "bit_waitqueue_wake", "irq_enter_rcu",        "local_irq_restore"};
constexpr std::array<VerdictKind, 6> kVerdicts = {VerdictKind::kDeadlock,  VerdictKind::kHang,
                                                  VerdictKind::kDataRace,  VerdictKind::kLivelock,
                                                  VerdictKind::kInvariant, VerdictKind::kMemoryError};

class Filler {
 public:
  explicit Filler(Options options) : options_(std::move(options)), random_(options_.seed) {}

  void run() {
    prepare();
    connection_ = std::make_unique<Connection>(database_of(options_.folder), Connection::Use::kWrite);
    connection_->script("PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -262144");
    // An index over many rows is made in one sort sooner than row by row.
    const auto index =
        connection_->value<std::string>("SELECT sql FROM sqlite_schema WHERE name = 'sighting_by_origin'");
    connection_->script("DROP INDEX sighting_by_origin");
    transaction_.emplace(*connection_, Transaction::Kind::kWrite);
    for (std::uint64_t number = 0; number < options_.findings; ++number) add_finding(number);
    transaction_->commit();
    transaction_.reset();
    fmt::print("{} findings, {} sightings; now the index of the sightings\n", options_.findings, sightings_);
    connection_->script(index.value().c_str());
    connection_->script("PRAGMA wal_checkpoint(TRUNCATE)");
  }

 private:
  template <typename T>
  T must(Result<T> result) {
    if (!result) throw Failed{.error = result.error()};
    if constexpr (!std::is_void_v<T>) return std::move(*result);
  }
  std::uint64_t below(std::uint64_t end) { return std::uniform_int_distribution<std::uint64_t>(0, end - 1)(random_); }
  template <typename T, std::size_t kCount>
  T one_of(const std::array<T, kCount>& values) {
    return values.at(below(kCount));
  }

  BlobName blob_of(Store& store, const std::string& path) {
    if (path.empty()) return {};
    std::ifstream file(path, std::ios::binary);
    if (!file) throw Failed{.error = {.tried = "read", .on = path, .advice = "is it there?"}};
    return must(store.put_blob(std::string(std::istreambuf_iterator<char>(file), {})));
  }

  // What there is few of, by the store's own calls.
  void prepare() {
    const auto store = must(Store::open(options_.folder));
    if (must(store->findings({.is_canary = std::nullopt, .limit = 1})).total > 0) {
      throw Failed{
          .error = {.tried = "fill", .on = options_.folder, .advice = "it has findings already; give another"}};
    }
    blobs_ = {.repro = blob_of(*store, options_.repro),
              .explanation = blob_of(*store, options_.explanation),
              .text = blob_of(*store, options_.text),
              .perfetto = blob_of(*store, options_.perfetto),
              .test = blob_of(*store, options_.test)};
    constexpr int kBuilds = 12;
    for (int number = 0; number < kBuilds; ++number) {
      const std::string version = fmt::format("v0.{}.0-{}", number, number * 7);
      builds_.push_back(
          must(store->record_build(sha256_hex(version), version, kBegin + kSpanMs / kBuilds * number)).id);
    }
    std::vector<TargetVariant> variants;
    for (const char* target : kTargets) {
      for (const char* variant : kVariants) variants.push_back({target, variant, "a lock, and who waits for it", "ok"});
      add_campaigns(*store, target);
      add_history(*store, target);
    }
    must(store->record_targets(variants));
  }

  void add_campaigns(Store& store, const char* target) {
    for (const char* engine : kEngines) {
      for (const char* sanitizer : kSanitizers) {
        Campaign campaign = must(store.campaign(target, kVariants[0], engine, sanitizer));
        const StintId stint = must(store.begin_stint(campaign.id, builds_.back(), kBegin));
        must(store.record_progress({.stint = stint,
                                    .time = kBegin + kSpanMs,
                                    .runs = 1 + below(1'000'000'000),
                                    .points = below(1'000'000'000'000),
                                    .cpu_seconds = 1e6,
                                    .features = below(9'000)}));
        must(store.end_stint(stint, "time", kBegin + kSpanMs));
        campaigns_.push_back({std::move(campaign), stint});
      }
    }
  }

  void add_history(Store& store, const char* target) {
    constexpr UnixMs kMinute = 60'000;
    constexpr int kSamples = 300;
    for (int number = 0; number < kSamples; ++number) {
      must(store.record_features(target, {.time = kBegin + kSpanMs - (kSamples - number) * kMinute,
                                          .features = 1000 + static_cast<std::uint64_t>(number) * 7,
                                          .runs = static_cast<std::uint64_t>(number) * 100'000}));
    }
    constexpr std::uint64_t kEntries = 2'000;
    std::vector<CorpusEntry> entries;
    for (std::uint64_t number = 0; number < kEntries; ++number) {
      entries.push_back({.name = sha256_hex(fmt::format("{}{}", target, number)).substr(0, 32) + ".input",
                         .bytes = 40 + below(400),
                         .origin = one_of(kEngines),
                         .added = kBegin + static_cast<UnixMs>(below(kSpanMs))});
    }
    must(store.record_corpus(target, entries));
  }

  struct Runner {
    Campaign campaign;
    StintId stint;
  };
  struct Times {
    UnixMs first = 0;
    UnixMs last = 0;
  };

  void add_finding(std::uint64_t number) {
    const std::string target = one_of(kTargets);
    const std::string signature = fmt::format("{} + {}_{}", one_of(kFunctions), one_of(kFunctions), number);
    const UnixMs first = kBegin + static_cast<UnixMs>(below(kSpanMs - 1));
    const Times times{.first = first,
                      .last = first + static_cast<UnixMs>(below(static_cast<std::uint64_t>(kBegin + kSpanMs - first)))};
    const auto decisions = 1 + below(12);
    const char* state = std::array{"new", "new", "new", "confirmed", "fixed", "wont-fix", "flaky"}.at(below(7));
    const bool is_canary = below(1'000) == 0;
    const std::uint64_t sightings = share(number);
    connection_->run(
        "INSERT INTO finding (key, target, variant, signature, verdict, title, state, regression, is_canary,"
        " first_build, first_seen, last_seen, sightings, triaged, tested_build, cpus, preemptions, interrupts,"
        " migrations, decisions, decisions_as_found, minimize_seconds, minimize_runs, reproduced, replays, repro,"
        " explanation, text, perfetto, test) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 1, ?14,"
        " ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, 100, 100, ?23, ?24, ?25, ?26, ?27)",
        finding_key(target, signature), target, one_of(kVariants), signature, one_of(kVerdicts),
        fmt::format("cpu{} waits in {}() for a lock that cpu{} never gives back", below(4), one_of(kFunctions),
                    below(4)),
        state, std::array{"fails", "fails", "fixed?", "regressed"}.at(below(4)), is_canary, builds_.front(),
        times.first, times.last, sightings, builds_.back(), 2 + below(3), below(6), below(3), below(2), decisions,
        decisions + below(60), 0.4, 500 + below(4'000), blobs_.repro, blobs_.explanation, blobs_.text, blobs_.perfetto,
        blobs_.test);
    const FindingId id(connection_->new_row());
    add_tests(id, times);
    add_sightings(id, target, sightings, times);
  }

  // Few bugs are seen often, and most of them seldom; the last one gets what is left.
  std::uint64_t share(std::uint64_t number) {
    const std::uint64_t left = options_.sightings - std::min(options_.sightings, sightings_);
    const std::uint64_t findings_left = options_.findings - number;
    if (findings_left == 1) return std::max<std::uint64_t>(1, left);
    const double mean = static_cast<double>(left) / static_cast<double>(findings_left);
    return 1 + static_cast<std::uint64_t>(std::exponential_distribution<double>(1.0 / std::max(mean, 1e-9))(random_));
  }

  void add_tests(FindingId finding, const Times& times) {
    for (const char* sanitizer : {"none", "thread"}) {
      connection_->run(
          "INSERT INTO repro_test (finding, build, variant, sanitizer, verdict, signature, same, replays, time,"
          " sanitizer_report) VALUES (?1, ?2, ?3, ?4, 'hang', 'as it was', 20, 20, ?5, '')",
          finding, builds_.back(), kVariants[0], sanitizer, times.last);
    }
  }

  void add_sightings(FindingId finding, const std::string& target, std::uint64_t sightings, const Times& times) {
    std::vector<std::size_t> own;
    for (std::size_t at = 0; at < campaigns_.size(); ++at) {
      if (campaigns_[at].campaign.target == target) own.push_back(at);
    }
    const std::size_t ways = std::min<std::uint64_t>(kWaysMax, sightings);
    for (std::size_t way = 0; way < ways; ++way) {
      const Runner& runner = campaigns_.at(own.at((way + below(2) * kWaysMax) % own.size()));
      const std::uint64_t count = sightings / ways + (way < sightings % ways ? 1 : 0);
      const BuildId build = builds_.at((static_cast<std::size_t>(finding.value()) + way) % builds_.size());
      connection_->run(
          "INSERT INTO sighting_count (finding, build, variant, engine, sanitizer, count, first, last)"
          " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
          finding, build, kVariants[0], runner.campaign.engine, runner.campaign.sanitizer, count, times.first,
          times.last);
      for (std::uint64_t row = 0; row < count; ++row) add_sighting(finding, runner, build, times);
    }
  }

  void add_sighting(FindingId finding, const Runner& runner, BuildId build, const Times& times) {
    connection_->run(
        "INSERT INTO sighting (finding, campaign, stint, build, time, runs_to_find, seconds_to_find, origin)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        finding, runner.campaign.id, runner.stint, build,
        times.first + static_cast<UnixMs>(random_() % static_cast<std::uint64_t>(times.last - times.first + 1)),
        random_() % 1'000'000, 0.25, static_cast<std::int64_t>(random_()));
    if (++sightings_ % kRowsATransaction != 0) return;
    transaction_->commit();
    transaction_.emplace(*connection_, Transaction::Kind::kWrite);
  }

  Options options_;
  std::mt19937_64 random_;
  std::unique_ptr<Connection> connection_;
  std::optional<Transaction> transaction_;
  TriageResult blobs_;  // its names of blobs
  std::vector<BuildId> builds_;
  std::vector<Runner> campaigns_;
  std::uint64_t sightings_ = 0;
};

int run(int argc, char** argv) {
  Options options;
  CLI::App app("Fills a data folder with findings and sightings, for measurements");
  app.add_option("DIR", options.folder, "the data folder; made if it is not there")->required();
  app.add_option("--findings", options.findings)->capture_default_str()->check(CLI::Range(1, 10'000'000));
  app.add_option("--sightings", options.sightings)->capture_default_str()->check(CLI::Range(1, 1'000'000'000));
  app.add_option("--seed", options.seed)->capture_default_str();
  app.add_option("--repro", options.repro, "a file that every finding gets, as for those below");
  app.add_option("--explanation", options.explanation);
  app.add_option("--text", options.text);
  app.add_option("--perfetto", options.perfetto);
  app.add_option("--test", options.test);
  CLI11_PARSE(app, argc, argv);
  try {
    Filler(options).run();
  } catch (const Failed& failed) {
    fmt::print(stderr, "gridlock_fill_store: {}\n", failed.error.message());
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace gridlock::store

int main(int argc, char** argv) {
  return gridlock::store::run(argc, argv);
}
