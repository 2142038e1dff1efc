// What a worker of the builtin engine runs, one run after the other: blindly by one strategy, or adaptively.
//
// May include: base, model, decode, feedback, search, strategy.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/cli/corpus_folder.h"
#include "engine/cli/session.h"

namespace gridlock {

struct SearchOptions {
  std::uint64_t seed = 1;
  std::string strategy = "adaptive";
  std::vector<Scenario> corpus = {};         // of a blind search: what it starts around
  bool feedback = true;                      // of the adaptive one: learn from what runs reach
  bool structure = true;                     // mutate scenarios, not bytes
  std::string shared_folder = {};            // of the adaptive one: what it keeps and takes in; empty: none
  std::set<std::uint64_t> passed_over = {};  // entries of that folder that are not taken in: they killed a worker
};

class Searcher {
 public:
  // A run and the scenario that it was a run of. Both live until the next run of the machine.
  struct Attempted {
    const Scenario& scenario;
    Judged judged;
  };

  virtual ~Searcher() = default;

  // Makes the next run and learns from it.
  [[nodiscard]] virtual Attempted run() = 0;

  // To be called between runs: does what needs runs of its own (a profile of a run worth keeping) and files. ERRORS: a
  // run cannot be written to the shared folder.
  [[nodiscard]] virtual Result<void> settle() = 0;
};

// Both references outlive the searcher. REQUIRES: options.strategy is "adaptive" or one of strategy_names().
[[nodiscard]] std::unique_ptr<Searcher> make_searcher(Session& session, const Target& target, SearchOptions options);

}  // namespace gridlock
