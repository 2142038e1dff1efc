// The page that a process which runs scenarios shares with the parent that watches it. The child publishes every input
// before it runs it, so that no crash is ever lost, and counts what it does; the parent tells it to stop. The child may
// be a fork of the parent or another program (the libFuzzer driver) that inherited the page's descriptor.
//
// May include: base, model, decode, feedback, machine (crash report).
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <limits>
#include <span>

#include "engine/base/error.h"
#include "engine/cli/seen_set.h"
#include "engine/decode/decode.h"
#include "engine/feedback/interleaving_map.h"
#include "engine/machine/crash.h"
#include "engine/model/scenario.h"
#include "engine/model/status_page.h"

namespace gridlock {

// How urgently the child is to end.
enum class StopLevel : std::uint32_t {
  kGoOn = 0,
  kAfterThisFinding = 1,  // the budget is used up: what is found already is still minimized and confirmed
  kNow = 2                // somebody waits: a reduction ends with the best so far
};

// Where the schedule of a run comes from.
enum class Decider : std::uint32_t {
  kInput = 0,    // the directives of the input
  kStrategy = 1  // the journal: what a strategy has decided, the input's own directives included
};

// Code edges with a higher number are not counted; all targets of a program together have fourteen thousand.
inline constexpr std::size_t kCodeEdgesMax = 1 << 16;

inline constexpr std::size_t kRefusalBytesMax = 512;

// Plain data with atomics: each counter has one writer, the child; `stop` and `runs_max` are the parent's. All accesses
// are relaxed, because nothing is published through them: after a death the kernel orders everything.
struct RunPage {
  std::atomic<StopLevel> stop = StopLevel::kGoOn;
  std::atomic<std::uint64_t> runs_max = std::numeric_limits<std::uint64_t>::max();

  // Changes before each run of whatever kind; a parent that sees it stand still while `running` is set kills the child.
  std::atomic<std::uint64_t> heartbeat = 0;
  std::atomic<std::uint32_t> running = 0;
  // The process that runs the inputs, where that is not the child itself: AFL++ forks it. 0: the child.
  std::atomic<std::int32_t> runner = 0;

  // What the budget and the reports count: fuzz runs, not those of a reduction.
  std::atomic<std::uint64_t> runs = 0;
  std::atomic<std::uint64_t> points = 0;
  std::atomic<std::uint64_t> switches = 0;
  std::atomic<std::uint64_t> inconclusive = 0;     // runs that reached the point limit with nothing proven
  std::atomic<std::uint64_t> unconfirmed = 0;      // bugs that did not come again; never reported as findings
  std::atomic<std::uint64_t> differing = 0;        // scenarios that did not run the same twice
  std::atomic<std::uint64_t> ordered_reports = 0;  // of ThreadSanitizer, on accesses that are ordered
  std::atomic<std::uint64_t> interrupts_raised = 0;
  std::atomic<std::uint64_t> interrupts_taken = 0;
  std::atomic<std::uint64_t> migrations_taken = 0;
  std::atomic<std::uint64_t> migrations_dropped = 0;
  std::atomic<std::uint64_t> migrations_pending = 0;
  // Of the runs that ended, as the status page has them: see run_meter.h.
  std::atomic<std::uint64_t> run_nanoseconds = 0;
  std::array<std::atomic<std::uint64_t>, kStatusBuckets> run_nanoseconds_buckets{};
  std::array<std::atomic<std::uint64_t>, kStatusBuckets> run_points_buckets{};
  // What this worker and those before it have reached.
  SeenSet<feedback::kFeatures> features;
  SeenSet<kCodeEdgesMax> code_edges;
  std::atomic<std::uint64_t> corpus_used = 0;  // entries of its corpus that a blind worker has begun with
  std::atomic<std::uint64_t> taking_in = 0;    // the shared entry that is being run for the first time; 0: none

  // The input of the current run: encoded, and, where a strategy decides, the decisions it has made so far.
  std::atomic<Decider> decider = Decider::kInput;
  std::atomic<std::uint32_t> decision_count = 0;
  std::uint32_t input_size_bytes = 0;
  std::uint8_t input[kInputBytesMax] = {};
  Directive decisions[kDirectivesMax] = {};

  CrashReport crash;

  // Set in a child whose end somebody looks at.
  std::atomic<bool> is_watched = false;
  // What a program under test called that Gridlock does not control, as a sentence; empty: nothing.
  char refused[kRefusalBytesMax] = {};
};

// Owns one mapping of a page and its descriptor. Movable.
class SharedRunPage {
 public:
  // A new page that a fork shares and an executed child can attach to. ERRORS: no memory, no descriptors.
  [[nodiscard]] static Result<SharedRunPage> create();
  // Maps the page that a parent created. ERRORS: the descriptor is not one.
  [[nodiscard]] static Result<SharedRunPage> attach(int descriptor);

  SharedRunPage(SharedRunPage&& other) noexcept;
  SharedRunPage& operator=(SharedRunPage&& other) noexcept;
  ~SharedRunPage();

  [[nodiscard]] RunPage& operator*() const { return *page_; }
  [[nodiscard]] RunPage* operator->() const { return page_; }
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  SharedRunPage(int descriptor, RunPage* page) : descriptor_(descriptor), page_(page) {}

  int descriptor_ = -1;
  RunPage* page_ = nullptr;
};

// Adds to a counter that only this process writes: no locked instruction.
inline void count(std::atomic<std::uint64_t>& counter, std::uint64_t by = 1) {
  counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

// The child is about to run `input`. An input over kInputBytesMax is cut, as decode does.
void publish_run(RunPage& page, std::span<const std::uint8_t> input, Decider decider);
// The run is over and judged.
void end_run(RunPage& page);

// The scenario that was running last, with the decisions made up to the end of the child.
[[nodiscard]] Scenario last_scenario(const RunPage& page, const TargetSchema& schema);

}  // namespace gridlock
