// The search for cycles, and the words for one; see lock_order.h.
//
// May include: base, model.
#include "engine/judge/lock_order.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "engine/judge/context_words.h"
#include "engine/judge/lock_edges.h"
#include "engine/judge/signature.h"

namespace gridlock {
namespace {

constexpr std::size_t kLockFunctions = 2;
// The oracle that a harness tells of its lock stands between the two.
constexpr std::string_view kOraclePrefix = "oracle::";

using Cycle = std::vector<const LockEdge*>;

// All possible cycles of one length, each from its lowest lock on.
class Search {
 public:
  explicit Search(const LockGraph& graph) : graph_(graph), edges_(edges_of(graph)), leaving_(graph.locks.size()) {
    for (const LockEdge& edge : edges_) leaving_[edge.from()].push_back(&edge);
  }

  // Empty if there is none of any length.
  const std::vector<Cycle>& shortest() {
    for (length_ = 1; length_ <= kLockCycleMax && cycles_.empty(); ++length_) {
      for (const LockEdge& edge : edges_) extend(edge);
    }
    return cycles_;
  }

 private:
  void extend(const LockEdge& edge) {
    if (++steps_ > kLockSearchStepsMax || cycles_.size() == kLockCyclesMax || !fits(edge)) return;
    path_.push_back(&edge);
    if (path_.size() == length_) {
      if (closes()) cycles_.push_back(path_);
    } else {
      for (const LockEdge* next : leaving_[edge.to()]) extend(*next);
    }
    path_.pop_back();
  }

  [[nodiscard]] bool fits(const LockEdge& edge) const {
    if (path_.empty()) return true;
    if (edge.from() <= path_.front()->from()) return false;
    if (blocking(path_.back()->wants->use.mode, edge.held.mode) == Blocking::kNever) return false;
    return std::all_of(path_.begin(), path_.end(),
                       [&](const LockEdge* other) { return can_meet(graph_, *other, edge); });
  }

  [[nodiscard]] bool closes() const {
    if (path_.back()->to() != path_.front()->from()) return false;
    std::uint32_t writers = 0;
    for (std::size_t i = 0; i < path_.size(); ++i) {
      const LockEdge& next = *path_[(i + 1) % path_.size()];
      const Blocking how = blocking(path_[i]->wants->use.mode, next.held.mode);
      if (how == Blocking::kNever) return false;
      if (how != Blocking::kWithWriter) continue;
      if (++writers > 1 || !has_writer_beside(graph_, path_, next.from())) return false;
    }
    return true;
  }

  const LockGraph& graph_;
  std::vector<LockEdge> edges_;
  std::vector<std::vector<const LockEdge*>> leaving_;  // by lock
  std::size_t length_ = 0;
  std::uint32_t steps_ = 0;
  Cycle path_;
  std::vector<Cycle> cycles_;
};

std::vector<Site> sites_of(const LockMoment& moment) {
  return {std::begin(moment.frames), std::find(std::begin(moment.frames), std::end(moment.frames), Site{0})};
}

LockLink link_of(const LockGraph& graph, const LockEdge& edge) {
  LockLink link;
  link.held = graph.locks[edge.from()];
  link.wanted = graph.locks[edge.to()];
  link.held_mode = edge.held.mode;
  link.wanted_mode = edge.wants->use.mode;
  link.cpu = edge.cpu();
  link.by_interrupt = edge.interrupted != nullptr;
  link.context = edge.wants->context;
  link.number = edge.wants->number;
  link.wanted_frames = sites_of(*edge.wants);
  if (edge.held.taken < graph.moments.size()) {
    const LockMoment& taken = graph.moments[edge.held.taken];
    link.irqs_enabled = taken.irqs_enabled;
    link.held_frames = sites_of(taken);
  }
  return link;
}

LockOrderReport report_of(const LockGraph& graph, const Cycle& cycle) {
  LockOrderReport report;
  for (std::size_t i = 0; i < cycle.size(); ++i) {
    report.links.push_back(link_of(graph, *cycle[i]));
    const LockEdge& next = *cycle[(i + 1) % cycle.size()];
    report.needs_writer |= blocking(cycle[i]->wants->use.mode, next.held.mode) == Blocking::kWithWriter;
  }
  return report;
}

std::vector<Frame> told_frames(std::span<const Site> sites, const SiteNames& names) {
  std::vector<Frame> frames = own_frames(sites, names);
  std::erase_if(frames, [](const Frame& frame) { return frame.function.starts_with(kOraclePrefix); });
  return frames;
}

std::string functions(std::span<const Site> sites, const SiteNames& names) {
  std::vector<std::string> found;
  for (const Frame& frame : told_frames(sites, names)) {
    if (found.size() < kLockFunctions) found.push_back(frame.function);
  }
  return found.empty() ? "?" : fmt::format("{}", fmt::join(found, "<"));
}

std::string place(std::span<const Site> sites, const SiteNames& names) {
  const std::vector<Frame> frames = told_frames(sites, names);
  if (frames.empty()) return "unknown code";
  const Frame& inner = frames.front();
  const std::string caller = frames.size() < 2 ? "" : ", called from " + frames[1].function;
  return fmt::format("{} ({}:{}{})", inner.function, inner.file, inner.line, caller);
}

std::string part_of(const LockLink& link, const SiteNames& names) {
  std::string part = fmt::format("{} > {}: {}{}", link.held.name, link.wanted.name, context_prefix(link.context),
                                 functions(link.wanted_frames, names));
  if (link.by_interrupt) part += " over " + functions(link.held_frames, names);
  return part;
}

std::string clause_of(const LockLink& link, const SiteNames& names) {
  const std::string held =
      fmt::format("cpu {} holds {}, taken in {}", link.cpu.value(), link.held.name, place(link.held_frames, names));
  const std::string wanted = fmt::format("{} in {}", link.wanted.name, place(link.wanted_frames, names));
  if (!link.by_interrupt) return fmt::format("{}, and takes {}", held, wanted);
  return fmt::format("{}, with interrupts enabled, and {} there takes {}", held, context_words(link.context), wanted);
}

}  // namespace

bool has_lock_cycle(const LockGraph& graph) {
  return may_have_cycle(graph) && !Search(graph).shortest().empty();
}

std::optional<LockOrderReport> predicted_deadlock(const LockGraph& graph, const SiteNames& names) {
  if (!may_have_cycle(graph)) return std::nullopt;
  Search search(graph);
  std::optional<LockOrderReport> first;
  std::string first_signature;
  for (const Cycle& cycle : search.shortest()) {
    LockOrderReport report = report_of(graph, cycle);
    std::string signature = lock_order_signature(report, names);
    if (first && signature >= first_signature) continue;
    first = std::move(report);
    first_signature = std::move(signature);
  }
  return first;
}

std::string lock_order_signature(const LockOrderReport& report, const SiteNames& names) {
  std::vector<std::string> parts;
  for (const LockLink& link : report.links) parts.push_back(part_of(link, names));
  std::sort(parts.begin(), parts.end());
  parts.erase(std::unique(parts.begin(), parts.end()), parts.end());
  return fmt::format("{}: {}", verdict_name(VerdictKind::kLockOrder), fmt::join(parts, " + "));
}

std::string lock_order_summary(const LockOrderReport& report, const SiteNames& names) {
  std::vector<std::string> clauses;
  for (const LockLink& link : report.links) clauses.push_back(clause_of(link, names));
  const std::string_view end = report.needs_writer        ? "with a writer that waits in between, nobody could go on"
                               : report.links.size() == 1 ? "it would wait for itself"
                                                          : "at the same time, each would wait for the next";
  return fmt::format("{}; {}", fmt::join(clauses, "; "), end);
}

}  // namespace gridlock
