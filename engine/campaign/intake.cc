#include "engine/campaign/intake.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <system_error>

#include "engine/campaign/files.h"
#include "engine/model/repro_text.h"

namespace gridlock::campaign {
namespace {

std::size_t files_in(const std::filesystem::path& folder) {
  std::error_code error;
  std::size_t count = 0;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    ++count;
  }
  return count;
}

}  // namespace

Result<Intake::Drop> Intake::read(const Spool& spool, const std::filesystem::path& repro) {
  Drop drop{repro, std::filesystem::path(repro).replace_extension(".input"), {}, {}, {}};
  auto text = read_bounded(repro, kReproBytesMax);
  if (!text) return std::unexpected(text.error());
  auto head = read_repro_head(*text, repro.filename().string());
  if (!head) return std::unexpected(head.error());
  if (head->target != spool.identity().key.target) {
    return failure("take in the repro", repro.filename().string(), "it is of the target " + head->target);
  }
  drop.repro = std::move(*text);
  drop.head = std::move(*head);
  // The program writes the input first, so it is there, or there is none.
  if (auto input = read_bounded(drop.input_path, kInputBytesMax)) drop.input = std::move(*input);
  return drop;
}

Result<store::Store::Recorded> Intake::record(const Spool& spool, const Drop& drop, FoundAfter after) {
  const StintIdentity& identity = spool.identity();
  const Expectation bug = drop.head.bug_in(identity.key.variant);
  store::Store::Seen seen{
      .target = drop.head.target,
      .variant = bug.variant,
      .verdict = {.kind = bug.verdict, .signature = drop.head.signature, .summary = drop.head.signature},
      .is_canary = drop.head.target == kCanaryTarget,
      .sighting = {.campaign = identity.campaign,
                   .stint = identity.stint,
                   .build = identity.build,
                   .time = clock_.now(),
                   .runs_to_find = after.runs,
                   .seconds_to_find = after.seconds,
                   .origin = fmt::format("{}/{}", identity.stint.value(), drop.repro_path.stem().string())}};
  if (!seen_.contains({drop.head.target, drop.head.signature})) {
    auto repro = store_.put_blob(drop.repro);
    if (!repro) return std::unexpected(repro.error());
    seen.repro = std::move(*repro);
    if (!drop.input.empty()) {
      auto input = store_.put_blob(drop.input);
      if (!input) return std::unexpected(input.error());
      seen.sighting.input = std::move(*input);
    }
  }
  auto recorded = store_.record_sighting(seen);
  if (recorded) ++seen_[{drop.head.target, drop.head.signature}];
  return recorded;
}

Result<Taken> Intake::take(const Spool& spool, FoundAfter after) {
  Taken taken;
  for (const auto& path : spool.drops()) {
    const auto drop = read(spool, path);
    if (!drop) {
      reject(path, std::to_string(spool.identity().stint.value()), drop.error().message());
      ++taken.rejected;
      continue;
    }
    const auto recorded = record(spool, *drop, after);
    if (!recorded) {
      metrics_.count_store_write_failure();
      return std::unexpected(recorded.error());
    }
    if (recorded->is_repeat) {
      // Killed between the store and the two lines at the end of this loop: all is done but them.
      remove_quietly(drop->repro_path);
      remove_quietly(drop->input_path);
      continue;
    }
    metrics_.count_finding(drop->head.target, drop->head.bug_in(spool.identity().key.variant).verdict,
                           recorded->is_new);
    announce_(recorded->id);
    ++(recorded->is_new ? taken.new_findings : taken.known_findings);
    if (recorded->is_new) spdlog::info("new finding in {}: {}", drop->head.target, drop->head.signature);
    remove_quietly(drop->repro_path);
    remove_quietly(drop->input_path);
  }
  return taken;
}

void Intake::reject(const std::filesystem::path& file, const std::string& stem, const std::string& reason) {
  spdlog::warn("rejected {}: {}", file.filename().string(), reason);
  metrics_.count_rejected_repro();
  std::error_code error;
  if (make_folder(data_.rejected()) && files_in(data_.rejected()) + 2 <= kRejectedFilesMax) {
    const auto kept = data_.rejected() / fmt::format("{}-{}", stem, file.filename().string());
    std::filesystem::rename(file, kept, error);
    if (!error) {
      static_cast<void>(write_whole(kept.string() + ".reason", reason + "\n"));
      return;
    }
  }
  remove_quietly(file);
}

}  // namespace gridlock::campaign
