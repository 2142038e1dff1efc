// What a status page says at one moment, as a plain value: what whoever watches a fuzzing process works with.
//
// Values only. May include: base, and the page itself.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "engine/model/status_page.h"

namespace gridlock {

// The fields of StatusPage, with the meaning that they have there.
struct StatusCounts {
  std::uint64_t heartbeat = 0;
  std::uint64_t workers_up = 0;
  std::uint64_t worker_restarts = 0;
  std::uint64_t runs = 0;
  std::uint64_t points = 0;
  std::uint64_t switches = 0;
  std::uint64_t interrupts_raised = 0;
  std::uint64_t interrupts_taken = 0;
  std::uint64_t migrations_taken = 0;
  std::uint64_t migrations_dropped = 0;
  std::uint64_t migrations_pending = 0;
  std::uint64_t inconclusive = 0;
  std::uint64_t unconfirmed = 0;
  std::uint64_t ordered_reports = 0;
  std::uint64_t findings = 0;
  std::uint64_t run_nanoseconds = 0;
  std::array<std::uint64_t, kStatusBuckets> run_nanoseconds_buckets{};
  std::array<std::uint64_t, kStatusBuckets> run_points_buckets{};
  std::uint64_t features = 0;
  std::uint64_t code_edges = 0;
  std::uint64_t corpus_entries = 0;
  bool operator==(const StatusCounts&) const = default;
};

// False until the fuzzing process has made the page its own, and for a page of another build's layout.
[[nodiscard]] inline bool is_valid(const StatusPage& page) {
  return page.magic.load(std::memory_order_relaxed) == kStatusPageMagic;
}

// The fields one after the other, while the writer goes on: each is one that was written, but two may be of different
// moments (runs may be one ahead of points). Thread safe.
[[nodiscard]] inline StatusCounts snapshot(const StatusPage& page) {
  const auto read = [](const std::atomic<std::uint64_t>& field) { return field.load(std::memory_order_relaxed); };
  StatusCounts counts{
      .heartbeat = read(page.heartbeat),
      .workers_up = read(page.workers_up),
      .worker_restarts = read(page.worker_restarts),
      .runs = read(page.runs),
      .points = read(page.points),
      .switches = read(page.switches),
      .interrupts_raised = read(page.interrupts_raised),
      .interrupts_taken = read(page.interrupts_taken),
      .migrations_taken = read(page.migrations_taken),
      .migrations_dropped = read(page.migrations_dropped),
      .migrations_pending = read(page.migrations_pending),
      .inconclusive = read(page.inconclusive),
      .unconfirmed = read(page.unconfirmed),
      .ordered_reports = read(page.ordered_reports),
      .findings = read(page.findings),
      .run_nanoseconds = read(page.run_nanoseconds),
      .features = read(page.features),
      .code_edges = read(page.code_edges),
      .corpus_entries = read(page.corpus_entries),
  };
  for (std::size_t i = 0; i < kStatusBuckets; ++i) {
    counts.run_nanoseconds_buckets[i] = read(page.run_nanoseconds_buckets[i]);
    counts.run_points_buckets[i] = read(page.run_points_buckets[i]);
  }
  return counts;
}

}  // namespace gridlock
