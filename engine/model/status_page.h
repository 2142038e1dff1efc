// The page in which a `gridlock fuzz` process shows what it does while it does it: a file that the process which
// started it has made and mapped, and reads whenever it likes, also after the process has died.
//
// The layout is shared between two programs of one build. One writer, the fuzzing process; all accesses relaxed.
//
// May include: base.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace gridlock {

inline constexpr std::uint64_t kStatusPageMagic = 0x31656761'706c6732;  // changes with the layout

// Histograms: bucket i counts values below 4^(i + 1) (of points, or of nanoseconds), the last one all that are larger.
inline constexpr std::size_t kStatusBuckets = 16;

struct StatusPage {
  std::atomic<std::uint64_t> magic = 0;      // written by the fuzzing process once the page is valid
  std::atomic<std::uint64_t> heartbeat = 0;  // changes while the supervisor of the workers lives
  std::atomic<std::uint64_t> workers_up = 0;
  std::atomic<std::uint64_t> worker_restarts = 0;

  // Since the process began, of all workers together; runs of the search, not those of a reduction.
  std::atomic<std::uint64_t> runs = 0;
  std::atomic<std::uint64_t> points = 0;
  std::atomic<std::uint64_t> switches = 0;
  std::atomic<std::uint64_t> interrupts_raised = 0;
  std::atomic<std::uint64_t> interrupts_taken = 0;
  // Requests of a migration: handled, refused as too many waited, waiting when the run ended.
  std::atomic<std::uint64_t> migrations_taken = 0;
  std::atomic<std::uint64_t> migrations_dropped = 0;
  std::atomic<std::uint64_t> migrations_pending = 0;
  std::atomic<std::uint64_t> inconclusive = 0;
  std::atomic<std::uint64_t> unconfirmed = 0;
  std::atomic<std::uint64_t> ordered_reports = 0;
  std::atomic<std::uint64_t> findings = 0;
  // Of the runs that ended: from the end of the run before to the end of this one, so choosing it is part.
  std::atomic<std::uint64_t> run_nanoseconds = 0;  // sum, for the histograms
  std::array<std::atomic<std::uint64_t>, kStatusBuckets> run_nanoseconds_buckets{};
  std::array<std::atomic<std::uint64_t>, kStatusBuckets> run_points_buckets{};

  // Now.
  std::atomic<std::uint64_t> features = 0;    // interleaving features that this process has seen; 0: it does not look
  std::atomic<std::uint64_t> code_edges = 0;  // 0: the engine counts none
  std::atomic<std::uint64_t> corpus_entries = 0;
};

static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

}  // namespace gridlock
