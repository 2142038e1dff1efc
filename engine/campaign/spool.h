// The folder of one stint, in which its child drops what it finds. It says itself whose it is, so that what a dead
// server left behind is taken in by the next.
//
// May include: base, store (records), campaign (files, plan).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/campaign/plan.h"
#include "engine/store/records.h"

namespace gridlock::campaign {

// Of one look at a folder; the rest comes with the next.
inline constexpr std::size_t kDropsPerLookMax = 64;
inline constexpr std::size_t kSpoolFoldersMax = 10'000;

struct StintIdentity {
  CampaignKey key;
  store::CampaignId campaign;
  store::StintId stint;
  store::BuildId build;
  store::UnixMs begin = 0;
  bool operator==(const StintIdentity&) const = default;
};

class Spool {
 public:
  // Makes the folder DATA/spool/STINT with all that is in it. ERRORS: files.
  [[nodiscard]] static Result<Spool> create(const std::filesystem::path& spools, const StintIdentity& identity);
  // One that is there. ERRORS: it does not say whose it is.
  [[nodiscard]] static Result<Spool> open(const std::filesystem::path& folder);

  [[nodiscard]] const StintIdentity& identity() const { return identity_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] std::filesystem::path status() const { return folder_ / "status"; }
  [[nodiscard]] std::filesystem::path found() const { return folder_ / "found"; }
  [[nodiscard]] std::filesystem::path temporary() const { return folder_ / "tmp"; }

  // Repros that are complete, by name; at most kDropsPerLookMax.
  [[nodiscard]] std::vector<std::filesystem::path> drops() const;
  // Takes the folder away.
  void remove() const;

 private:
  Spool(std::filesystem::path folder, StintIdentity identity)
      : folder_(std::move(folder)), identity_(std::move(identity)) {}

  std::filesystem::path folder_;
  StintIdentity identity_;
};

// The folders of stints below DATA/spool, by name.
[[nodiscard]] std::vector<std::filesystem::path> spool_folders(const std::filesystem::path& spools);

}  // namespace gridlock::campaign
