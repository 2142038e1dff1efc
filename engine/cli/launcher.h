// How a fuzzing worker comes to life. The supervisor knows no more of an engine than this: a process that publishes
// its inputs in a page, counts its runs there, and ends when the page says so or a bug kills it.
//
// May include: cli, model.
#pragma once

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/cli/child_process.h"
#include "engine/cli/known_bugs.h"
#include "engine/cli/options.h"
#include "engine/cli/session.h"

namespace gridlock {

struct WorkerIdentity {
  std::uint32_t worker = 0;       // 0 .. jobs - 1
  std::uint32_t incarnation = 0;  // how often it was started before
};

class Launcher {
 public:
  virtual ~Launcher() = default;
  // Starts the worker. `page` outlives it; `known` need not be found again. ERRORS: the process cannot be started.
  [[nodiscard]] virtual Result<ChildProcess> launch(WorkerIdentity identity, SharedRunPage& page,
                                                    const KnownBugs& known) = 0;
  // More is known: workers that wait for a reply read it before they go on. ERRORS: files.
  [[nodiscard]] virtual Result<void> tell(const KnownBugs&) { return {}; }
  // ERRORS: a worker's end that is the fuzzer's own failure: neither a bug of the target nor a defect of ours.
  [[nodiscard]] virtual Result<void> check_end(int /*wait_status*/, const std::string& /*stderr_tail*/) { return {}; }
  // What the workers have gathered goes to the corpus; at each interval, and once the last of them has ended. So others
  // learn of it, and little is lost if this process is killed. ERRORS: files.
  [[nodiscard]] virtual Result<void> gather() { return {}; }
  [[nodiscard]] virtual std::chrono::milliseconds gather_interval() const { return std::chrono::minutes(1); }
};

// Forks of this process that run engine/cli/worker.h.
class BuiltinLauncher final : public Launcher {
 public:
  // All references outlive the launcher.
  // `corpus`: what the folder of options.corpus holds, for a blind search. ERRORS: no folder can be created for what an
  // adaptive search shares.
  [[nodiscard]] static Result<BuiltinLauncher> create(Tools tools, const Target& target, std::uint32_t variant,
                                                      const FuzzOptions& options, std::vector<Scenario> corpus);
  BuiltinLauncher(BuiltinLauncher&& other) noexcept;
  BuiltinLauncher& operator=(BuiltinLauncher&&) = delete;
  // Removes what the search shared, unless that is the user's corpus.
  ~BuiltinLauncher() override;
  Result<ChildProcess> launch(WorkerIdentity identity, SharedRunPage& page, const KnownBugs& known) override;

 private:
  BuiltinLauncher(Tools tools, const Target& target, std::uint32_t variant, const FuzzOptions& options,
                  std::vector<Scenario> corpus, std::string work);
  [[nodiscard]] std::vector<Scenario> corpus_share(std::uint32_t worker, std::uint64_t used) const;

  Tools tools_;
  const Target& target_;
  std::uint32_t variant_;
  const FuzzOptions& options_;
  std::vector<Scenario> corpus_;
  std::string work_;                     // a folder of our own; empty: none
  std::set<std::uint64_t> passed_over_;  // shared entries that killed a worker when it took them in
};

}  // namespace gridlock
