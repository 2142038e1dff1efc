#include "engine/cli/worker.h"

#include <memory>
#include <utility>

#include "engine/cli/interrupt.h"
#include "engine/cli/minimizer.h"
#include "engine/cli/run_meter.h"
#include "engine/decode/decode.h"
#include "engine/judge/lock_history.h"

namespace gridlock {
namespace {

// Replays of a fresh bug before it is given up as one that does not come again. More than one only for a
// sanitizer-report: ThreadSanitizer may miss what it saw before.
constexpr std::uint32_t kReplayAttempts = 10;

class Worker {
 public:
  Worker(Session& session, const Target& target, const Channel& channel, WorkerOptions options)
      : session_(session),
        channel_(channel),
        known_(std::move(options.known)),
        twice_(options.twice),
        searcher_(make_searcher(session, target, std::move(options.search))),
        meter_(session.page(), RunMeter::Clock::now()) {}

  [[nodiscard]] Result<void> run();

 private:
  [[nodiscard]] bool budget_left() const;
  void examine(const Scenario& scenario, const Judged& judged);
  void run_joined(const Scenario& scenario);
  [[nodiscard]] bool runs_the_same_twice(const Scenario& scenario, std::uint64_t points);
  void handle(const Scenario& scenario, const Verdict& found);
  [[nodiscard]] bool comes_again(const Scenario& scenario, const Verdict& found);
  [[nodiscard]] StopRequest stop_request() const;

  Session& session_;
  const Channel& channel_;
  KnownBugs known_;
  bool twice_;
  std::unique_ptr<Searcher> searcher_;
  LockHistory lock_history_;
  RunMeter meter_;
};

bool Worker::budget_left() const {
  const RunPage& page = session_.page();
  return page.stop.load(std::memory_order_relaxed) == StopLevel::kGoOn &&
         page.runs.load(std::memory_order_relaxed) < page.runs_max.load(std::memory_order_relaxed);
}

Result<void> Worker::run() {
  RunPage& page = session_.page();
  while (budget_left()) {
    count(page.runs);
    const auto& [scenario, judged] = searcher_->run();
    meter_.note(judged.view, RunMeter::Clock::now());
    // The view goes with the next run, and the comparison needs what it says.
    const bool compares = twice_ && !judged.view.directives_overflowed;
    const Scenario made = compares ? as_it_was(scenario, judged.view) : Scenario();
    const std::uint64_t points = judged.view.points;
    const auto joined = lock_history_.learn(judged.view, scenario);
    examine(scenario, judged);
    if (joined) run_joined(*joined);
    if (compares && !runs_the_same_twice(made, points)) count(page.differing);
    if (auto settled = searcher_->settle(); !settled) return settled;
  }
  return {};
}

// Two runs that went well and together show an order of locks that could deadlock: as one run, it is judged like any.
void Worker::run_joined(const Scenario& scenario) {
  if (!is_legal(scenario, session_.schema())) return;
  count(session_.page().runs);
  const Judged judged = session_.replay(scenario);
  meter_.note(judged.view, RunMeter::Clock::now());
  examine(scenario, judged);
}

void Worker::examine(const Scenario& scenario, const Judged& judged) {
  if (judged.verdict.kind == VerdictKind::kInconclusive) count(session_.page().inconclusive);
  if (!is_bug(judged.verdict.kind) || known_.contains(judged.verdict)) return;
  known_.add_raw(judged.verdict);
  handle(as_it_was(scenario, judged.view), judged.verdict);
  meter_.skip_to(RunMeter::Clock::now());
}

// `points`: of the run that the comparison is about, which was not traced.
bool Worker::runs_the_same_twice(const Scenario& scenario, std::uint64_t points) {
  const RunView& first_view = session_.trace(scenario).view;
  const Trace first = *first_view.trace;
  if (first_view.points != points) return false;
  return first_difference(first, *session_.trace(scenario).view.trace) < 0;
}

void Worker::handle(const Scenario& scenario, const Verdict& found) {
  if (!is_legal(scenario, session_.schema())) {
    count(session_.page().unconfirmed);
    return;
  }
  const auto input = encode(scenario, session_.schema());
  const std::uint64_t runs = session_.page().runs.load(std::memory_order_relaxed);
  channel_.send({{"found", to_message(found)}, {"input", to_message(input)}, {"runs", runs}});
  if (!comes_again(scenario, found)) {
    count(session_.page().unconfirmed);
    channel_.send({{"lost", true}});
    return;
  }
  const Minimized minimized = minimize_here(session_, scenario, found, stop_request());
  known_.add_minimal(minimized.verdict);
  channel_.send({{"finding", to_message(minimized, session_.schema())}, {"input", to_message(input)}, {"runs", runs}});
  channel_.wait_for_reply();
}

bool Worker::comes_again(const Scenario& scenario, const Verdict& found) {
  for (std::uint32_t attempt = 0; attempt < kReplayAttempts; ++attempt) {
    const Verdict again = session_.replay(scenario).verdict;
    if (again.kind == found.kind && again.signature == found.signature) return true;
  }
  return false;
}

StopRequest Worker::stop_request() const {
  const RunPage& page = session_.page();
  return [&page] { return interrupted() || page.stop.load(std::memory_order_relaxed) == StopLevel::kNow; };
}

}  // namespace

Result<void> fuzz_in_this_process(Session& session, const Target& target, const Channel& channel,
                                  WorkerOptions options) {
  return Worker(session, target, channel, std::move(options)).run();
}

}  // namespace gridlock
