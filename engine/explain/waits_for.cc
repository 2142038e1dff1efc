// See waits_for.h. May include: base, model.
#include "engine/explain/waits_for.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "engine/explain/held.h"
#include "engine/explain/history.h"
#include "engine/explain/lock_words.h"

namespace gridlock {
namespace {

constexpr const char* kNobody = "nobody";

std::string cpu_id(CpuId cpu) {
  return fmt::format("cpu{}", cpu.value());
}

bool is_stuck(const CpuView& cpu) {
  return cpu.activity == CpuActivity::kWaiting || cpu.activity == CpuActivity::kSpinning;
}

class Builder {
 public:
  Builder(const ExplainInput& input, const Words& words)
      : words_(words), run_(*input.run), history_(input.run->trace->steps) {}

  WaitGraph build() && {
    for (const CpuView& cpu : run_.cpus) {
      if (is_stuck(cpu)) add_cpu(cpu);
    }
    return std::move(graph_);
  }

 private:
  void add_node(const std::string& id, std::string name, std::optional<CpuId> cpu = std::nullopt) {
    if (ids_.insert(id).second) graph_.nodes.push_back({id, std::move(name), cpu});
  }
  void add_edge(const std::string& from, const std::string& to, std::string text) {
    graph_.edges.push_back({from, to, std::move(text)});
  }
  void add_cpu_node(CpuId cpu) { add_node(cpu_id(cpu), cpu_id(cpu), cpu); }

  void add_cpu(const CpuView& cpu) {
    add_cpu_node(cpu.cpu);
    const std::string call = words_.waiting_call(cpu);
    const std::string what = !call.empty() ? call : cpu.activity == CpuActivity::kSpinning ? "spins on" : "waits for";
    for (const std::uint64_t offset : cpu.watches) add_wish(cpu, offset, what);
    for (const std::size_t at : history_.vain_tries(cpu.cpu)) {
      const std::uint64_t offset = history_.steps()[at].address;
      const bool is_watched = std::ranges::find(cpu.watches, offset) != cpu.watches.end();
      // A lock that is free again by now is not what holds it up.
      if (!is_watched && holder_of(offset, cpu)) add_wish(cpu, offset, "tried in vain to get");
    }
    if (cpu.watches.empty()) {
      add_node(kNobody, "nothing that another cpu could change");
      add_edge(cpu_id(cpu.cpu), kNobody, what);
    }
  }

  void add_wish(const CpuView& waiter, std::uint64_t offset, const std::string& what) {
    const std::string id = "memory " + words_.memory(offset);
    add_edge(cpu_id(waiter.cpu), id, what);
    if (ids_.contains(id)) return;
    add_node(id, words_.memory(offset));
    add_changers(waiter, offset, id);
  }

  // Who would have to change it.
  void add_changers(const CpuView& waiter, std::uint64_t offset, const std::string& id) {
    if (const auto lock = holder_of(offset, waiter)) {
      add_cpu_node(lock->cpu);
      return add_edge(id, cpu_id(lock->cpu),
                      fmt::format("held by {} since step {}", cpu_id(lock->cpu), lock->taken + 1));
    }
    if (const auto at = changed_last_by_stuck(waiter.cpu, offset)) {
      const CpuId writer = history_.steps()[*at].cpu;
      add_cpu_node(writer);
      const char* const done = history_.steps()[*at].of_call ? "used" : "changed";
      return add_edge(id, cpu_id(writer), fmt::format("last {} by {} at step {}", done, cpu_id(writer), *at + 1));
    }
    bool is_anybody_left = false;
    for (const CpuView& other : run_.cpus) {
      if (!is_stuck(other) || other.cpu == waiter.cpu) continue;
      is_anybody_left = true;
      add_cpu_node(other.cpu);
      add_edge(id, cpu_id(other.cpu), fmt::format("only {} is left to change it", cpu_id(other.cpu)));
    }
    if (is_anybody_left) return;
    add_node(kNobody, "nobody: the other cpus have ended");
    add_edge(id, kNobody, "nobody is left to change it");
  }

  // The waiter itself holds up no one but a handler over what took the lock.
  [[nodiscard]] std::optional<LockSpan> holder_of(std::uint64_t offset, const CpuView& waiter) {
    if (!locks_) locks_ = evident_locks(history_.steps());
    for (const LockSpan& lock : *locks_) {
      const Step& taken = history_.steps()[lock.taken];
      const bool is_own = lock.cpu == waiter.cpu && taken.depth + std::size_t{1} >= waiter.contexts.size();
      if (!lock.given && !is_own && touches(taken, offset)) return lock;
    }
    return std::nullopt;
  }

  [[nodiscard]] std::optional<std::size_t> changed_last_by_stuck(CpuId waiter, std::uint64_t offset) const {
    const auto at = history_.last_change_for(waiter, offset);
    if (!at) return std::nullopt;
    const CpuId writer = history_.steps()[*at].cpu;
    const auto by_writer = [&](const CpuView& cpu) { return cpu.cpu == writer && is_stuck(cpu); };
    const bool is_other = writer != waiter && std::ranges::any_of(run_.cpus, by_writer);
    return is_other ? at : std::nullopt;
  }

  const Words& words_;
  const RunView& run_;
  const History history_;
  std::optional<std::vector<LockSpan>> locks_;
  std::set<std::string> ids_;
  WaitGraph graph_;
};

WaitGraph of_lock_order(const LockOrderReport& report, const Words& words) {
  WaitGraph graph;
  std::set<std::string> ids;
  const auto add_node = [&](const std::string& id, const std::string& name, std::optional<CpuId> cpu) {
    if (ids.insert(id).second) graph.nodes.push_back({id, name, cpu});
  };
  for (std::size_t i = 0; i < report.links.size(); ++i) {
    const LockLink& link = report.links[i];
    const CpuId holder = report.links[(i + 1) % report.links.size()].cpu;
    const std::string lock = lock_text(link.wanted, words);
    add_node(cpu_id(link.cpu), cpu_id(link.cpu), link.cpu);
    add_node("memory " + lock, lock, std::nullopt);
    add_node(cpu_id(holder), cpu_id(holder), holder);
    graph.edges.push_back({cpu_id(link.cpu), "memory " + lock, "would wait for"});
    graph.edges.push_back({"memory " + lock, cpu_id(holder), "held by " + cpu_id(holder)});
  }
  return graph;
}

bool reaches(const WaitGraph& graph, std::string_view from, std::string_view to) {
  std::set<std::string_view> seen{from};
  std::vector<std::string_view> left{from};
  while (!left.empty()) {
    const std::string_view at = left.back();
    left.pop_back();
    if (at == to) return true;
    for (const WaitEdge& edge : graph.edges) {
      if (edge.from == at && seen.insert(edge.to).second) left.push_back(edge.to);
    }
  }
  return false;
}

}  // namespace

WaitGraph waits_for(const ExplainInput& input, const Words& words) {
  WaitGraph graph;
  if (input.lock_order != nullptr) {
    graph = of_lock_order(*input.lock_order, words);
  } else if (input.run->trace != nullptr) {
    graph = Builder(input, words).build();
  }
  for (WaitEdge& edge : graph.edges) edge.in_cycle = reaches(graph, edge.to, edge.from);
  return graph;
}

}  // namespace gridlock
