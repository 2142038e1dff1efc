// One life of a campaign's child: a `gridlock fuzz` with a spool folder and a status page, watched from outside.
//
// May include: base, model, store (records), campaign.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/campaign/child.h"
#include "engine/campaign/data_folder.h"
#include "engine/campaign/patience.h"
#include "engine/campaign/spool.h"
#include "engine/campaign/status_file.h"
#include "engine/model/status_counts.h"

namespace gridlock::campaign {

struct StintLimits {
  PatienceLimits patience;
  std::chrono::milliseconds stop_grace{3'000};          // from SIGTERM to SIGKILL
  std::uint64_t memory_bytes = std::uint64_t{2} << 30;  // of it and all below it
};

struct StintOrder {
  double seconds = 0;
  std::uint64_t seed = 1;
  std::filesystem::path programs;  // folder of `gridlock`
  std::filesystem::path corpus;    // folder
  std::uint32_t findings_max = 0;  // ends after so many; 0: uses its time up
};

// How a stint ended, as the store names it.
enum class StintEnd : std::uint8_t { kTime, kKilled, kCrash, kHung, kMemory, kGarbage };
[[nodiscard]] std::string_view stint_end_name(StintEnd end);
// True for those that nobody asked for.
[[nodiscard]] bool is_unasked(StintEnd end);

class Stint {
 public:
  // Starts the child. ERRORS: files, processes.
  [[nodiscard]] static Result<Stint> start(Spool spool, const StintOrder& order, const StintLimits& limits,
                                           std::chrono::milliseconds now);

  [[nodiscard]] const Spool& spool() const { return spool_; }
  [[nodiscard]] pid_t pid() const { return child_.pid(); }
  [[nodiscard]] StatusCounts counts() const { return snapshot(status_.page()); }
  // True once the child has shown a valid page.
  [[nodiscard]] bool has_begun() const { return patience_.has_begun(); }
  [[nodiscard]] double cpu_seconds() const { return cpu_seconds_; }
  [[nodiscard]] double elapsed_seconds(std::chrono::milliseconds now) const {
    return std::chrono::duration<double>(now - begin_).count();
  }
  void add_to(std::vector<pollfd>& watched) const { child_.add_to(watched); }

  // Takes in output; cheap, to be called whenever there may be some.
  void drain() { child_.drain(); }
  // Looks at page, memory and time; kills the child where a limit is reached. To be called about once a second.
  void look(const ProcessTable& processes, std::chrono::milliseconds now);
  // Asks the child to end; look() kills it when it does not.
  void ask_to_end(std::chrono::milliseconds now);
  // Kills it at once.
  void kill();
  // Why it ended, once it has.
  [[nodiscard]] std::optional<StintEnd> ended();
  // What it said last, for the log.
  [[nodiscard]] std::string last_words() const;

 private:
  Stint(Spool spool, StatusFile status, Child child, StintLimits limits, double seconds, std::chrono::milliseconds now)
      : spool_(std::move(spool)),
        status_(std::move(status)),
        child_(std::move(child)),
        limits_(limits),
        patience_(limits.patience, seconds, now),
        begin_(now) {}
  [[nodiscard]] std::optional<StintEnd> reason_to_kill(const ProcessTable& processes, std::chrono::milliseconds now);

  Spool spool_;
  StatusFile status_;
  Child child_;
  StintLimits limits_;
  Patience patience_;
  std::chrono::milliseconds begin_;
  std::optional<std::chrono::milliseconds> asked_to_end_at_;
  std::optional<StintEnd> killed_for_;
  double cpu_seconds_ = 0;
};

}  // namespace gridlock::campaign
