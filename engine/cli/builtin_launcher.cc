// Workers that are forks of this process, each with its share of the corpus. See launcher.h.
#include <utility>

#include "engine/cli/launcher.h"
#include "engine/cli/schedule_source.h"
#include "engine/cli/worker.h"

namespace gridlock {

BuiltinLauncher::BuiltinLauncher(Tools tools, const Target& target, std::uint32_t variant, const FuzzOptions& options,
                                 std::vector<Scenario> corpus)
    : tools_(tools), target_(target), variant_(variant), options_(options), corpus_(std::move(corpus)) {}

std::vector<Scenario> BuiltinLauncher::corpus_share(std::uint32_t worker, std::uint64_t used) const {
  std::vector<Scenario> share;
  for (std::size_t entry = worker; entry < corpus_.size(); entry += options_.jobs) {
    if (used > 0) {
      --used;
    } else {
      share.push_back(corpus_[entry]);
    }
  }
  return share;
}

Result<ChildProcess> BuiltinLauncher::launch(WorkerIdentity identity, SharedRunPage& page, const KnownBugs& known) {
  return ChildProcess::start([&, identity](const Channel& channel) {
    set_crash_page(&page->crash);
    Session session(tools_, target_, variant_, *page);
    const std::uint64_t used = page->corpus_used.load(std::memory_order_relaxed);
    fuzz_in_this_process(session, channel,
                         {.seed = derive_seed(options_.seed, identity.worker, identity.incarnation),
                          .strategy = options_.strategy,
                          .corpus = corpus_share(identity.worker, used),
                          .known = known,
                          .twice = options_.twice});
  });
}

}  // namespace gridlock
