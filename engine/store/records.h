// What the service keeps, as values: one struct a table. Times are milliseconds since 1970-01-01 UTC and are always
// passed in; nothing here reads a clock.
//
// Values only. May include: base, model.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/strong_id.h"
#include "engine/model/verdict.h"

namespace gridlock::store {

using UnixMs = std::int64_t;
using BuildId = StrongId<struct BuildTag, std::int64_t>;
using CampaignId = StrongId<struct CampaignTag, std::int64_t>;
using StintId = StrongId<struct StintTag, std::int64_t>;
// Row of a finding. People and URLs name it by Finding::key.
using FindingId = StrongId<struct FindingTag, std::int64_t>;

// SHA-256 of a blob's bytes in lower-case hex, 64 characters; empty: none.
using BlobName = std::string;

// One set of programs, told apart by what they are made of.
struct Build {
  BuildId id;
  std::string digest;   // SHA-256 of the programs' bytes, hex
  std::string version;  // what people call it: `git describe`, or the project's version
  UnixMs first_seen = 0;
};

struct TargetVariant {
  std::string target;
  std::string variant;
  std::string summary;
  std::string expect;  // "ok" or the name of a verdict
  bool operator==(const TargetVariant&) const = default;
};

// What is fuzzed how: one row for each (target, variant, engine, sanitizer), for ever.
struct Campaign {
  CampaignId id;
  std::string target;
  std::string variant;
  std::string engine;     // "builtin", "libfuzzer", "afl"
  std::string sanitizer;  // "none", "thread", "address"
  double weight = 1;      // of its share of time; 0: paused
  // Sums over its stints, brought along by Store::record_progress.
  std::uint64_t runs = 0;
  std::uint64_t points = 0;
  double cpu_seconds = 0;
  std::uint64_t features = 0;  // interleaving features that are known, the highest of any stint
  UnixMs last_run = 0;
  UnixMs last_new_feature = 0;
  std::uint64_t restarts = 0;  // ends that nobody asked for
};

// One life of a campaign's child process.
struct Stint {
  StintId id;
  CampaignId campaign;
  BuildId build;
  UnixMs begin = 0;
  UnixMs end = 0;  // 0: it is running, or the server died with it
  std::uint64_t runs = 0;
  std::uint64_t points = 0;
  std::string end_reason;  // "" while it runs; "time", "killed", "crash", "hung", "memory", "garbage", "server-ended"
};

// What is known of a campaign at one moment; counts are since the stint's begin.
struct Progress {
  StintId stint;
  UnixMs time = 0;
  std::uint64_t runs = 0;
  std::uint64_t points = 0;
  double cpu_seconds = 0;
  std::uint64_t features = 0;
  std::uint64_t corpus_entries = 0;
};

// A point of "features over time".
struct FeatureSample {
  UnixMs time = 0;
  std::uint64_t features = 0;
  std::uint64_t runs = 0;
};

// What people say of a finding. Persisted by name (triage_state_name); never rename.
enum class TriageState : std::uint8_t {
  kNew = 0,
  kConfirmed = 1,
  kFixed = 2,
  kWontFix = 3,
  kDuplicate = 4,
  kFlaky = 5
};
[[nodiscard]] std::string_view triage_state_name(TriageState state);  // "new", "confirmed", "fixed", "wont-fix", ...
[[nodiscard]] std::optional<TriageState> triage_state_from_name(std::string_view name);

// What the newest build says of its repro. Persisted by name.
enum class RegressionState : std::uint8_t {
  kUntested = 0,
  kFails = 1,         // as it did when it was found
  kMaybeFixed = 2,    // "fixed?": it failed with an earlier build, and no more
  kRegressed = 3,     // it had stopped failing, and fails again
  kNotRepeatable = 4  // fails in some replays and not in others
};
[[nodiscard]] std::string_view regression_state_name(RegressionState state);  // "untested", "fails", "fixed?", ...
[[nodiscard]] std::optional<RegressionState> regression_state_from_name(std::string_view name);

// Unique on (target, signature). `key` is what URLs carry: the first 16 hex digits of SHA-256 of "target\nsignature".
struct Finding {
  FindingId id;
  std::string key;
  std::string target;
  std::string variant;  // it was found in first
  std::string signature;
  VerdictKind verdict = VerdictKind::kOk;
  std::string title;  // one sentence
  TriageState state = TriageState::kNew;
  std::string duplicate_of;  // key, set with kDuplicate
  RegressionState regression = RegressionState::kUntested;
  bool is_canary = false;  // of the target that always has a bug: shown apart, never counted as open
  BuildId first_build;
  UnixMs first_seen = 0;
  UnixMs last_seen = 0;
  std::uint64_t sightings = 0;
  bool triaged = false;  // everything below is filled in
  // Of the minimal scenario.
  std::uint32_t cpus = 0;
  std::uint32_t preemptions = 0;
  std::uint32_t interrupts = 0;
  std::uint32_t migrations = 0;
  std::uint32_t decisions = 0;           // directives in all
  std::uint32_t decisions_as_found = 0;  // before it was minimized
  double minimize_seconds = 0;
  std::uint64_t minimize_runs = 0;
  std::uint32_t reproduced = 0;  // of `replays` replays
  std::uint32_t replays = 0;
  BlobName repro;        // docs/FORMAT.md
  BlobName input;        // raw, as found
  BlobName explanation;  // JSON, docs/EXPLAIN_JSON.md
  BlobName text;         // `gridlock explain`, text
  BlobName perfetto;
  BlobName test;  // C++ regression test
};

// Finding::key.
[[nodiscard]] std::string finding_key(std::string_view target, std::string_view signature);

// Values to write of a finding once it has been looked at; see Finding.
struct TriageResult {
  std::string title;
  std::uint32_t cpus = 0;
  std::uint32_t preemptions = 0;
  std::uint32_t interrupts = 0;
  std::uint32_t migrations = 0;
  std::uint32_t decisions = 0;
  std::uint32_t decisions_as_found = 0;
  double minimize_seconds = 0;
  std::uint64_t minimize_runs = 0;
  std::uint32_t reproduced = 0;
  std::uint32_t replays = 0;
  BlobName repro;
  BlobName explanation;
  BlobName text;
  BlobName perfetto;
  BlobName test;
};

// One time that a child reported the bug.
struct Sighting {
  CampaignId campaign;
  StintId stint;
  BuildId build;
  UnixMs time = 0;
  std::uint64_t runs_to_find = 0;
  double seconds_to_find = 0;
  BlobName input;      // raw, as found; kept for the first sightings of a finding only
  std::string origin;  // names the sighting for ever, so that a repeated call adds nothing; empty: no name
};

// The sightings of a finding, summed up.
struct SightingCount {
  BuildId build;
  std::string variant;
  std::string engine;
  std::string sanitizer;
  std::uint64_t count = 0;
  UnixMs first = 0;
  UnixMs last = 0;
};

// One re-test of a finding's repro.
struct ReproTest {
  BuildId build;
  std::string variant;
  std::string sanitizer;
  VerdictKind verdict = VerdictKind::kOk;  // of most replays
  std::string signature;                   // of that verdict
  std::uint32_t same = 0;                  // replays, of `replays`, with the finding's verdict and signature
  std::uint32_t replays = 0;
  std::string sanitizer_report;  // what ThreadSanitizer or AddressSanitizer said, if anything; at most 64 KiB
  UnixMs time = 0;
};

struct Note {
  std::int64_t id = 0;
  UnixMs time = 0;
  std::string author;  // as it was given; at most 200 bytes
  std::string text;    // at most 16 KiB
};

struct CorpusSummary {
  std::string target;
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;
  UnixMs newest = 0;
};

struct CorpusEntry {
  std::string target;
  std::string name;  // file name below the corpus folder of the target
  std::uint64_t bytes = 0;
  std::string origin;  // engine that found it worth keeping
  UnixMs added = 0;
};

// A counter that survives restarts. `labels`: "target=a,variant=b", sorted by name.
struct MetricTotal {
  std::string name;
  std::string labels;
  double value = 0;
  bool operator==(const MetricTotal&) const = default;
};

// How many findings have all of these in common.
struct FindingCount {
  std::string target;
  std::string variant;
  VerdictKind verdict = VerdictKind::kOk;
  TriageState state = TriageState::kNew;
  RegressionState regression = RegressionState::kUntested;
  bool is_canary = false;
  std::uint64_t count = 0;
  bool operator==(const FindingCount&) const = default;
};

// Which findings, in what order, which page.
struct FindingQuery {
  std::optional<VerdictKind> verdict;
  std::string target;   // empty: all
  std::string variant;  // empty: all
  std::optional<TriageState> state;
  std::optional<RegressionState> regression;
  std::optional<bool> is_canary = false;
  std::string text;  // part of title or signature, in any case; empty: all; at most kFindingTextMax bytes
  enum class Order : std::uint8_t {
    kLastSeen,
    kFirstSeen,
    kSightings,
    kTarget,
    kVerdict,
    kDecisions
  } order = Order::kLastSeen;
  bool descending = true;
  std::uint32_t offset = 0;
  std::uint32_t limit = 50;  // at most kFindingsPageMax
};
inline constexpr std::uint32_t kFindingsPageMax = 500;
inline constexpr std::size_t kFindingTextMax = 256;
// A search by text looks at no more findings than this, the newest first.
inline constexpr std::uint32_t kFindingTextMatchesMax = 5000;

struct FindingPage {
  std::vector<Finding> findings;  // without blobs' contents
  std::uint64_t total = 0;        // that match, on all pages
  bool text_cut = false;          // there are more findings to search than kFindingTextMatchesMax
};

}  // namespace gridlock::store
