// A folder of inputs that several workers and fuzzers add to and take from while they run. An entry is a file named by
// the hash of its bytes, written whole or not at all: a worker that is killed loses and breaks nothing, and the same
// entry from two of them is one file.
//
// May include: base, model, decode.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/cli/target_list.h"
#include "engine/model/scenario.h"

namespace gridlock {

struct SharedEntry {
  std::uint64_t id = 0;  // never 0; the same in every process
  Scenario scenario;
};

class CorpusFolder {
 public:
  // `target` outlives this object. The folder exists.
  CorpusFolder(std::string path, const Target& target) : path_(std::move(path)), target_(target) {}

  // Adds a scenario, if it is not there. ERRORS: the file cannot be written.
  [[nodiscard]] Result<void> add(const Scenario& scenario);

  // What has come since the last call, by their names, findings before kept runs, without what add() wrote; at most
  // `entries_max`, the rest next time. Repros of this target count as well. Files that cannot be read, because somebody
  // has just taken them away, are left out.
  [[nodiscard]] std::vector<SharedEntry> take_in(std::size_t entries_max);

 private:
  std::string path_;
  const Target& target_;
  std::set<std::string> known_;  // names
};

// A folder of its own, `gridlock-PURPOSE-XXXXXX`, for what need not outlive this process: where TMPDIR says, else in
// memory (/dev/shm) where that has room, else in /tmp. ERRORS: it cannot be created.
[[nodiscard]] Result<std::string> make_work_folder(const std::string& purpose);

}  // namespace gridlock
