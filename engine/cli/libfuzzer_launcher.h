// Workers that are the libFuzzer driver of this flavour (engine/cli/libfuzzer_main.cc), which lies beside this program.
//
// May include: cli, model, decode.
#pragma once

#include <string>
#include <string_view>

#include "engine/cli/fuzzer_folder.h"
#include "engine/cli/launcher.h"

namespace gridlock {

class LibfuzzerLauncher final : public Launcher {
 public:
  // Makes the work folder that libFuzzer's files go to. ERRORS: no such driver, no place for the folder, a malformed
  // repro in the corpus.
  [[nodiscard]] static Result<LibfuzzerLauncher> create(const Target& target, std::uint32_t variant,
                                                        const FuzzOptions& options, std::string_view flavour);

  Result<ChildProcess> launch(WorkerIdentity identity, SharedRunPage& page, const KnownBugs& known) override;
  Result<void> tell(const KnownBugs& known) override { return folder_.write_known(known); }

 private:
  LibfuzzerLauncher(std::string program, FuzzerFolder folder, std::string variant, const FuzzOptions& options)
      : program_(std::move(program)), folder_(std::move(folder)), variant_(std::move(variant)), options_(options) {}

  std::string program_;
  FuzzerFolder folder_;
  std::string variant_;  // of options_.target
  const FuzzOptions& options_;
};

}  // namespace gridlock
