// From how a run ended to its verdict, and the sentence that a person reads; the signature is signature.cc's.
//
// May include: base, model.
#include "engine/judge/judge.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "engine/base/check.h"
#include "engine/judge/context_words.h"
#include "engine/judge/lock_order.h"
#include "engine/judge/signature.h"

namespace gridlock {
namespace {

VerdictKind kind_of(const RunView& run) {
  switch (run.end) {
    case RunEnd::kCompleted:
      return VerdictKind::kOk;
    case RunEnd::kSelfLoops: {
      const bool all_wait = std::all_of(run.cpus.begin(), run.cpus.end(), [](const CpuView& cpu) {
        return !is_stuck(cpu) || cpu.activity == CpuActivity::kWaiting;
      });
      return all_wait ? VerdictKind::kDeadlock : VerdictKind::kHang;
    }
    case RunEnd::kChangingCycle:
      return VerdictKind::kLivelock;
    case RunEnd::kPointLimit:
    case RunEnd::kRefused:
      return VerdictKind::kInconclusive;
    case RunEnd::kAssertion:
      return VerdictKind::kAssertion;
    case RunEnd::kInvariant:
      return VerdictKind::kInvariant;
    case RunEnd::kDataRace:
      return VerdictKind::kDataRace;
    case RunEnd::kCrash:
      return VerdictKind::kCrash;
    case RunEnd::kMemoryError:
      return VerdictKind::kMemoryError;
    case RunEnd::kSanitizerReport:
      return VerdictKind::kSanitizerReport;
  }
}

// "f (file.cc:41)" of the innermost own frame, or "unknown code".
std::string place_of(std::span<const Site> sites, const SiteNames& names) {
  const std::vector<Frame> frames = own_frames(sites, names);
  if (frames.empty()) return "unknown code";
  const Frame& frame = frames.front();
  if (frame.file.empty()) return frame.function;
  return fmt::format("{} ({}:{})", frame.function, frame.file, frame.line);
}

std::string_view verb_of(CpuActivity activity) {
  switch (activity) {
    case CpuActivity::kEnded:
      return "has ended after";
    case CpuActivity::kIdle:
      return "is idle after";
    case CpuActivity::kWaiting:
      return "waits in";
    case CpuActivity::kSpinning:
      return "spins in";
    case CpuActivity::kRunning:
      return "goes round in";
  }
}

// "cpu 0 spins in ttwu (sched.cc:9), inside an interrupt taken in poll (xen.cc:41)".
std::string stuck_clause(const CpuView& cpu, const SiteNames& names) {
  std::string clause = fmt::format("cpu {} {} ", cpu.cpu.value(), verb_of(cpu.activity));
  if (cpu.contexts.empty()) return clause + "unknown code";
  const std::string call = names.library_call_at(cpu.contexts.back().call);
  if (!call.empty()) clause += call + ", called in ";
  clause += place_of(cpu.contexts.back().frames, names);
  for (std::size_t i = cpu.contexts.size() - 1; i > 0; --i) {
    const auto& interrupted = cpu.contexts[i - 1].frames;
    const bool in_code = !own_frames(interrupted, names).empty();
    clause += fmt::format(", inside {} taken {}", context_words(cpu.contexts[i].kind),
                          in_code ? "in " + place_of(interrupted, names) : "while it was idle");
  }
  return clause;
}

std::string stuck_summary(VerdictKind kind, const RunView& run, const SiteNames& names) {
  std::vector<std::string> clauses;
  for (const CpuView& cpu : run.cpus) {
    if (is_stuck(cpu)) clauses.push_back(stuck_clause(cpu, names));
  }
  const std::string_view who = clauses.size() == 1 ? "it" : "any of them";
  const std::string why = kind == VerdictKind::kLivelock
                              ? "the same states recur for ever"
                              : fmt::format("nothing that is still to come lets {} go on", who);
  return fmt::format("{}; {}", fmt::join(clauses, "; "), why);
}

std::string failure_summary(VerdictKind kind, const Failure& failure, const SiteNames& names) {
  // A check at rest is made by the machine, after everybody's last step.
  std::string at = failure.frames.empty() ? "at rest" : "in " + place_of(failure.frames, names);
  if (!failure.frames.empty()) at += fmt::format(" on cpu {}", failure.cpu.value());
  if (kind == VerdictKind::kInvariant) return fmt::format("{} does not hold, found {}", failure.what, at);
  if (failure.is_statement) return failure.frames.empty() ? failure.what : fmt::format("{} {}", failure.what, at);
  if (kind == VerdictKind::kAssertion) {
    if (failure.frames.empty() && !failure.where.empty()) at = "at " + failure.where;
    return fmt::format("the assertion {} fails {}", failure.what, at);
  }
  return fmt::format("{} {}", failure.what, at);
}

std::string race_summary(VerdictKind kind, const RaceReport& race, const SiteNames& names) {
  // ThreadSanitizer knows neither cpus nor contexts.
  const bool knows_cpu = kind == VerdictKind::kDataRace;
  const auto side = [&](const RaceAccess& access) {
    std::string text = fmt::format("{} in {}", race_access_name(access), place_of(access.frames, names));
    if (knows_cpu) text += fmt::format(" on cpu {}", access.cpu.value());
    if (access.context != ContextView::Kind::kTask) text += fmt::format(", in {}", context_words(access.context));
    return text;
  };
  if (kind == VerdictKind::kSanitizerReport) {
    return fmt::format(
        "ThreadSanitizer reports that {} races with {}, but the exact judge does not see both: look for a call of a "
        "library function or memory that is not of gl_alloc",
        side(race.accesses[1]), side(race.accesses[0]));
  }
  return fmt::format("{} and {} touch the same memory and nothing orders them", side(race.accesses[0]),
                     side(race.accesses[1]));
}

Verdict verdict_of_failure(VerdictKind kind, const RunView& run, const SiteNames& names) {
  GRIDLOCK_CHECK(run.failure != nullptr);
  return {kind, failure_signature(kind, *run.failure, names), failure_summary(kind, *run.failure, names)};
}

// True if each part of `some` is one of `all`, and handlers that take part in `all` still do.
bool has_no_other_parts(const std::vector<std::string>& all, const std::vector<std::string>& some) {
  const bool keeps_handlers =
      std::any_of(some.begin(), some.end(), is_in_handler) || std::none_of(all.begin(), all.end(), is_in_handler);
  return keeps_handlers && std::all_of(some.begin(), some.end(), [&](const std::string& part) {
           return std::find(all.begin(), all.end(), part) != all.end();
         });
}

// Of a run with which nothing is wrong: what could have been.
Verdict verdict_of_locks(const RunView& run, const SiteNames& names) {
  const auto report = lock_order_of(run, names);
  const bool is_cut = run.locks != nullptr && run.locks->truncated;
  const char* const cut = is_cut ? "; of its locks only the first were looked at" : "";
  if (!report) {
    return {VerdictKind::kOk, "", fmt::format("every program ran to its end and every invariant holds{}", cut)};
  }
  return {VerdictKind::kLockOrder, lock_order_signature(*report, names), lock_order_summary(*report, names)};
}

}  // namespace

Verdict judge(const RunView& run, const SiteNames& names) {
  const VerdictKind kind = kind_of(run);
  switch (kind) {
    case VerdictKind::kOk:
      return verdict_of_locks(run, names);
    case VerdictKind::kInconclusive:
      return {kind, "", fmt::format("neither an end nor a hang was proven in {} points", run.points)};
    case VerdictKind::kDeadlock:
    case VerdictKind::kHang:
    case VerdictKind::kLivelock:
      return {kind, fmt::format("{}: {}", verdict_name(kind), stuck_cpus_signature(run.cpus, names)),
              stuck_summary(kind, run, names)};
    case VerdictKind::kInvariant:
    case VerdictKind::kAssertion:
    case VerdictKind::kMemoryError:
    case VerdictKind::kCrash:
      return verdict_of_failure(kind, run, names);
    case VerdictKind::kDataRace:
    case VerdictKind::kSanitizerReport:
      GRIDLOCK_CHECK(run.race != nullptr);
      return {kind, race_signature(kind, *run.race, names), race_summary(kind, *run.race, names)};
    case VerdictKind::kLockOrder:
      break;
  }
  GRIDLOCK_CHECK(false && "no way for a run to end gives this verdict");
  return {};
}

std::optional<LockOrderReport> lock_order_of(const RunView& run, const SiteNames& names) {
  if (run.end != RunEnd::kCompleted || run.locks == nullptr) return std::nullopt;
  return predicted_deadlock(*run.locks, names);
}

bool is_same_bug(const Verdict& original, const Verdict& candidate) {
  if (original.kind != candidate.kind) return false;
  switch (original.kind) {
    case VerdictKind::kDeadlock:
    case VerdictKind::kHang:
    case VerdictKind::kLivelock:
      return has_no_other_parts(stuck_parts(original.signature), stuck_parts(candidate.signature));
    case VerdictKind::kOk:
    case VerdictKind::kInconclusive:
    case VerdictKind::kInvariant:
    case VerdictKind::kAssertion:
    case VerdictKind::kDataRace:
    case VerdictKind::kMemoryError:
    case VerdictKind::kCrash:
    case VerdictKind::kLockOrder:
    case VerdictKind::kSanitizerReport:
      return original.signature == candidate.signature;
  }
}

}  // namespace gridlock
