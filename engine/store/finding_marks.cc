// Marks by list, for the newest version that anybody asked with.
//
// May include: base, model.
#include "engine/store/finding_marks.h"

#include <iterator>

namespace gridlock::store {
namespace {

// With 24 bytes and a tree's node for a mark, 8 MB at most.
constexpr std::size_t kListsMax = 128;
constexpr std::size_t kMarksMax = 1024;  // of a list

}  // namespace

FindingMarks::Name FindingMarks::name_of(const FindingQuery& query) {
  return {query.verdict, query.target, query.variant, query.state, query.regression, query.is_canary, query.order};
}

FindingMarks::List* FindingMarks::list(const FindingQuery& query, Version version) {
  if (!version || *version < version_) return nullptr;
  if (*version > version_) lists_.clear();
  version_ = *version;
  // Everything goes at once: what is asked for again is soon known again.
  if (lists_.size() >= kListsMax && !lists_.contains(name_of(query))) lists_.clear();
  return &lists_[name_of(query)];
}

std::optional<ListSizes> FindingMarks::sizes(const FindingQuery& query, Version version) {
  const std::scoped_lock lock(mutex_);
  const List* const kept = list(query, version);
  return kept == nullptr ? std::nullopt : kept->sizes;
}

void FindingMarks::keep_sizes(const FindingQuery& query, Version version, ListSizes sizes) {
  const std::scoped_lock lock(mutex_);
  if (List* const kept = list(query, version)) kept->sizes = sizes;
}

FindingMarks::Around FindingMarks::around(const FindingQuery& query, Version version, std::uint64_t first,
                                          std::uint64_t last, std::uint64_t matching) {
  Around around{.below = {.rank = 0}, .above = {.rank = matching - 1}};
  const std::scoped_lock lock(mutex_);
  const List* const kept = list(query, version);
  if (kept == nullptr) return around;
  if (const auto above = kept->marks.lower_bound(last); above != kept->marks.end()) {
    around.above = {.rank = above->first, .finding = above->second};
  }
  if (const auto behind = kept->marks.upper_bound(first); behind != kept->marks.begin()) {
    const auto below = std::prev(behind);
    around.below = {.rank = below->first, .finding = below->second};
  }
  return around;
}

void FindingMarks::keep(const FindingQuery& query, Version version, std::span<const FindingMark> marks) {
  const std::scoped_lock lock(mutex_);
  List* const kept = list(query, version);
  if (kept == nullptr) return;
  for (const FindingMark& mark : marks) {
    if (mark.finding && kept->marks.size() < kMarksMax) kept->marks.emplace(mark.rank, *mark.finding);
  }
}

}  // namespace gridlock::store
