// Store: the corpus index and the totals of the metrics.
//
// May include: base, model.
#include <unordered_set>

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

// Removes what is not among `entries`; most of a corpus is the same from one time to the next.
void remove_others(Connection& connection, std::string_view target, std::span<const CorpusEntry> entries) {
  const auto names = connection.rows([](Row& row) { return row.take<std::string>(); },
                                     "SELECT name FROM corpus_entry WHERE target = ?1", target);
  std::unordered_set<std::string_view> stays;
  for (const CorpusEntry& entry : entries) stays.insert(entry.name);
  for (const std::string& name : names) {
    if (!stays.contains(name)) {
      connection.run("DELETE FROM corpus_entry WHERE target = ?1 AND name = ?2", target, name);
    }
  }
}

}  // namespace

Result<void> Store::record_corpus(std::string_view target, std::span<const CorpusEntry> entries) {
  return impl_->write("record the corpus", [&](Connection& connection) {
    check_length("the list of a corpus", entries.size(), kRowsMax);
    check_length("the name of a target", target.size(), kNameBytesMax);
    remove_others(connection, target, entries);
    for (const CorpusEntry& entry : entries) {
      check_length("the name of a corpus entry", entry.name.size(), kNameBytesMax);
      connection.run(
          "INSERT INTO corpus_entry (target, name, bytes, origin, added) VALUES (?1, ?2, ?3, ?4, ?5)"
          " ON CONFLICT DO UPDATE SET bytes = excluded.bytes, origin = excluded.origin, added = excluded.added"
          " WHERE bytes <> excluded.bytes OR origin <> excluded.origin OR added <> excluded.added",
          target, entry.name, entry.bytes, entry.origin, entry.added);
    }
    connection.run("DELETE FROM corpus_summary WHERE target = ?1", target);
    connection.run(
        "INSERT INTO corpus_summary (target, entries, bytes, newest)"
        " SELECT target, count(*), sum(bytes), max(added) FROM corpus_entry WHERE target = ?1 GROUP BY target",
        target);
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
