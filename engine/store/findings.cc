// Store: findings one by one, what triage says of them, and what people say.
//
// May include: base, model.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/store/store_impl.h"

namespace gridlock::store {
namespace {

Note note_of(Row& row) {
  return {.id = row.take<std::int64_t>(),
          .time = row.take<UnixMs>(),
          .author = row.take<std::string>(),
          .text = row.take<std::string>()};
}

SightingCount count_of(Row& row) {
  return {.build = row.take<BuildId>(),
          .variant = row.take<std::string>(),
          .engine = row.take<std::string>(),
          .sanitizer = row.take<std::string>(),
          .count = row.take<std::uint64_t>(),
          .first = row.take<UnixMs>(),
          .last = row.take<UnixMs>()};
}

// What a change of state looks at.
struct Judged {
  FindingId id;
  std::string target;
  TriageState state = TriageState::kNew;
  std::string duplicate_of;
};

Judged judged(Connection& connection, std::string_view key) {
  auto found = connection.row(
      [](Row& row) {
        return Judged{.id = row.take<FindingId>(),
                      .target = row.take<std::string>(),
                      .state = row.take<TriageState>(),
                      .duplicate_of = row.take<std::string>()};
      },
      "SELECT id, target, state, duplicate_of FROM finding WHERE key = ?1", key);
  if (!found) refuse(std::string(key), "there is no such finding");
  return *found;
}

// A duplicate's original is none itself, so there are no circles.
void check_original(Connection& connection, const Judged& finding, std::string_view duplicate_of) {
  const Judged original = judged(connection, duplicate_of);
  if (original.id == finding.id) refuse(std::string(duplicate_of), "a finding is no duplicate of itself");
  if (original.target != finding.target) {
    refuse(std::string(duplicate_of), "a duplicate's original is a finding of the same target");
  }
  if (original.state == TriageState::kDuplicate) {
    refuse(std::string(duplicate_of), "it is a duplicate itself, of " + original.duplicate_of + "; name that one");
  }
}

Note add(Connection& connection, FindingId finding, std::string_view author, std::string_view text, UnixMs now) {
  check_length("the author", author.size(), kAuthorBytesMax);
  check_length("the note", text.size(), kNoteBytesMax);
  connection.run("INSERT INTO note (finding, time, author, text) VALUES (?1, ?2, ?3, ?4)", finding, now, author, text);
  return {.id = connection.new_row(), .time = now, .author = std::string(author), .text = std::string(text)};
}

std::string state_text(TriageState state, std::string_view duplicate_of) {
  std::string text(triage_state_name(state));
  if (state == TriageState::kDuplicate) text.append(" of ").append(duplicate_of);
  return text;
}

}  // namespace

Finding finding_of(Row& row) {
  return {.id = row.take<FindingId>(),
          .key = row.take<std::string>(),
          .target = row.take<std::string>(),
          .variant = row.take<std::string>(),
          .signature = row.take<std::string>(),
          .verdict = row.take<VerdictKind>(),
          .title = row.take<std::string>(),
          .state = row.take<TriageState>(),
          .duplicate_of = row.take<std::string>(),
          .regression = row.take<RegressionState>(),
          .is_canary = row.take<bool>(),
          .first_build = row.take<BuildId>(),
          .first_seen = row.take<UnixMs>(),
          .last_seen = row.take<UnixMs>(),
          .sightings = row.take<std::uint64_t>(),
          .triaged = row.take<bool>(),
          .cpus = row.take<std::uint32_t>(),
          .preemptions = row.take<std::uint32_t>(),
          .interrupts = row.take<std::uint32_t>(),
          .migrations = row.take<std::uint32_t>(),
          .decisions = row.take<std::uint32_t>(),
          .decisions_as_found = row.take<std::uint32_t>(),
          .minimize_seconds = row.take<double>(),
          .minimize_runs = row.take<std::uint64_t>(),
          .reproduced = row.take<std::uint32_t>(),
          .replays = row.take<std::uint32_t>(),
          .repro = row.take<std::string>(),
          .input = row.take<std::string>(),
          .explanation = row.take<std::string>(),
          .text = row.take<std::string>(),
          .perfetto = row.take<std::string>(),
          .test = row.take<std::string>()};
}

Result<void> Store::record_triage(FindingId finding, const TriageResult& result) {
  return impl_->write("record what triage says", [&](Connection& connection) {
    connection.run(
        "UPDATE finding SET triaged = 1, title = ?2, cpus = ?3, preemptions = ?4, interrupts = ?5, migrations = ?6,"
        " decisions = ?7, decisions_as_found = ?8, minimize_seconds = ?9, minimize_runs = ?10, reproduced = ?11,"
        " replays = ?12, repro = ?13, explanation = ?14, text = ?15, perfetto = ?16, test = ?17 WHERE id = ?1",
        finding, cut(result.title, kTitleBytesMax), result.cpus, result.preemptions, result.interrupts,
        result.migrations, result.decisions, result.decisions_as_found, result.minimize_seconds, result.minimize_runs,
        result.reproduced, result.replays, result.repro, result.explanation, result.text, result.perfetto, result.test);
    if (connection.changed_rows() == 0) {
      refuse(fmt::format("finding {}", finding.value()), "there is no such finding");
    }
  });
}

Result<std::optional<Finding>> Store::finding(std::string_view key) const {
  return impl_->read("read a finding", [&](Connection& connection) {
    return connection.row(finding_of, "SELECT " GRIDLOCK_FINDING_COLUMNS " FROM finding f WHERE f.key = ?1", key);
  });
}

Result<std::optional<Finding>> Store::finding(FindingId id) const {
  return impl_->read("read a finding", [&](Connection& connection) {
    return connection.row(finding_of, "SELECT " GRIDLOCK_FINDING_COLUMNS " FROM finding f WHERE f.id = ?1", id);
  });
}

Result<std::vector<Finding>> Store::untriaged(std::uint32_t limit) const {
  return impl_->read("list the findings to triage", [&](Connection& connection) {
    return connection.rows(
        finding_of, "SELECT " GRIDLOCK_FINDING_COLUMNS " FROM finding f WHERE f.triaged = 0 ORDER BY f.id LIMIT ?1",
        std::min(limit, kRowsMax));
  });
}

Result<std::vector<SightingCount>> Store::sighting_counts(FindingId finding) const {
  return impl_->read("count sightings", [&](Connection& connection) {
    return connection.rows(count_of,
                           "SELECT build, variant, engine, sanitizer, count, first, last FROM sighting_count"
                           " WHERE finding = ?1 ORDER BY build, variant, engine, sanitizer LIMIT ?2",
                           finding, kRowsMax);
  });
}

Result<void> Store::set_state(std::string_view key, TriageState state, std::string_view duplicate_of,
                              std::string_view author, UnixMs now) {
  return impl_->write("set the state of a finding", [&](Connection& connection) {
    const Judged finding = judged(connection, key);
    if (state == TriageState::kDuplicate) {
      check_original(connection, finding, duplicate_of);
    } else if (!duplicate_of.empty()) {
      refuse(std::string(duplicate_of), "only a duplicate has an original");
    }
    if (finding.state == state && finding.duplicate_of == duplicate_of) return;
    connection.run("UPDATE finding SET state = ?2, duplicate_of = ?3 WHERE id = ?1", finding.id, state, duplicate_of);
    add(connection, finding.id, author,
        fmt::format("state: {} -> {}", state_text(finding.state, finding.duplicate_of),
                    state_text(state, duplicate_of)),
        now);
  });
}

Result<Note> Store::add_note(std::string_view key, std::string_view author, std::string_view text, UnixMs now) {
  return impl_->write("add a note", [&](Connection& connection) {
    if (text.empty()) refuse("the note", "it has no text");
    return add(connection, judged(connection, key).id, author, text, now);
  });
}

Result<std::vector<Note>> Store::notes(FindingId finding) const {
  return impl_->read("list the notes", [&](Connection& connection) {
    auto notes =
        connection.rows(note_of, "SELECT id, time, author, text FROM note WHERE finding = ?1 ORDER BY id DESC LIMIT ?2",
                        finding, kNotesMax);
    std::ranges::reverse(notes);
    return notes;
  });
}

}  // namespace gridlock::store
