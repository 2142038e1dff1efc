// Where pages far down a list of findings begin: of each list that was walked lately, how long it is and, every few
// thousand findings, which finding stands there. A page is then a short walk from the nearest of these marks, and not
// one from the list's end.
//
// A finding that is seen again changes its place, and with it the rank of others. So a mark holds for one version of
// the findings: the writer counts versions, and nothing is kept over one. What is read with a mark is exactly what a
// walk from the end reads.
//
// Thread safety: all calls, by any thread.
//
// May include: base, model.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <tuple>

#include "engine/store/records.h"

namespace gridlock::store {

// Says whether the findings are what they were. Odd: a transaction is changing them.
class FindingsVersion {
 public:
  using Number = std::uint64_t;
  // By the writer, which is alone: before a finding is changed, and when the transaction that did it has ended.
  void change_begins() {
    if (value_ % 2 == 0) ++value_;
  }
  void change_ends() {
    if (value_ % 2 == 1) ++value_;
  }
  // Nothing while they change. If it is the same number before and after a reader took its snapshot, then every
  // snapshot with this number shows the same findings.
  [[nodiscard]] std::optional<Number> at_rest() const {
    const Number number = value_;
    return number % 2 == 0 ? std::optional(number) : std::nullopt;
  }

 private:
  std::atomic<Number> value_ = 0;
};

// How many findings there are, and how many match but for the text.
struct ListSizes {
  std::uint64_t all = 0;
  std::uint64_t matching = 0;
};

// The finding at a rank of a list in ascending order, the first of which has rank 0.
struct FindingMark {
  std::uint64_t rank = 0;
  std::optional<FindingId> finding;  // nothing: an end of the list, whose finding nobody has looked up
};

class FindingMarks {
 public:
  using Version = std::optional<FindingsVersion::Number>;  // nothing: none that holds; then nothing is known or kept

  [[nodiscard]] std::optional<ListSizes> sizes(const FindingQuery& query, Version version);
  void keep_sizes(const FindingQuery& query, Version version, ListSizes sizes);

  struct Around {
    FindingMark below;  // of rank `first` or less
    FindingMark above;  // of rank `last` or more
  };
  // The nearest marks around these ranks, or the list's ends. REQUIRES: first <= last < matching.
  [[nodiscard]] Around around(const FindingQuery& query, Version version, std::uint64_t first, std::uint64_t last,
                              std::uint64_t matching);
  void keep(const FindingQuery& query, Version version, std::span<const FindingMark> marks);

 private:
  // What a list is of; the direction and the page are no part of it, and a text is searched otherwise.
  using Name = std::tuple<std::optional<VerdictKind>, std::string, std::string, std::optional<TriageState>,
                          std::optional<RegressionState>, std::optional<bool>, FindingQuery::Order>;
  struct List {
    std::optional<ListSizes> sizes;
    std::map<std::uint64_t, FindingId> marks;  // by rank
  };
  [[nodiscard]] static Name name_of(const FindingQuery& query);
  // Nothing if what is asked of is older than what is kept. REQUIRES: `mutex_` is held.
  [[nodiscard]] List* list(const FindingQuery& query, Version version);

  std::mutex mutex_;
  FindingsVersion::Number version_ = 0;
  std::map<Name, List> lists_;
};

}  // namespace gridlock::store
