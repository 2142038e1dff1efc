// Workers that are forks of this process, each with its share of the corpus. See launcher.h.
#include <filesystem>
#include <system_error>
#include <utility>

#include "engine/cli/launcher.h"
#include "engine/cli/worker.h"
#include "engine/search/schedule_source.h"

namespace gridlock {

BuiltinLauncher::BuiltinLauncher(Tools tools, const Target& target, std::uint32_t variant, const FuzzOptions& options,
                                 std::vector<Scenario> corpus, std::string work)
    : tools_(tools),
      target_(target),
      variant_(variant),
      options_(options),
      corpus_(std::move(corpus)),
      work_(std::move(work)) {}

Result<BuiltinLauncher> BuiltinLauncher::create(Tools tools, const Target& target, std::uint32_t variant,
                                                const FuzzOptions& options, std::vector<Scenario> corpus) {
  std::string work;
  if (strategy_of(options) == kAdaptive && options.feedback && options.corpus.empty()) {
    auto made = make_work_folder("builtin");
    if (!made) return std::unexpected(made.error());
    work = std::move(*made);
  }
  return BuiltinLauncher(tools, target, variant, options, std::move(corpus), std::move(work));
}

BuiltinLauncher::BuiltinLauncher(BuiltinLauncher&& other) noexcept
    : tools_(other.tools_),
      target_(other.target_),
      variant_(other.variant_),
      options_(other.options_),
      corpus_(std::move(other.corpus_)),
      work_(std::exchange(other.work_, {})),
      passed_over_(std::move(other.passed_over_)) {}

BuiltinLauncher::~BuiltinLauncher() {
  std::error_code ignored;
  if (!work_.empty()) std::filesystem::remove_all(work_, ignored);
}

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
  // The worker before this one died of an entry that it was taking in: the next would as well.
  if (const std::uint64_t entry = page->taking_in.exchange(0)) passed_over_.insert(entry);
  return ChildProcess::start([&, identity](const Channel& channel) {
    set_crash_page(&page->crash);
    page->is_watched = true;
    Session session(tools_, target_, variant_, *page);
    const std::uint64_t used = page->corpus_used.load(std::memory_order_relaxed);
    SearchOptions search{.seed = derive_seed(options_.seed, identity.worker, identity.incarnation),
                         .strategy = strategy_of(options_),
                         .feedback = options_.feedback,
                         .structure = options_.structure,
                         .shared_folder = work_.empty() ? options_.corpus : work_,
                         .passed_over = passed_over_};
    if (search.strategy != kAdaptive) search.corpus = corpus_share(identity.worker, used);
    const auto done = fuzz_in_this_process(session, target_, channel,
                                           {.search = std::move(search), .known = known, .twice = options_.twice});
    if (!done) channel.send({{"failed", done.error().message()}});
  });
}

}  // namespace gridlock
