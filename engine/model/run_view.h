// The read-only view of one finished run that the machine fills and the judges read.
//
// Values only; the spans point into the machine and live until its next run. May include: base.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/ids.h"
#include "engine/model/run_profile.h"
#include "engine/model/scenario.h"
#include "engine/model/trace.h"

namespace gridlock {

// Why the machine stopped the run.
enum class RunEnd : std::uint8_t {
  kCompleted,        // every program ended, nothing is pending
  kSelfLoops,        // proven: the whole state recurred, no step in between changed a value
  kChangingCycle,    // proven twice: the whole state recurred through changing stores, under two fair orders
  kPointLimit,       // the limit was reached with neither
  kAssertion,        // the target, or the machine's rules for targets, said so: see `failure`
  kInvariant,        // see `failure`
  kDataRace,         // two accesses that nothing orders: see `race`
  kCrash,            // this process survived it because a parent ran the scenario in a child: see `failure`
  kMemoryError,      // an access to memory that is not the target's: see `failure`
  kSanitizerReport,  // ThreadSanitizer reported a race that the exact judge does not see: see `race`
  kRefused,          // the target called what Gridlock does not control: `failure` names it; it proves nothing
};

enum class CpuActivity : std::uint8_t { kEnded, kIdle, kWaiting, kSpinning, kRunning };

// One context of a cpu at the end: the task or a handler nested over it.
struct ContextView {
  enum class Kind : std::uint8_t { kTask, kIrq, kSoftirq, kMigrate } kind = Kind::kTask;
  std::uint32_t number = 0;  // vector or softirq number
  std::vector<Site> frames;  // innermost first
  Site call = 0;             // as Step::call, of the point where it stands
};

struct CpuView {
  CpuId cpu;
  CpuActivity activity = CpuActivity::kIdle;
  bool irqs_enabled = true;
  std::uint64_t pending_vectors = 0;   // bit per vector
  PointIndex points;                   // passed so far
  std::vector<ContextView> contexts;   // outermost (task) first; empty if ended or idle
  std::vector<std::uint64_t> watches;  // arena offsets it reads in its loop or wait condition
  // The point index before the first point of each operation of its program that was begun: operation i covers the
  // points (operation_starts[i], operation_starts[i + 1]].
  std::vector<std::uint32_t> operation_starts;
};

// The access of a memory error that the engine itself finds, and the nearest block of the arena that begins at or below
// it: the one that it hit or ran out of.
struct BadAccess {
  bool is_write = false;
  bool on_stack = false;          // of a cpu; nothing below means anything then but `bytes`
  std::uint64_t offset = 0;       // in the arena
  std::uint64_t bytes = 0;        // 0: it was freed, not accessed
  bool has_block = false;         // there is such a block
  std::uint64_t block_begin = 0;  // in the arena
  std::uint64_t block_bytes = 0;
  bool sanitizer_agrees = false;  // AddressSanitizer, where that is linked, takes the bytes for dead too
};

struct Failure {
  std::string what;   // the assertion's text, the invariant's name, the signal's or sanitizer's words
  std::string where;  // file:line where the target gave one
  CpuId cpu;
  std::vector<Site> frames;              // of the step that did it, innermost first
  std::optional<BadAccess> access = {};  // set for memory errors that the engine itself finds
  bool is_statement = false;             // `what` says what happened; false: it is the condition that does not hold
};

struct RaceAccess {
  bool is_write = false;
  bool is_atomic = false;  // atomic or volatile
  CpuId cpu;
  ContextView::Kind context = ContextView::Kind::kTask;
  PointIndex point;          // the latest point of the cpu before the access, or the access itself
  std::vector<Site> frames;  // innermost first
};

// Two accesses of one stretch of memory, in the order in which they happened.
struct RaceReport {
  RaceAccess accesses[2];
  bool on_stack = false;     // of a cpu; `offset` means nothing then
  std::uint64_t offset = 0;  // in the target's arena, of the first byte that races
  std::uint64_t bytes = 0;   // of the second access, from there
  // ThreadSanitizer's own report of it, where that is linked and saw it: what it takes for the two accesses.
  bool sanitizer_agrees = false;
  RaceAccess sanitizer_accesses[2];
};

struct LockGraph;  // engine/model/lock_graph.h

struct RunView {
  RunEnd end = RunEnd::kCompleted;
  std::span<const CpuView> cpus;
  // The schedule as it was, whatever strategy drove it: replaying the scenario with these directives in the place of
  // its own gives the same run.
  std::span<const Directive> directives;
  bool directives_overflowed = false;  // more decisions than kDirectivesMax; the tail ran by the default rule
  const Failure* failure = nullptr;    // set for kAssertion, kInvariant, kCrash, kMemoryError, kRefused
  const RaceReport* race = nullptr;    // set for kDataRace, kSanitizerReport
  // Races that ThreadSanitizer reported although the accesses are ordered (by a fence, through words of mixed sizes, by
  // an address dependency, ...): how many, and the first of them.
  std::uint64_t ordered_reports = 0;
  const RaceReport* ordered_report = nullptr;
  const Trace* trace = nullptr;         // set if it was asked for
  const RunProfile* profile = nullptr;  // likewise; of the cpus of this run, and empty for others
  const LockGraph* locks = nullptr;     // set if the run took a lock in a way that can be out of order

  std::uint64_t points = 0;
  std::uint64_t switches = 0;
  std::uint64_t interrupts_raised = 0;
  std::uint64_t interrupts_taken = 0;
  // Requests of a migration: handled, refused as too many waited, waiting when the run ended.
  std::uint64_t migrations_taken = 0;
  std::uint64_t migrations_dropped = 0;
  std::uint64_t migrations_pending = 0;
};

// Names code. Implemented by engine/symbolize over DWARF, by fakes in tests.
struct Frame {
  std::string function;  // as the source spells it, without arguments
  std::string file;      // last path component
  std::uint32_t line = 0;
};

// What the linker's --wrap calls a function of a program under test that takes the place of one of the C library's.
inline constexpr std::string_view kWrapperPrefix = "__wrap_";

class SiteNames {
 public:
  virtual ~SiteNames() = default;
  // The source frames at a return address, innermost inlined function first; never empty ("0x1234" where there is no
  // debug information). Not thread safe.
  [[nodiscard]] virtual std::vector<Frame> frames_at(Site site) const = 0;
  // The function of the C library whose place the engine's takes at a Step::call, "pthread_cond_wait"; empty: none.
  [[nodiscard]] std::string library_call_at(Site call) const;
};

}  // namespace gridlock
