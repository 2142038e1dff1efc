// What is done with a finding after it was announced: replayed until it is known how reliably it comes, minimized again
// for its figures, tried in the other flavours and variants, explained; and later, with each new build, re-tested.
//
// Every step may be done twice and changes nothing the second time, so a process that is killed goes on with the
// findings that the store calls untriaged.
//
// May include: base, model, store, metrics, campaign.
#pragma once

#include <cstdint>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/campaign/announce.h"
#include "engine/campaign/clock.h"
#include "engine/campaign/data_folder.h"
#include "engine/campaign/tool.h"
#include "engine/campaign/tool_answers.h"
#include "engine/metrics/service_metrics.h"
#include "engine/store/store.h"

namespace gridlock::campaign {

inline constexpr std::uint32_t kReplays = 100;      // of a new finding
inline constexpr std::uint32_t kReplaysOther = 20;  // in another flavour or variant, and in a re-test
// Tries to triage a finding in one life of the server before it is filed as it is.
inline constexpr std::uint32_t kTriesMax = 3;
inline constexpr std::size_t kSanitizerReportBytesMax = 64 << 10;

class Triage {
 public:
  // All references outlive it. `build`: of the programs that `tool` runs.
  Triage(store::Store& store, metrics::ServiceMetrics& metrics, const Clock& clock, DataFolder data, const Tool& tool,
         store::BuildId build, Announce announce)
      : store_(store),
        metrics_(metrics),
        clock_(clock),
        data_(std::move(data)),
        tool_(tool),
        build_(build),
        announce_(std::move(announce)) {}

  // Triages one finding that waits, or re-tests one that this build has not seen. True if there was one. ERRORS: the
  // store or the data folder, so that it is to be tried again later; a stop was asked for.
  [[nodiscard]] Result<bool> step(const std::stop_token& stop);

 private:
  struct Work;
  [[nodiscard]] Result<void> triage(const store::Finding& finding, const std::stop_token& stop);
  [[nodiscard]] Result<void> retest(const store::Finding& finding, const std::stop_token& stop);
  [[nodiscard]] Result<Work> prepare(const store::Finding& finding, const std::stop_token& stop) const;
  [[nodiscard]] Result<void> replay(Work& work);
  void minimize(Work& work) const;
  // Gives the number of tests that this build has of the finding now.
  [[nodiscard]] Result<std::uint32_t> try_elsewhere(const Work& work, std::uint32_t replays_here);
  [[nodiscard]] Result<std::vector<ReplayAnswer>> replay_in(const Work& work, const std::string& variant,
                                                            const std::string& sanitizer, std::uint32_t times,
                                                            std::string& report) const;
  [[nodiscard]] Result<void> record(const Work& work, const ReplayAnswer& answer, const std::string& sanitizer,
                                    const std::string& report);
  [[nodiscard]] Result<void> explain(Work& work) const;
  [[nodiscard]] Result<std::string> explain_as(const Work& work, const std::string& format) const;
  [[nodiscard]] Result<void> cannot_replay(const store::Finding& finding, const Error& error);

  store::Store& store_;
  metrics::ServiceMetrics& metrics_;
  const Clock& clock_;
  DataFolder data_;
  const Tool& tool_;
  store::BuildId build_;
  Announce announce_;
  std::map<store::FindingId, std::uint32_t> failed_;        // replays that gave no answer, in this life
  std::map<store::FindingId, std::uint32_t> failed_tests_;  // of re-tests
};

}  // namespace gridlock::campaign
