// Looks after the corpora, one folder a target, that all campaigns of the target share: keeps the store's index of them
// and prunes them.
//
// Pruning is libFuzzer's merge, run by Gridlock's own driver (`gridlock-libfuzzer -merge=1`) once for each variant: it
// goes over the entries from the smallest on and keeps those that bring a feature, of the code or of the interleaving.
// So whatever is some feature's smallest, in any variant, stays. Findings' inputs stay whatever they bring. Entries
// that came while it ran stay too: nothing is taken away that it has not looked at.
//
// May include: base, store, metrics, campaign.
#pragma once

#include <cstdint>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/campaign/clock.h"
#include "engine/campaign/data_folder.h"
#include "engine/campaign/tool.h"
#include "engine/metrics/service_metrics.h"
#include "engine/store/store.h"

namespace gridlock::campaign {

// From this many entries on a corpus is pruned, and again when it has grown to twice what was left.
inline constexpr std::size_t kPruneFrom = 2000;
// Of an index; entries beyond are counted in no corpus, which a log line says.
inline constexpr std::size_t kCorpusEntriesMax = 50'000;

struct PruneReport {
  std::size_t before = 0;
  std::size_t after = 0;  // with what came meanwhile
};

class CorpusCare {
 public:
  // All references outlive it.
  CorpusCare(store::Store& store, metrics::ServiceMetrics& metrics, DataFolder data, const Tool& tool)
      : store_(store), metrics_(metrics), data_(std::move(data)), tool_(tool) {}

  // Brings the index of a target along. Gives the number of entries. ERRORS: the store.
  [[nodiscard]] Result<std::size_t> index(const std::string& target);
  [[nodiscard]] bool should_prune(const std::string& target, std::size_t entries) const;
  // ERRORS: a merge failed or was stopped (the corpus is as it was), or the store.
  [[nodiscard]] Result<PruneReport> prune(const std::string& target, const std::vector<std::string>& variants,
                                          const std::stop_token& stop);

 private:
  store::Store& store_;
  metrics::ServiceMetrics& metrics_;
  DataFolder data_;
  const Tool& tool_;
  std::map<std::string, std::size_t> entries_left_;  // by target, after the last pruning
};

}  // namespace gridlock::campaign
