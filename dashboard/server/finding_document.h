// The document of one finding: everything that its page shows but the explanation, which is JSON already and is put in
// as it is.
//
// Pure. May include: model, store.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "dashboard/server/documents.h"
#include "dashboard/server/route.h"
#include "engine/store/records.h"

namespace gridlock::dashboard {

using BuildsById = std::map<store::BuildId, store::Build>;

struct FindingParts {
  store::Finding finding;
  std::vector<store::SightingCount> sightings;
  std::vector<store::ReproTest> tests;  // newest first
  std::vector<store::Note> notes;
  BuildsById builds;
  std::string repro;    // its text; empty: none
  std::string command;  // replays it; empty: there is nothing to replay yet
};

// Reports of the sanitizers are large and the same again and again: only the newest of each variant and sanitizer is
// in.
[[nodiscard]] Json finding_document(const FindingParts& parts);

// "3 CPUs, 4 preemptions, 1 interrupt, from 61 decisions down to 5"
[[nodiscard]] std::string story_line(const store::Finding& finding);

// A command for a POSIX shell that replays the file.
[[nodiscard]] std::string replay_command(const std::filesystem::path& program, const std::filesystem::path& repro);

// What a download is called in an address, what blob it is of a finding, and as what it is saved.
struct DownloadKind {
  Download what;
  std::string_view name;
  store::BlobName store::Finding::* blob;
  std::string_view suffix;  // of the file: ".repro"
  std::string_view content_type;
};
[[nodiscard]] const DownloadKind& download_kind(Download what);

}  // namespace gridlock::dashboard
