// Workers that are instances of afl-fuzz, each with the AFL++ driver of this flavour (engine/cli/afl_main.cc) below it.
// They share one output folder, as AFL++ wants its instances to: the first is the main one, the others learn from it.
//
// May include: cli, model, decode.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/cli/corpus_folder.h"
#include "engine/cli/fuzzer_folder.h"
#include "engine/cli/launcher.h"

namespace gridlock {

class AflLauncher final : public Launcher {
 public:
  // Makes the work folder that AFL++'s files go to. `target` and `options` outlive the launcher. ERRORS: no afl-fuzz in
  // PATH, no driver, no place for the folder, a malformed repro in the corpus.
  [[nodiscard]] static Result<AflLauncher> create(const Target& target, std::uint32_t variant,
                                                  const FuzzOptions& options, std::string_view flavour);

  Result<ChildProcess> launch(WorkerIdentity identity, SharedRunPage& page, const KnownBugs& known) override;
  Result<void> tell(const KnownBugs& known) override { return folder_.write_known(known); }
  Result<void> check_end(int wait_status, const std::string& stderr_tail) override;
  // What the instances have found worth keeping goes to the corpus folder, if there is one.
  Result<void> gather() override;

 private:
  struct Programs {
    std::string afl_fuzz;
    std::string driver;
    std::string mutator;  // empty: none
  };
  AflLauncher(Programs programs, FuzzerFolder folder, const Target& target, std::uint32_t variant,
              const FuzzOptions& options)
      : programs_(std::move(programs)),
        folder_(std::move(folder)),
        target_(target),
        variant_(variant),
        options_(options),
        corpus_(options.corpus, target) {}
  static Result<Programs> find_programs(const Target& target, const FuzzOptions& options, std::string_view flavour);
  [[nodiscard]] std::vector<std::string> command(WorkerIdentity identity) const;
  [[nodiscard]] std::vector<std::string> environment(const SharedRunPage& page) const;

  Programs programs_;
  FuzzerFolder folder_;
  const Target& target_;
  std::uint32_t variant_;
  const FuzzOptions& options_;
  CorpusFolder corpus_;  // knows what was added before
};

}  // namespace gridlock
