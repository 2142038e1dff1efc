#include "engine/campaign/spool.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <system_error>

#include "engine/campaign/files.h"

namespace gridlock::campaign {
namespace {

constexpr std::size_t kIdentityBytesMax = 64 << 10;
constexpr const char* kIdentityFile = "stint.json";

std::string text_of(const StintIdentity& identity) {
  const nlohmann::json object = {{"target", identity.key.target},         {"variant", identity.key.variant},
                                 {"engine", identity.key.engine},         {"sanitizer", identity.key.sanitizer},
                                 {"campaign", identity.campaign.value()}, {"stint", identity.stint.value()},
                                 {"build", identity.build.value()},       {"begin", identity.begin}};
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

Result<StintIdentity> identity_in(const std::string& text, const std::filesystem::path& path) {
  const auto object = nlohmann::json::parse(text, nullptr, false);
  try {
    return StintIdentity{{object.at("target"), object.at("variant"), object.at("engine"), object.at("sanitizer")},
                         store::CampaignId(object.at("campaign")),
                         store::StintId(object.at("stint")),
                         store::BuildId(object.at("build")),
                         object.at("begin")};
  } catch (const nlohmann::json::exception&) {
    return failure("learn whose spool folder this is", path.string(), "it is no description of a stint");
  }
}

}  // namespace

Result<Spool> Spool::create(const std::filesystem::path& spools, const StintIdentity& identity) {
  Spool spool(spools / std::to_string(identity.stint.value()), identity);
  // A stint's number is given once. What stands there is of another life of this data folder, and nobody's.
  remove_quietly(spool.folder_);
  for (const auto& folder : {spool.folder_, spool.found(), spool.temporary()}) {
    if (auto made = make_folder(folder); !made) return std::unexpected(made.error());
  }
  if (auto written = write_whole(spool.folder_ / kIdentityFile, text_of(identity)); !written) {
    return std::unexpected(written.error());
  }
  return spool;
}

Result<Spool> Spool::open(const std::filesystem::path& folder) {
  const auto text = read_bounded(folder / kIdentityFile, kIdentityBytesMax);
  if (!text) return std::unexpected(text.error());
  auto identity = identity_in(*text, folder);
  if (!identity) return std::unexpected(identity.error());
  return Spool(folder, std::move(*identity));
}

std::vector<std::filesystem::path> Spool::drops() const {
  std::vector<std::filesystem::path> repros;
  std::error_code error;
  // A child that makes files for ever must not keep its reader: the entries looked at are limited, not the repros.
  std::size_t looked_at = 0;
  constexpr std::size_t kEntriesMax = 64 * kDropsPerLookMax;
  for (std::filesystem::recursive_directory_iterator entry(found(), error), end;
       !error && entry != end && looked_at < kEntriesMax; entry.increment(error), ++looked_at) {
    const auto& path = entry->path();
    std::error_code ignored;
    if (path.extension() == ".repro" && entry->is_regular_file(ignored)) repros.push_back(path);
  }
  std::ranges::sort(repros);
  if (repros.size() > kDropsPerLookMax) repros.resize(kDropsPerLookMax);
  return repros;
}

void Spool::remove() const {
  remove_quietly(folder_);
}

std::vector<std::filesystem::path> spool_folders(const std::filesystem::path& spools) {
  std::vector<std::filesystem::path> folders;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(spools, error), end; !error && entry != end; entry.increment(error)) {
    if (folders.size() >= kSpoolFoldersMax) break;
    std::error_code ignored;
    if (entry->is_directory(ignored)) folders.push_back(entry->path());
  }
  std::ranges::sort(folders);
  return folders;
}

}  // namespace gridlock::campaign
