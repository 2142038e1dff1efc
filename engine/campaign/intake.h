// Takes in what a child has dropped: reads it, makes it durable, announces it, and only then takes the files away.
// Killed in between, the next server does it again, and the store knows the sighting by its origin.
//
// What is no repro is kept in DATA/rejected/ with the reason.
//
// May include: base, model, store, metrics, campaign.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>

#include "engine/base/error.h"
#include "engine/campaign/announce.h"
#include "engine/campaign/clock.h"
#include "engine/campaign/data_folder.h"
#include "engine/campaign/repro_head.h"
#include "engine/campaign/spool.h"
#include "engine/metrics/service_metrics.h"
#include "engine/store/store.h"

namespace gridlock::campaign {

inline constexpr std::size_t kInputBytesMax = 1 << 20;
// Files in DATA/rejected/. What is beyond is counted and thrown away: a child gone wrong fills no disk.
inline constexpr std::size_t kRejectedFilesMax = 1000;

struct Taken {
  std::uint32_t new_findings = 0;
  std::uint32_t known_findings = 0;
  std::uint32_t rejected = 0;
};

// How far the child was when the drops were noticed: at most one look later than when they were found.
struct FoundAfter {
  std::uint64_t runs = 0;
  double seconds = 0;
};

class Intake {
 public:
  // All references outlive it.
  Intake(store::Store& store, metrics::ServiceMetrics& metrics, const Clock& clock, DataFolder data, Announce announce)
      : store_(store), metrics_(metrics), clock_(clock), data_(std::move(data)), announce_(std::move(announce)) {}

  // ERRORS: the store cannot write; what was not taken in stays where it is, and the call may be made again.
  [[nodiscard]] Result<Taken> take(const Spool& spool, FoundAfter after);
  // Keeps a file that is no finding, and why. Never fails: what cannot be kept is thrown away, and logged.
  void reject(const std::filesystem::path& file, const std::string& stem, const std::string& reason);

 private:
  struct Drop {
    std::filesystem::path repro_path;
    std::filesystem::path input_path;
    std::string repro;
    std::string input;  // empty: there is none
    ReproHead head;
  };
  [[nodiscard]] static Result<Drop> read(const Spool& spool, const std::filesystem::path& repro);
  [[nodiscard]] Result<store::Store::Recorded> record(const Spool& spool, const Drop& drop, FoundAfter after);

  store::Store& store_;
  metrics::ServiceMetrics& metrics_;
  const Clock& clock_;
  DataFolder data_;
  Announce announce_;
  // Sightings of each (target, signature) in this life of the server, to keep the inputs of the first only.
  std::map<std::pair<std::string, std::string>, std::uint64_t> seen_;
};

}  // namespace gridlock::campaign
