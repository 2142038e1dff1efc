// See lock_history.h.
//
// May include: base, model.
#include "engine/judge/lock_history.h"

#include <algorithm>
#include <span>
#include <utility>

#include "engine/base/hash.h"
#include "engine/judge/lock_order.h"

namespace gridlock {
namespace {

std::uint64_t hash_of(std::span<const LockObject> locks, const LockMoment& moment) {
  Hasher hasher;
  const auto add = [&](const LockUse& use) {
    hasher.add(locks[use.lock].offset);
    hasher.add(static_cast<std::uint64_t>(use.mode));
  };
  hasher.add(static_cast<std::uint64_t>(moment.context));
  hasher.add(std::uint64_t{moment.number} << 8 | (moment.comes_any_time ? 8U : 0U) | (moment.irqs_enabled ? 4U : 0U) |
             (moment.takes ? 2U : 0U) | (moment.may_wait ? 1U : 0U));
  if (moment.takes) add(moment.use);
  for (const LockUse& use : moment.held_before()) add(use);
  return hasher.finish().low;
}

bool is_handler(const LockMoment& moment) {
  return moment.context == ContextView::Kind::kIrq && moment.comes_any_time;
}

bool has_handler(std::span<const LockMoment> moments) {
  return std::any_of(moments.begin(), moments.end(), is_handler);
}

// Both graphs as of one run, the cpus of the second moved on by `rotation`.
class JoinedGraph {
 public:
  JoinedGraph(std::span<const LockObject> locks, std::span<const LockMoment> moments)
      : locks_(locks.begin(), locks.end()), moments_(moments.begin(), moments.end()) {}

  void append(std::span<const LockObject> locks, std::span<const LockMoment> moments, std::uint32_t rotation,
              std::uint32_t cpus) {
    const auto moved = static_cast<std::uint32_t>(moments_.size());
    for (LockMoment moment : moments) {
      moment.cpu = CpuId((moment.cpu.value() + rotation) % cpus);
      adopt(moment.use, locks, moved);
      for (std::uint32_t i = 0; i < moment.held_count; ++i) adopt(moment.held[i], locks, moved);
      moments_.push_back(moment);
    }
  }

  [[nodiscard]] LockGraph graph() const { return {.locks = locks_, .moments = moments_, .syncs = {}}; }

 private:
  void adopt(LockUse& use, std::span<const LockObject> locks, std::uint32_t moved) {
    const LockObject& lock = locks[use.lock];
    const auto found = std::find_if(locks_.begin(), locks_.end(),
                                    [&](const LockObject& other) { return other.offset == lock.offset; });
    use.lock = static_cast<std::uint32_t>(found - locks_.begin());
    if (found == locks_.end()) locks_.push_back(lock);
    use.taken = use.taken == UINT32_MAX ? UINT32_MAX : use.taken + moved;
  }

  std::vector<LockObject> locks_;
  std::vector<LockMoment> moments_;
};

// The second program of each cpu behind the first. The first keeps its schedule; of the second there are the interrupts
// whose handlers took locks, each at the first point of its cpu that takes it.
std::optional<Scenario> compose(const Scenario& first, const Scenario& second, std::span<const LockMoment> of_second,
                                std::uint32_t rotation) {
  Scenario both = first;
  const std::uint32_t cpus = std::max(first.cpu_count(), second.cpu_count());
  both.programs.resize(cpus);
  for (std::uint32_t cpu = first.cpu_count(); cpu < cpus; ++cpu) both.start_order.emplace_back(cpu);
  for (std::uint32_t cpu = 0; cpu < second.cpu_count(); ++cpu) {
    auto& program = both.programs[(cpu + rotation) % cpus];
    program.insert(program.end(), second.programs[cpu].begin(), second.programs[cpu].end());
    if (program.size() > kProgramCallsMax) return std::nullopt;
  }
  for (const LockMoment& moment : of_second) {
    if (!is_handler(moment)) continue;
    const Directive directive{CpuId((moment.cpu.value() + rotation) % cpus), PointIndex(1), Action::kInterrupt,
                              moment.number, 0};
    const bool is_known = std::find(both.directives.begin(), both.directives.end(), directive) != both.directives.end();
    if (!is_known) both.directives.push_back(directive);
  }
  if (both.directives.size() > kDirectivesMax) return std::nullopt;
  return both;
}

}  // namespace

bool LockHistory::shows_news(const LockGraph& graph) {
  bool news = false;
  for (const LockMoment& moment : graph.moments) news |= seen_.insert(hash_of(graph.locks, moment)).second;
  return news;
}

std::optional<Scenario> LockHistory::learn(const RunView& run, const Scenario& scenario) {
  if (run.end != RunEnd::kCompleted || run.locks == nullptr || runs_.size() == kRunsMax) return std::nullopt;
  const LockGraph& graph = *run.locks;
  if (!graph.syncs.empty() || !shows_news(graph) || has_lock_cycle(graph)) return std::nullopt;
  runs_.push_back({.locks = {graph.locks.begin(), graph.locks.end()},
                   .moments = {graph.moments.begin(), graph.moments.end()},
                   .scenario = scenario});
  Run& fresh = runs_.back();
  fresh.scenario.directives.assign(run.directives.begin(), run.directives.end());
  return compose_with_earlier(fresh);
}

std::optional<Scenario> LockHistory::compose_with_earlier(const Run& fresh) const {
  for (std::size_t i = 0; i + 1 < runs_.size(); ++i) {
    const Run& earlier = runs_[i];
    // Other parameters may place the locks elsewhere.
    if (earlier.scenario.parameters != fresh.scenario.parameters) continue;
    // Whose handlers took locks keeps its schedule.
    const bool fresh_first = has_handler(fresh.moments) && !has_handler(earlier.moments);
    const Run& first = fresh_first ? fresh : earlier;
    const Run& second = fresh_first ? earlier : fresh;
    const std::uint32_t cpus = std::max(first.scenario.cpu_count(), second.scenario.cpu_count());
    for (std::uint32_t rotation = 0; rotation < cpus; ++rotation) {
      JoinedGraph joined(first.locks, first.moments);
      joined.append(second.locks, second.moments, rotation, cpus);
      if (!has_lock_cycle(joined.graph())) continue;
      if (auto both = compose(first.scenario, second.scenario, second.moments, rotation)) return both;
    }
  }
  return std::nullopt;
}

}  // namespace gridlock
