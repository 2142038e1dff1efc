// Store: the corpus index and the totals of the metrics.
//
// May include: base, model.
#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "engine/store/store_impl.h"

namespace gridlock::store {
namespace {

CorpusEntry entry_of(Row& row) {
  return {.target = row.take<std::string>(),
          .name = row.take<std::string>(),
          .bytes = row.take<std::uint64_t>(),
          .origin = row.take<std::string>(),
          .added = row.take<UnixMs>()};
}

CorpusSummary summary_of(Row& row) {
  return {.target = row.take<std::string>(),
          .entries = row.take<std::uint64_t>(),
          .bytes = row.take<std::uint64_t>(),
          .newest = row.take<UnixMs>()};
}

// What an entry is told by, all of it. Eight bytes instead of some two hundred, for lists of tens of thousands.
std::size_t mark_of(const CorpusEntry& entry) {
  return std::hash<std::string>{}(fmt::format("{}/{}/{}/{}", entry.name, entry.bytes, entry.origin, entry.added));
}

bool holds(const std::vector<std::size_t>& sorted_marks, std::size_t mark) {
  return std::ranges::binary_search(sorted_marks, mark);
}

// Of what stands in the index, sorted.
std::vector<std::size_t> marks_in(Connection& connection, std::string_view target) {
  auto marks = connection.rows([](Row& row) { return mark_of(entry_of(row)); },
                               "SELECT target, name, bytes, origin, added FROM corpus_entry WHERE target = ?1", target);
  std::ranges::sort(marks);
  return marks;
}

void put(Connection& connection, std::string_view target, const CorpusEntry& entry) {
  check_length("the name of a corpus entry", entry.name.size(), kNameBytesMax);
  connection.run(
      "INSERT INTO corpus_entry (target, name, bytes, origin, added) VALUES (?1, ?2, ?3, ?4, ?5)"
      " ON CONFLICT DO UPDATE SET bytes = excluded.bytes, origin = excluded.origin, added = excluded.added",
      target, entry.name, entry.bytes, entry.origin, entry.added);
}

// Removes what is not among `marks`, some hundreds at a time.
void remove_others(Connection& connection, std::string_view target, const std::vector<std::size_t>& marks) {
  for (std::string last; true;) {
    const auto entries =
        connection.rows(entry_of,
                        "SELECT target, name, bytes, origin, added FROM corpus_entry WHERE target = ?1 AND name > ?2"
                        " ORDER BY name LIMIT 500",
                        target, last);
    if (entries.empty()) return;
    last = entries.back().name;
    for (const CorpusEntry& entry : entries) {
      if (holds(marks, mark_of(entry))) continue;
      connection.run("DELETE FROM corpus_entry WHERE target = ?1 AND name = ?2", target, entry.name);
    }
  }
}

}  // namespace

// Most of a corpus is the same from one time to the next: only what differs is written.
Result<void> Store::record_corpus(std::string_view target, const NextCorpusEntry& next) {
  return impl_->write("record the corpus", [&](Connection& connection) {
    check_length("the name of a target", target.size(), kNameBytesMax);
    const auto known = marks_in(connection, target);
    std::vector<std::size_t> marks;
    while (const auto entry = next()) {
      check_length("the list of a corpus", marks.size() + 1, kRowsMax);
      marks.push_back(mark_of(*entry));
      if (!holds(known, marks.back())) put(connection, target, *entry);
    }
    std::ranges::sort(marks);
    remove_others(connection, target, marks);
    connection.run("DELETE FROM corpus_summary WHERE target = ?1", target);
    connection.run(
        "INSERT INTO corpus_summary (target, entries, bytes, newest)"
        " SELECT target, count(*), sum(bytes), max(added) FROM corpus_entry WHERE target = ?1 GROUP BY target",
        target);
  });
}

Result<void> Store::record_corpus(std::string_view target, std::span<const CorpusEntry> entries) {
  return record_corpus(target, [left = entries]() mutable -> std::optional<CorpusEntry> {
    if (left.empty()) return std::nullopt;
    const CorpusEntry& entry = left.front();
    left = left.subspan(1);
    return entry;
  });
}

Result<std::vector<CorpusSummary>> Store::corpora() const {
  return impl_->read("list the corpora", [](Connection& connection) {
    return connection.rows(
        summary_of, "SELECT target, entries, bytes, newest FROM corpus_summary ORDER BY target LIMIT ?1", kRowsMax);
  });
}

Result<std::vector<CorpusEntry>> Store::corpus(std::string_view target, std::uint32_t limit) const {
  return impl_->read("list a corpus", [&](Connection& connection) {
    return connection.rows(entry_of,
                           "SELECT target, name, bytes, origin, added FROM corpus_entry WHERE target = ?1"
                           " ORDER BY added DESC, name DESC LIMIT ?2",
                           target, std::min(limit, kRowsMax));
  });
}

Result<void> Store::save_totals(std::span<const MetricTotal> totals) {
  return impl_->write("save the totals of the metrics", [&](Connection& connection) {
    check_length("the list of totals", totals.size(), kRowsMax);
    for (const MetricTotal& total : totals) {
      connection.run(
          "INSERT INTO metric_total (name, labels, value) VALUES (?1, ?2, ?3)"
          " ON CONFLICT DO UPDATE SET value = excluded.value WHERE value <> excluded.value",
          total.name, total.labels, total.value);
    }
  });
}

Result<std::vector<MetricTotal>> Store::totals() const {
  return impl_->read("read the totals of the metrics", [](Connection& connection) {
    return connection.rows(
        [](Row& row) {
          return MetricTotal{
              .name = row.take<std::string>(), .labels = row.take<std::string>(), .value = row.take<double>()};
        },
        "SELECT name, labels, value FROM metric_total ORDER BY name, labels LIMIT ?1", kRowsMax);
  });
}

}  // namespace gridlock::store
