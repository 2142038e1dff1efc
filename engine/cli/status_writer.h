// `fuzz --status-page FILE`: keeps the page that another process reads (engine/model/status_page.h) current, from the
// pages of the workers and from what their parent knows.
//
// May include: base, model.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "engine/base/error.h"
#include "engine/cli/run_page.h"
#include "engine/model/status_page.h"

namespace gridlock {

// How often the workers' counts are copied at most, and how often the corpus folder is looked at.
inline constexpr auto kStatusInterval = std::chrono::milliseconds(200);
inline constexpr auto kCorpusCountInterval = std::chrono::seconds(10);
// Entries beyond this are not counted: the folder is not ours alone.
inline constexpr std::uint64_t kCorpusCountMax = 1'000'000;

// What is in no worker's page.
struct ParentCounts {
  std::uint64_t workers_up = 0;
  std::uint64_t worker_restarts = 0;
  std::uint64_t findings = 0;
  std::uint64_t unconfirmed = 0;      // beside what the workers count
  std::uint64_t ordered_reports = 0;  // likewise
};

class StatusWriter {
 public:
  using Clock = std::chrono::steady_clock;

  // `corpus`: the folder whose entries are counted; empty: none. ERRORS: the file is not there, cannot be written, or
  // is not of the size of a status page.
  [[nodiscard]] static Result<StatusWriter> open(const std::string& path, const std::string& corpus);

  // The parent lives. Cheap enough for every turn of its loop.
  void beat();
  // True once kStatusInterval has gone by since the last show().
  [[nodiscard]] bool due(Clock::time_point now) const { return now - shown_ >= kStatusInterval; }
  void show(std::span<const RunPage* const> workers, const ParentCounts& parent, Clock::time_point now);

 private:
  struct Unmap {
    void operator()(StatusPage* page) const;
  };

  StatusWriter(StatusPage* page, std::string corpus) : page_(page), corpus_(std::move(corpus)) {}
  void count_corpus(Clock::time_point now);

  std::unique_ptr<StatusPage, Unmap> page_;
  std::string corpus_;
  Clock::time_point shown_{};
  Clock::time_point corpus_counted_{};
};

}  // namespace gridlock
