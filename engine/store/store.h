// The service's memory: SQLite in WAL mode in DATA/gridlock.db, and blobs in DATA/blobs/. The only place with SQL; what
// is said here could be said of PostgreSQL as well.
//
// A call that returns without an error is durable: what it wrote survives `kill -9` and a power cut at the next
// instruction. One process owns a data folder at a time, by a lock that dies with it.
//
// Thread safety: every call may be made from every thread. Writes wait for each other; reads run beside them, on
// connections of their own, and see a state between two writes.
// ERRORS, of all: disk full, read-only or broken database; what to do is in the error. A failed write changes nothing.
//
// May include: base, model.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/error.h"
#include "engine/store/records.h"

namespace gridlock::store {

// What one call gives and takes at most.
inline constexpr std::uint32_t kRowsMax = 100'000;  // of any list that is given; a longer one is an error
inline constexpr std::uint32_t kFeatureSamplesMax = 20'000;
inline constexpr std::uint32_t kNotesMax = 1'000;
inline constexpr std::uint32_t kTestsMax = 1'000;
inline constexpr std::size_t kBlobBytesMax = 64 << 20;
inline constexpr std::size_t kNoteBytesMax = 16 << 10;
inline constexpr std::size_t kAuthorBytesMax = 200;
inline constexpr std::size_t kNameBytesMax = 64 << 10;        // of a signature, an origin, any word
inline constexpr std::size_t kTitleBytesMax = 4 << 10;        // longer ones are cut
inline constexpr std::size_t kSanitizerReportMax = 64 << 10;  // longer ones are cut

class Store {
 public:
  // Creates the folder and the tables if they are not there, and brings an older database along (numbered migrations).
  // ERRORS: another server has the folder; a database of a newer Gridlock; a corrupted one (the message says how to get
  // out of it: what is left can be salvaged into a new one, and which command does).
  [[nodiscard]] static Result<std::unique_ptr<Store>> open(const std::filesystem::path& data_folder);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  [[nodiscard]] const std::filesystem::path& folder() const;

  // -- Blobs: content-addressed files. put is idempotent; a blob is whole or not there.
  [[nodiscard]] Result<BlobName> put_blob(std::string_view bytes);
  // ERRORS: no such blob; its bytes do not have its hash.
  [[nodiscard]] Result<std::string> blob(const BlobName& name) const;

  // -- What there is
  // The build with that digest; made if new.
  [[nodiscard]] Result<Build> record_build(std::string_view digest, std::string_view version, UnixMs now);
  [[nodiscard]] Result<std::vector<Build>> builds(std::uint32_t limit) const;  // newest first
  // Replaces the list.
  [[nodiscard]] Result<void> record_targets(std::span<const TargetVariant> targets);
  [[nodiscard]] Result<std::vector<TargetVariant>> targets() const;

  // -- Campaigns
  // The campaign with these four words; made if new.
  [[nodiscard]] Result<Campaign> campaign(std::string_view target, std::string_view variant, std::string_view engine,
                                          std::string_view sanitizer);
  [[nodiscard]] Result<std::vector<Campaign>> campaigns() const;
  [[nodiscard]] Result<void> set_weight(CampaignId campaign, double weight);
  [[nodiscard]] Result<StintId> begin_stint(CampaignId campaign, BuildId build, UnixMs now);
  // Adds what is new since the last call for the stint to the campaign's sums. Counts never go back.
  [[nodiscard]] Result<void> record_progress(const Progress& progress);
  [[nodiscard]] Result<void> end_stint(StintId stint, std::string_view reason, UnixMs now);
  // To be called once at the start: stints that a dead server left open end as "server-ended".
  [[nodiscard]] Result<void> close_open_stints(UnixMs now);
  [[nodiscard]] Result<std::vector<Stint>> stints(CampaignId campaign, std::uint32_t limit) const;  // newest first
  // At most one sample a minute and target is kept, and one an hour of what is more than a day old.
  [[nodiscard]] Result<void> record_features(std::string_view target, const FeatureSample& sample);
  // Oldest first; the newest kFeatureSamplesMax.
  [[nodiscard]] Result<std::vector<FeatureSample>> features(std::string_view target, UnixMs since) const;

  // -- Findings
  struct Recorded {
    FindingId id;
    bool is_new = false;
    bool is_repeat = false;  // a sighting of that origin is there already; nothing was written
  };
  // The bug was seen: makes the finding if (target, signature) is new, adds the sighting, all in one transaction. With
  // this the finding is durable and may be announced.
  struct Seen {
    std::string target;
    std::string variant;
    Verdict verdict;
    bool is_canary = false;
    BlobName repro;  // as the child minimized it; may be empty
    Sighting sighting;
  };
  [[nodiscard]] Result<Recorded> record_sighting(const Seen& seen);
  // Many at the price of one; all of them or none.
  [[nodiscard]] Result<std::vector<Recorded>> record_sightings(std::span<const Seen> seen);
  // May be called again: what is given last holds.
  [[nodiscard]] Result<void> record_triage(FindingId finding, const TriageResult& result);
  [[nodiscard]] Result<std::optional<Finding>> finding(std::string_view key) const;
  [[nodiscard]] Result<std::optional<Finding>> finding(FindingId id) const;
  [[nodiscard]] Result<FindingPage> findings(const FindingQuery& query) const;
  // Seen and not triaged yet, oldest first.
  [[nodiscard]] Result<std::vector<Finding>> untriaged(std::uint32_t limit) const;
  [[nodiscard]] Result<std::vector<SightingCount>> sighting_counts(FindingId finding) const;
  // How many findings there are of each kind, canaries among them; kept ready, so it costs a few
  // milliseconds at most however many there are.
  [[nodiscard]] Result<std::vector<FindingCount>> finding_counts() const;
  // By state, all states, canaries left out.
  [[nodiscard]] Result<std::vector<std::pair<TriageState, std::uint64_t>>> open_counts() const;

  // -- What people say. ERRORS besides: no such finding; text too long; `duplicate_of` is no other finding of the
  // target.
  [[nodiscard]] Result<void> set_state(std::string_view key, TriageState state, std::string_view duplicate_of,
                                       std::string_view author, UnixMs now);
  [[nodiscard]] Result<Note> add_note(std::string_view key, std::string_view author, std::string_view text, UnixMs now);
  // Oldest first, the newest kNotesMax; changes of state are among them.
  [[nodiscard]] Result<std::vector<Note>> notes(FindingId finding) const;

  // -- Regressions
  // Keeps the test and brings the finding's RegressionState along: see the rules in regression_state.h.
  [[nodiscard]] Result<RegressionState> record_test(FindingId finding, const ReproTest& test);
  // Newest first; the newest kTestsMax.
  [[nodiscard]] Result<std::vector<ReproTest>> tests(FindingId finding) const;
  // Findings with a repro whose last test was not with this build, or that have none.
  [[nodiscard]] Result<std::vector<Finding>> not_tested_with(BuildId build, std::uint32_t limit) const;

  // -- Corpus index
  // Replaces what is known of it by what `next` gives, until it gives nothing: nobody needs to hold all of a large
  // corpus. `next` runs inside the transaction and shall not call the store. ERRORS besides: more than kRowsMax.
  using NextCorpusEntry = std::function<std::optional<CorpusEntry>()>;
  [[nodiscard]] Result<void> record_corpus(std::string_view target, const NextCorpusEntry& next);
  [[nodiscard]] Result<void> record_corpus(std::string_view target, std::span<const CorpusEntry> entries);
  [[nodiscard]] Result<std::vector<CorpusSummary>> corpora() const;
  [[nodiscard]] Result<std::vector<CorpusEntry>> corpus(std::string_view target, std::uint32_t limit) const;

  // -- Metric totals
  [[nodiscard]] Result<void> save_totals(std::span<const MetricTotal> totals);  // replaces those named
  [[nodiscard]] Result<std::vector<MetricTotal>> totals() const;

 private:
  struct Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace gridlock::store
