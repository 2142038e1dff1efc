// A service's store, metrics and clock around a data folder of its own, and the programs of testdata/programs as what
// the campaigns run.
//
// May include: base, model, store, metrics, campaign.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "engine/campaign/announce.h"
#include "engine/campaign/clock.h"
#include "engine/campaign/data_folder.h"
#include "engine/campaign/files.h"
#include "engine/campaign/orchestrator.h"
#include "engine/campaign/spool.h"
#include "engine/metrics/service_metrics.h"
#include "engine/store/store.h"
#include "engine/store/store_fixture.h"

namespace gridlock::campaign {

using store::must;

// Longer than any of these tests takes; only a broken one waits for it.
inline constexpr std::chrono::seconds kPatience{120};

inline std::filesystem::path misbehaving_programs() {
  return GRIDLOCK_TEST_PROGRAMS;
}

class CampaignFixture : public ::testing::Test {
 protected:
  CampaignFixture() : store_(must(store::Store::open(folder_.path()))) {}

  [[nodiscard]] DataFolder data() const { return {folder_.path()}; }

  Announce announce() {
    return [this](store::FindingId finding) {
      const std::lock_guard lock(mutex_);
      announced_.push_back(finding);
      news_.notify_all();
    };
  }
  [[nodiscard]] std::vector<store::FindingId> announced() {
    const std::lock_guard lock(mutex_);
    return announced_;
  }
  // Waits for announcements, and now and then without one, until `holds`.
  template <typename Holds>
  [[nodiscard]] bool eventually(const Holds& holds) {
    const auto limit = clock_.steady() + kPatience;
    std::unique_lock lock(mutex_);
    for (;;) {
      lock.unlock();
      if (holds()) return true;
      lock.lock();
      if (clock_.steady() > limit) return false;
      news_.wait_for(lock, std::chrono::milliseconds(20));
    }
  }
  [[nodiscard]] std::vector<store::Finding> findings() const {
    return must(store_->findings({.is_canary = std::nullopt, .limit = store::kFindingsPageMax})).findings;
  }
  // A stint of a campaign of `target`, as the loop would begin it.
  Spool spool_of(const std::string& target) {
    const auto build = must(store_->record_build("digest", "test", clock_.now()));
    const auto campaign = must(store_->campaign(target, "broken", "builtin", "none"));
    const auto stint = must(store_->begin_stint(campaign.id, build.id, clock_.now()));
    return must(
        Spool::create(data().spool(), {{target, "broken", "builtin", "none"}, campaign.id, stint, build.id, 1000}));
  }

  store::TemporaryFolder folder_;
  SystemClock clock_;
  std::unique_ptr<store::Store> store_;
  metrics::ServiceMetrics metrics_{"test", "digest"};
  std::mutex mutex_;
  std::condition_variable news_;
  std::vector<store::FindingId> announced_;  // guarded by mutex_
};

// The text of a repro that says what it must.
inline std::string repro_text(const std::string& target, const std::string& signature) {
  return "gridlock-repro 1\ntarget " + target + "\nsignature " + signature +
         "\nexpect broken hang\nexpect repaired ok\ncpu 0: run()\ncpu 1: run()\norder 0 1\nat cpu 0 point 3 demote\n";
}

inline void drop(const Spool& spool, const std::string& name, const std::string& text, const std::string& input = {}) {
  const auto folder = spool.found() / spool.identity().key.target;
  must(make_folder(folder));
  if (!input.empty()) must(write_whole(folder / (name + ".input"), input));
  must(write_whole(folder / (name + ".repro"), text));
}

}  // namespace gridlock::campaign
