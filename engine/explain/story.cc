// From steps to rows; see story.h. One pass, from the first step to the last.
//
// May include: base, model.
#include "engine/explain/story.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/explain/cpu_states.h"
#include "engine/explain/marks.h"
#include "engine/explain/shown_states.h"
#include "engine/explain/step_kinds.h"

namespace gridlock {
namespace {

// Same step of a loop's round: everything but when it happened.
bool is_same_round(const Step& left, const Step& right) {
  return left.kind == right.kind && left.cpu == right.cpu && left.depth == right.depth &&
         left.stack_address == right.stack_address && left.address == right.address && left.before == right.before &&
         left.after == right.after && left.a == right.a && left.b == right.b &&
         std::equal(std::begin(left.frames), std::end(left.frames), std::begin(right.frames));
}

class Teller {
 public:
  Teller(const ExplainInput& input, const Words& words)
      : steps_(input.run->trace->steps),
        words_(words),
        marks_(*input.run, count_cpus(input), input.lock_order),
        states_(count_cpus(input), words),
        shown_(*input.run->trace) {
    story_.cpu_count = count_cpus(input);
    story_.shown = shown_.names();
    story_.directive_steps = marks_.directive_steps();
  }

  Story tell() && {
    for (std::size_t at = 0; at < steps_.size();) {
      const std::size_t visit_end = vain_visit_end(at);
      if (visit_end > at) {
        add_fold(at, visit_end, "... looks again, still stuck");
        at = visit_end;
        continue;
      }
      const Loop loop = loop_at(at);
      if (loop.extra_rounds > 0) {
        for (std::size_t i = 0; i < loop.period; ++i) add_step(at + i);
        add_rounds(at + loop.period, loop);
        at += loop.period * (1 + loop.extra_rounds);
        continue;
      }
      if (const std::size_t wait_end = wait_end_of_call(at); wait_end > at) {
        add_return(at, wait_end);
        at = wait_end;
        continue;
      }
      const std::size_t quiet_end = quiet_run_end(at);
      if (quiet_end - at >= kQuietStepsMin) {
        add_fold(at, quiet_end, fmt::format("... {} steps of its own", quiet_end - at));
        at = quiet_end;
        continue;
      }
      add_step(at++);
    }
    return std::move(story_);
  }

 private:
  struct Loop {
    std::size_t period = 0;
    std::size_t extra_rounds = 0;
  };

  static std::size_t count_cpus(const ExplainInput& input) {
    std::size_t count = std::max<std::size_t>(input.run->cpus.size(), input.scenario->cpu_count());
    for (const Step& step : input.run->trace->steps) count = std::max<std::size_t>(count, step.cpu.value() + 1);
    return count;
  }

  // The loop whose first round begins at `at`, with the most steps to fold; ties go to the shorter round.
  [[nodiscard]] Loop loop_at(std::size_t at) const {
    Loop best;
    std::size_t folded_most = kFoldStepsMin - 1;
    for (std::size_t period = 1; period <= kFoldPeriodMax && at + 2 * period <= steps_.size(); ++period) {
      std::size_t equal = 0;
      while (at + period + equal < steps_.size() && repeats(at + equal, at + period + equal)) ++equal;
      const std::size_t rounds = equal / period;
      if (rounds * period > folded_most) {
        best = {period, rounds};
        folded_most = rounds * period;
      }
    }
    return best;
  }

  // A step that matters by itself is never folded away, whatever it repeats.
  [[nodiscard]] bool repeats(std::size_t early, std::size_t late) const {
    return is_same_round(steps_[early], steps_[late]) && !marks_.directive_of(early) && !marks_.directive_of(late) &&
           !marks_.is_decisive(late) && !shown_.changes_at(late);
  }

  // Steps that say nothing to anybody else: hints, fences, its stack, memory that nobody else touches and that the
  // target did not think worth a name.
  [[nodiscard]] bool is_quiet(std::size_t at) const {
    const Step& step = steps_[at];
    if (marks_.is_decisive(at) || shown_.changes_at(at)) return false;
    if (step.kind == StepKind::kRelax || step.kind == StepKind::kFence || step.kind == StepKind::kPreempt) return true;
    if (step.stack_address) return true;
    if (!reads_memory(step) && !writes_memory(step)) return false;
    return !marks_.is_shared(step) && !words_.is_named(step.address);
  }

  // The end of a stretch in which a stuck cpu runs, changes nothing and is stuck in the same place again; `begin` if
  // there is none. The proof of a hang ends with such stretches, one for each cpu.
  [[nodiscard]] std::size_t vain_visit_end(std::size_t begin) const {
    if (!states_.is_stuck(steps_[begin].cpu)) return begin;
    for (std::size_t at = begin; at < steps_.size(); ++at) {
      const Step& step = steps_[at];
      if (step.cpu != steps_[begin].cpu || marks_.directive_of(at)) return begin;
      if (step.kind == StepKind::kStuck) return is_stuck_as_before(at) ? at + 1 : begin;
      if (!is_in_vain(step)) return begin;
    }
    return begin;
  }

  [[nodiscard]] bool is_stuck_as_before(std::size_t at) const {
    const Step& now = steps_[at];
    for (std::size_t i = at; i-- > 0;) {
      const Step& before = steps_[i];
      if (before.cpu != now.cpu || before.kind != StepKind::kStuck) continue;
      return before.depth == now.depth && std::equal(std::begin(now.frames), std::end(now.frames), before.frames);
    }
    return false;
  }

  // The call whose condition read that; empty: a wait of the target's own.
  [[nodiscard]] std::string call_that_asks(const Step& step) const {
    for (const Site site : step.frames) {
      if (site == 0) break;
      if (std::string call = words_.library_call(site); !call.empty()) return call;
    }
    return "";
  }

  // Behind what the condition of a wait in a call read, and the end of that wait; `begin` where no such thing begins.
  [[nodiscard]] std::size_t wait_end_of_call(std::size_t begin) const {
    if (steps_[begin].kind != StepKind::kWaitRead || call_that_asks(steps_[begin]).empty()) return begin;
    std::size_t end = begin;
    while (end < steps_.size() && steps_[end].kind == StepKind::kWaitRead) ++end;
    return end < steps_.size() && steps_[end].kind == StepKind::kWaitDone ? end + 1 : begin;
  }

  [[nodiscard]] std::size_t quiet_run_end(std::size_t begin) const {
    std::size_t end = begin;
    while (end < steps_.size() && is_quiet(end) && steps_[end].cpu == steps_[begin].cpu) ++end;
    return end;
  }

  [[nodiscard]] bool matters(std::size_t at) const {
    if (marks_.directive_of(at) || marks_.is_decisive(at) || shown_.changes_at(at)) return true;
    const StepKind kind = steps_[at].kind;
    return !marks_.tells_race() &&
           (kind == StepKind::kOperationBegin || kind == StepKind::kIrqEnter || kind == StepKind::kMigrateEnter ||
            kind == StepKind::kWaitEnter || kind == StepKind::kIpiSend || kind == StepKind::kStuck);
  }

  [[nodiscard]] Row row_of(std::size_t first, std::size_t last) const {
    Row row;
    row.first_step = first;
    row.last_step = last;
    row.cpu = steps_[first].cpu;
    return row;
  }

  void place(Row& row, std::size_t at) const {
    const std::vector<Place> chain = words_.places(steps_[at].frames);
    if (chain.empty()) return;
    row.where = chain.front();
    for (std::size_t i = 1; i < chain.size() && i <= kCallersMax; ++i) row.callers.push_back(chain[i].function);
  }

  void add_step(std::size_t at) {
    const Step& step = steps_[at];
    Row row = row_of(at, at);
    row.what = action(at);
    place(row, at);
    row.directive = marks_.directive_of(at);
    if (row.directive) row.what += fmt::format(" (directive {})", *row.directive + 1);
    enter(step, row);
    row.matters = matters(at) || (row.switched && !marks_.tells_race());
    states_.apply(step);
    add(std::move(row));
  }

  // Words for what only the steps around it tell: on what a cpu is stuck, which handler an interrupt runs.
  [[nodiscard]] std::string action(std::size_t at) const {
    const Step& step = steps_[at];
    if (step.kind == StepKind::kStuck) return stuck_action(at);
    std::string action = words_.action(step);
    if (step.kind != StepKind::kIrqEnter && step.kind != StepKind::kSoftirqEnter) return action;
    const std::string handler = handler_entered_at(at);
    return handler.empty() ? action : action + ": " + handler;
  }

  [[nodiscard]] std::string stuck_action(std::size_t at) const {
    const Step& step = steps_[at];
    const std::string call = words_.library_call(step.call);
    const bool waits = states_.waits(step.cpu) || !call.empty();
    std::string action = waits ? "waits" : "spins";
    if (!call.empty()) action += " in " + call;
    if (const CpuView* const end = marks_.stuck_for_good(at)) {
      // The condition of a wait is no step, so what it reads is known of the end alone.
      std::string objects;
      for (const std::uint64_t offset : end->watches) objects += (objects.empty() ? "" : ", ") + words_.memory(offset);
      if (!objects.empty()) action += (waits ? " for " : " on ") + objects;
      return "stuck for good: " + action;
    }
    const std::string& read = states_.last_read(step.cpu);
    if (!waits && !read.empty()) action += " on " + read;
    return "stuck: " + action;
  }

  // The outermost function of the context that begins at `at`, as far as a step in it shows it.
  [[nodiscard]] std::string handler_entered_at(std::size_t at) const {
    for (std::size_t i = at + 1; i < steps_.size(); ++i) {
      const Step& step = steps_[i];
      if (step.cpu != steps_[at].cpu || step.depth > steps_[at].depth) continue;
      const bool exits = step.kind == StepKind::kIrqExit || step.kind == StepKind::kSoftirqExit;
      if (step.depth < steps_[at].depth || exits) break;
      // A chain that fills the step (its last entry is the 0 that ends it) was cut: its outermost function is unknown.
      const bool is_cut = step.frames[kTraceFramesMax - 2] != 0;
      const std::vector<Place> places = words_.places(step.frames);
      if (!places.empty() && !is_cut) return places.back().function;
    }
    return "";
  }

  // Control may come from another cpu anywhere in a row that stands for many steps.
  void enter(const Step& step, Row& row) {
    if (!traits_of(step.kind).is_own_act) return;
    row.switched = row.switched || (running_ && *running_ != step.cpu);
    running_ = step.cpu;
  }

  void add_rounds(std::size_t begin, const Loop& loop) {
    const std::size_t end = begin + loop.period * loop.extra_rounds;
    Row row = row_of(begin, end - 1);
    row.is_fold = true;
    row.rounds = loop.extra_rounds;
    row.what = fmt::format("... {} round{} more", loop.extra_rounds, loop.extra_rounds == 1 ? "" : "s");
    if (!same_cpu(begin, end)) row.what += " of several cpus";
    for (std::size_t at = begin; at < end; ++at) {
      enter(steps_[at], row);
      states_.apply(steps_[at]);
    }
    for (std::size_t at = begin; at < end; ++at) {
      if (traits_of(steps_[at].kind).is_own_act) states_.set_spinning(steps_[at].cpu);
    }
    add(std::move(row));
  }

  // REQUIRES: the steps are of one cpu.
  void add_fold(std::size_t begin, std::size_t end, std::string what) {
    Row row = row_of(begin, end - 1);
    row.is_fold = true;
    row.what = std::move(what);
    place(row, end - 1);
    add_all(std::move(row));
  }

  // What the condition of a wait in a call read, and the end of the wait: one step to a reader.
  void add_return(std::size_t begin, std::size_t end) {
    Row row = row_of(begin, end - 1);
    row.what = "comes back from " + call_that_asks(steps_[begin]);
    place(row, begin);
    add_all(std::move(row));
  }

  void add_all(Row row) {
    for (std::size_t at = row.first_step; at <= row.last_step; ++at) {
      enter(steps_[at], row);
      states_.apply(steps_[at]);
    }
    add(std::move(row));
  }

  [[nodiscard]] bool same_cpu(std::size_t begin, std::size_t end) const {
    return std::all_of(steps_.begin() + static_cast<std::ptrdiff_t>(begin),
                       steps_.begin() + static_cast<std::ptrdiff_t>(end),
                       [&](const Step& step) { return step.cpu == steps_[begin].cpu; });
  }

  void add(Row row) {
    row.states = states_.texts();
    row.changed = shown_.advance(row.last_step);
    row.shown = shown_.texts();
    story_.rows.push_back(std::move(row));
  }

  const std::vector<Step>& steps_;
  const Words& words_;
  const Marks marks_;
  CpuStates states_;
  ShownStates shown_;
  Story story_;
  std::optional<CpuId> running_;  // who acted last
};

}  // namespace

Story tell(const ExplainInput& input, const Words& words) {
  if (input.run->trace == nullptr) {
    Story empty;
    empty.directive_steps.resize(input.run->directives.size());
    return empty;
  }
  return Teller(input, words).tell();
}

}  // namespace gridlock
