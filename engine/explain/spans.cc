// See spans.h. May include: base, model.
#include "engine/explain/spans.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <tuple>
#include <utility>

#include "engine/explain/held.h"
#include "engine/explain/slices.h"
#include "engine/explain/step_kinds.h"

namespace gridlock {
namespace {

SpanKind kind_of(Slice slice) {
  switch (slice) {
    case Slice::kOperation:
      return SpanKind::kOperation;
    case Slice::kIrq:
    case Slice::kSoftirq:
    case Slice::kMigrate:
      return SpanKind::kHandler;
    case Slice::kWait:
      return SpanKind::kWait;
  }
}

class Collector {
 public:
  Collector(const ExplainInput& input, const Words& words, const Story& story)
      : steps_(input.run->trace->steps), words_(words), story_(story), cpus_(story.cpu_count) {}

  std::vector<Span> collect() && {
    for (const Row& row : story_.rows) add_row(row);
    for (Cpu& cpu : cpus_) {
      while (!cpu.open.empty()) close_innermost(cpu, last(), true);
      close_spin(cpu, last(), true);
    }
    add_locks();
    // The longer one is the outer one.
    std::ranges::sort(spans_, {}, [](const Span& span) {
      return std::tuple(span.from, std::numeric_limits<std::size_t>::max() - span.to, span.cpu.value(), span.kind);
    });
    return std::move(spans_);
  }

 private:
  struct OpenSlice {
    Slice slice;
    Span span;
  };
  struct Cpu {
    std::vector<OpenSlice> open;  // outermost first
    std::optional<Span> spin;
  };

  [[nodiscard]] std::size_t last() const { return steps_.empty() ? 0 : steps_.size() - 1; }

  // A cpu spins from the row that says so to where it does something else.
  void add_row(const Row& row) {
    for (std::size_t at = row.first_step; at <= row.last_step; ++at) {
      const Step& step = steps_[at];
      Cpu& cpu = cpus_[step.cpu.value()];
      const bool acts = traits_of(step.kind).is_own_act && !row.is_fold;
      if (acts && at > 0) close_spin(cpu, at - 1, false);
      add_step(at, step, cpu);
      const bool is_waiting = !cpu.open.empty() && cpu.open.back().slice == Slice::kWait;
      if ((row.rounds > 0 || step.kind == StepKind::kStuck) && !is_waiting) open_spin(at, step, cpu);
    }
  }

  void add_step(std::size_t at, const Step& step, Cpu& cpu) {
    if (const auto slice = opened_by(step.kind)) {
      cpu.open.push_back({*slice, {step.cpu, at, at, kind_of(*slice), slice_name(step, words_)}});
    }
    const auto closed = closed_by(step.kind);
    if (!closed) return;
    const bool was_opened = std::ranges::any_of(cpu.open, [&](const OpenSlice& o) { return o.slice == *closed; });
    if (!was_opened) return;
    while (cpu.open.back().slice != *closed) close_innermost(cpu, at, false);
    close_innermost(cpu, at, false);
  }

  void close_innermost(Cpu& cpu, std::size_t at, bool is_open) {
    Span span = std::move(cpu.open.back().span);
    cpu.open.pop_back();
    span.to = at;
    span.is_open = is_open;
    spans_.push_back(std::move(span));
  }

  void open_spin(std::size_t at, const Step& step, Cpu& cpu) {
    if (!cpu.spin) cpu.spin = Span{step.cpu, at, at, SpanKind::kSpin, "spin"};
    if (reads_memory(step) && !step.changed) cpu.spin->name = "spin on " + words_.memory_of(step);
  }

  void close_spin(Cpu& cpu, std::size_t at, bool is_open) {
    if (!cpu.spin) return;
    cpu.spin->to = std::max(at, cpu.spin->from);
    cpu.spin->is_open = is_open;
    spans_.push_back(std::move(*cpu.spin));
    cpu.spin.reset();
  }

  void add_locks() {
    std::vector<LockSpan> locks = told_locks(steps_);
    if (locks.empty()) locks = evident_locks(steps_);
    for (const LockSpan& lock : locks) {
      spans_.push_back({lock.cpu, lock.taken, lock.given.value_or(last()), SpanKind::kLockHeld,
                        words_.memory(lock.offset), !lock.given.has_value()});
    }
  }

  const std::vector<Step>& steps_;
  const Words& words_;
  const Story& story_;
  std::vector<Cpu> cpus_;
  std::vector<Span> spans_;
};

}  // namespace

const char* span_kind_name(SpanKind kind) {
  switch (kind) {
    case SpanKind::kOperation:
      return "operation";
    case SpanKind::kHandler:
      return "handler";
    case SpanKind::kLockHeld:
      return "lock-held";
    case SpanKind::kWait:
      return "wait";
    case SpanKind::kSpin:
      return "spin";
  }
}

std::vector<Span> spans_of(const ExplainInput& input, const Words& words, const Story& story) {
  return Collector(input, words, story).collect();
}

}  // namespace gridlock
