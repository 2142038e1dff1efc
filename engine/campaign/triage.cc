#include "engine/campaign/triage.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>

#include "engine/campaign/files.h"
#include "engine/campaign/repro_head.h"

namespace gridlock::campaign {
namespace {

constexpr std::size_t kExplanationBytesMax = 16 << 20;
constexpr std::uint32_t kUntriagedAtATime = 16;

Error unanswered(const std::string& what, const ToolEnd& end) {
  std::string said = end.errors.substr(0, end.errors.find('\n'));
  return Error{what, end.end.describe(), std::move(said)};
}

// Of each variant and flavour once.
using Tested = std::set<std::pair<std::string, std::string>>;

Result<Tested> tested_with(const store::Store& store, store::FindingId finding, store::BuildId build) {
  const auto tests = store.tests(finding);
  if (!tests) return std::unexpected(tests.error());
  Tested tested;
  for (const auto& test : *tests) {
    if (test.build == build) tested.emplace(test.variant, test.sanitizer);
  }
  return tested;
}

metrics::ReplayResult result_of(const store::Finding& finding, const ReplayAnswer& answer) {
  if (answer.as_expected == 0 || (answer.as_expected == answer.times && answer.signature != finding.signature)) {
    return metrics::ReplayResult::kDifferent;
  }
  return answer.as_expected == answer.times ? metrics::ReplayResult::kSame : metrics::ReplayResult::kFlaky;
}

}  // namespace

// One finding in the work folder.
struct Triage::Work {
  const store::Finding& finding;
  const std::stop_token& stop;
  std::filesystem::path folder;
  std::filesystem::path repro;
  std::filesystem::path input;  // empty: there is none
  store::TriageResult result;
  ReplayAnswer answer;
};

Result<bool> Triage::step(const std::stop_token& stop) {
  const auto waiting = store_.untriaged(kUntriagedAtATime);
  if (!waiting) return std::unexpected(waiting.error());
  if (!waiting->empty()) {
    if (auto done = triage(waiting->front(), stop); !done) return std::unexpected(done.error());
    return true;
  }
  // Those that cannot be tested stay in the list, so it is asked for that many more.
  const auto untested = store_.not_tested_with(build_, static_cast<std::uint32_t>(failed_tests_.size()) + 1);
  if (!untested) return std::unexpected(untested.error());
  const auto next = std::ranges::find_if(
      *untested, [&](const store::Finding& finding) { return failed_tests_[finding.id] < kTriesMax; });
  if (next == untested->end()) return false;
  if (auto done = retest(*next, stop); !done) return std::unexpected(done.error());
  return true;
}

Result<Triage::Work> Triage::prepare(const store::Finding& finding, const std::stop_token& stop) const {
  Work work{finding, stop, data_.work(), data_.work() / (finding.key + ".repro"), {}, {}, {}};
  // With what a command that was killed has left there.
  for (const auto& folder : {work.folder, data_.temporary()}) {
    remove_quietly(folder);
    if (auto made = make_folder(folder); !made) return std::unexpected(made.error());
  }
  const auto repro = store_.blob(finding.repro);
  if (!repro) return std::unexpected(repro.error());
  if (auto written = write_whole(work.repro, *repro); !written) return std::unexpected(written.error());
  const auto head = read_repro_head(*repro, work.repro.filename().string());
  if (!head) return std::unexpected(head.error());
  work.result.repro = finding.repro;
  work.result.cpus = head->counts.cpus;
  work.result.preemptions = head->counts.preemptions;
  work.result.interrupts = head->counts.interrupts;
  work.result.migrations = head->counts.migrations;
  work.result.decisions = head->counts.decisions;
  work.result.decisions_as_found = head->counts.decisions;
  if (finding.input.empty()) return work;
  const auto input = store_.blob(finding.input);
  if (!input) return std::unexpected(input.error());
  work.input = data_.work() / (finding.key + ".input");
  if (auto written = write_whole(work.input, *input); !written) return std::unexpected(written.error());
  return work;
}

Result<void> Triage::triage(const store::Finding& finding, const std::stop_token& stop) {
  auto work = prepare(finding, stop);
  if (!work) return std::unexpected(work.error());
  if (auto done = replay(*work); !done) {
    if (was_stopped(done.error())) return done;
    return cannot_replay(finding, done.error());
  }
  minimize(*work);
  if (auto done = try_elsewhere(*work, kReplays); !done) return std::unexpected(done.error());
  if (auto done = explain(*work); !done) return done;
  if (auto done = store_.record_triage(finding.id, work->result); !done) return done;
  metrics_.count_replays(finding.target, result_of(finding, work->answer));
  if (!work->input.empty()) {
    metrics_.observe_minimisation(work->result.minimize_seconds, work->result.decisions_as_found,
                                  work->result.decisions);
  }
  announce_(finding.id);
  remove_quietly(work->folder);
  return {};
}

Result<void> Triage::retest(const store::Finding& finding, const std::stop_token& stop) {
  const auto work = prepare(finding, stop);
  if (!work) return std::unexpected(work.error());
  const auto tests = try_elsewhere(*work, kReplaysOther);
  if (!tests) return std::unexpected(tests.error());
  if (*tests == 0) ++failed_tests_[finding.id];
  announce_(finding.id);
  remove_quietly(work->folder);
  return {};
}

Result<std::vector<ReplayAnswer>> Triage::replay_in(const Work& work, const std::string& variant,
                                                    const std::string& sanitizer, std::uint32_t times,
                                                    std::string& report) const {
  std::vector<std::string> arguments = {"replay",      work.repro.string(), "--times", std::to_string(times),
                                        "--sanitizer", sanitizer,           "--json"};
  if (!variant.empty()) arguments.insert(arguments.end(), {"--variant", variant});
  const auto end = tool_.run(arguments, work.stop);
  if (!end) return std::unexpected(end.error());
  if (!end->answered()) return std::unexpected(unanswered("replay the repro", *end));
  auto answers = replay_answers(end->last_line);
  if (answers && answers->empty()) return failure("replay the repro", work.finding.key, "it gave no result");
  if (answers && answers->front().sanitizer_reports) {
    report = end->output.substr(0, end->output.rfind(end->last_line)) + end->errors;
    if (report.size() > kSanitizerReportBytesMax) report.resize(kSanitizerReportBytesMax);
  }
  return answers;
}

// A hundred times by the program that found it.
Result<void> Triage::replay(Work& work) {
  std::string report;
  const auto answers = replay_in(work, work.finding.variant, "none", kReplays, report);
  if (!answers) return std::unexpected(answers.error());
  work.answer = answers->front();
  const bool is_same = work.answer.signature == work.finding.signature || work.answer.as_expected < work.answer.times;
  work.result.reproduced = is_same ? work.answer.as_expected : 0;
  work.result.replays = work.answer.times;
  work.result.title = work.answer.summary.empty() ? work.finding.signature : work.answer.summary;
  return {};
}

// The child has minimized it already. Doing it again from the input as found tells from how many decisions, in how many
// trials and how long; the repro stays the child's. Without an answer the figures stay those of the repro.
void Triage::minimize(Work& work) const {
  if (work.input.empty()) return;
  const auto end = tool_.run({"minimize", work.input.string(), "--target", work.finding.target, "--variant",
                              work.finding.variant, "-o", (work.folder / "minimized.repro").string()},
                             work.stop);
  if (!end || !end->answered()) return;
  const auto figures = minimize_figures(end->errors);
  if (!figures) return;
  work.result.decisions_as_found = std::max(figures->decisions_before, work.result.decisions);
  work.result.minimize_runs = figures->trials;
  work.result.minimize_seconds = end->seconds;
}

Result<void> Triage::record(const Work& work, const ReplayAnswer& answer, const std::string& sanitizer,
                            const std::string& report) {
  const bool is_same = answer.verdict == work.finding.verdict && answer.signature == work.finding.signature;
  // Of the variant it was found in, the verdict told is that of a run that was not as expected, if there was one.
  const bool is_flaky = answer.variant == work.finding.variant && answer.as_expected < answer.times;
  const store::ReproTest test{.build = build_,
                              .variant = answer.variant,
                              .sanitizer = sanitizer,
                              .verdict = answer.verdict,
                              .signature = answer.signature,
                              .same = is_same || is_flaky ? answer.as_expected : 0,
                              .replays = answer.times,
                              .sanitizer_report = report,
                              .time = clock_.now()};
  const auto recorded = store_.record_test(work.finding.id, test);
  if (!recorded) return std::unexpected(recorded.error());
  return {};
}

Result<std::uint32_t> Triage::try_elsewhere(const Work& work, std::uint32_t replays_here) {
  auto tested = tested_with(store_, work.finding.id, build_);
  if (!tested) return std::unexpected(tested.error());
  const std::string& own = work.finding.variant;
  std::uint32_t recorded = static_cast<std::uint32_t>(tested->size());
  const struct {
    std::string variant;  // empty: all
    std::string sanitizer;
    std::uint32_t times;
  } trials[] = {{own, "none", replays_here},
                {own, "thread", kReplaysOther},
                {own, "address", kReplaysOther},
                {"", "none", kReplaysOther}};  // of other variants the plain flavour: that is where a fix shows
  for (const auto& trial : trials) {
    if (tested->contains({trial.variant, trial.sanitizer})) continue;
    std::string report;
    // What was replayed just now is not replayed again.
    const bool is_known = trial.variant == own && trial.sanitizer == "none" && work.answer.times == trial.times;
    const auto answers =
        is_known ? std::vector{work.answer} : replay_in(work, trial.variant, trial.sanitizer, trial.times, report);
    if (!answers) {
      if (was_stopped(answers.error())) return std::unexpected(answers.error());
      spdlog::warn("{} in {}: {}", work.finding.key, trial.sanitizer, answers.error().message());
      continue;
    }
    for (const ReplayAnswer& answer : *answers) {
      if (!tested->emplace(answer.variant, trial.sanitizer).second) continue;
      if (auto done = record(work, answer, trial.sanitizer, report); !done) return std::unexpected(done.error());
      ++recorded;
    }
  }
  return recorded;
}

// Empty where this build of the program has no such format, or cannot explain this run. ERRORS: a stop.
Result<std::string> Triage::explain_as(const Work& work, const std::string& format) const {
  const auto unexplained = [&](const Error& error) {
    spdlog::warn("explain {} as {}: {}", work.finding.key, format, error.message());
    return std::string();
  };
  const auto file = work.folder / ("explanation." + format);
  const auto end = tool_.run(
      {"explain", work.repro.string(), "--variant", work.finding.variant, "--format", format, "-o", file.string()},
      work.stop);
  if (!end && was_stopped(end.error())) return std::unexpected(end.error());
  if (!end) return unexplained(end.error());
  if (!end->answered()) return unexplained(unanswered("explain the repro", *end));
  auto bytes = read_bounded(file, kExplanationBytesMax);
  return bytes ? *bytes : unexplained(bytes.error());
}

Result<void> Triage::explain(Work& work) const {
  const struct {
    const char* format;
    store::BlobName store::TriageResult::* blob;
  } forms[] = {{"json", &store::TriageResult::explanation},
               {"text", &store::TriageResult::text},
               {"perfetto", &store::TriageResult::perfetto},
               {"test", &store::TriageResult::test}};
  for (const auto& form : forms) {
    const auto bytes = explain_as(work, form.format);
    if (!bytes) return std::unexpected(bytes.error());
    if (bytes->empty()) continue;
    if (form.blob == &store::TriageResult::explanation) {
      if (auto title = explanation_title(*bytes); !title.empty()) work.result.title = std::move(title);
    }
    auto blob = store_.put_blob(*bytes);
    if (!blob) return std::unexpected(blob.error());
    work.result.*form.blob = std::move(*blob);
  }
  return {};
}

// Tried again, and then filed with what is known, so that it does not stand in the way of the others for ever.
Result<void> Triage::cannot_replay(const store::Finding& finding, const Error& error) {
  spdlog::warn("triage of {}: {}", finding.key, error.message());
  if (++failed_[finding.id] < kTriesMax) return {};
  metrics_.count_rejected_repro();
  spdlog::error("finding {} cannot be triaged and is filed as it is: {}", finding.key, error.message());
  if (const auto repro = store_.blob(finding.repro); repro && make_folder(data_.rejected())) {
    const auto kept = data_.rejected() / (finding.key + ".repro");
    if (write_whole(kept, *repro)) static_cast<void>(write_whole(kept.string() + ".reason", error.message() + "\n"));
  }
  store::TriageResult result{.title = finding.title, .repro = finding.repro};
  auto done = store_.record_triage(finding.id, result);
  if (done) announce_(finding.id);
  return done;
}

}  // namespace gridlock::campaign
