// The machine: runs one scenario of one target on virtual CPUs and says what happened. Deterministic: same binary,
// same scenario, same strategy, same run.
//
// May include: base, model, feedback, hook, strategy.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/base/error.h"
#include "engine/feedback/interleaving_map.h"
#include "engine/hook/gridlock.h"
#include "engine/model/run_view.h"
#include "engine/model/scenario.h"
#include "engine/model/target_schema.h"
#include "engine/strategy/strategy.h"

namespace gridlock {

// Which accesses of the target are points, beside what synchronises by a call.
enum class PointSet : std::uint8_t {
  kSync,    // none: no decision is taken at an access, though a cpu that spins there still lets others run
  kAtomic,  // atomic and volatile ones
  kMemory,  // plain ones too, but for those to the cpu's own stack
};

struct RunOptions {
  std::uint32_t variant = 0;  // index in the target's variants
  bool trace = false;         // record every step; the run is the same, slower
  PointSet points = PointSet::kAtomic;
  bool races = true;                   // judge every access of the target: data races, memory errors
  std::uint64_t points_max = 200'000;  // reached without a proof: RunEnd::kPointLimit
  std::uint64_t stop_at_step = 0;      // raise SIGTRAP when this step of the trace is recorded; 0: never
  bool profile = false;                // note every point in RunView::profile; the run is the same, slower
  feedback::InterleavingMap* interleavings = nullptr;  // gets the features of the run; nullptr: nobody asks
};

// The schema of a target's table. ERRORS: a table that breaks the rules of engine/hook/gridlock.h (no operation,
// a range upside down, too many vectors), with the entry's name.
[[nodiscard]] Result<TargetSchema> schema_of(const gl_target& target);

class Machine {
 public:
  // Maps the arena and the stacks at their fixed addresses: at most one Machine a process at a time. ERRORS: the
  // addresses are taken.
  [[nodiscard]] static Result<std::unique_ptr<Machine>> create();
  virtual ~Machine() = default;

  // Runs `scenario`, legal under the target's schema, to its end. The view and all it points to live until the next
  // call. A crash of the target crashes the process: engine/cli runs what may crash in a child.
  [[nodiscard]] virtual const RunView& run(const gl_target& target, const Scenario& scenario, Strategy& strategy,
                                           const RunOptions& options) = 0;

  // "plain", "tsan" or "asan": which flavour of the machine this binary links.
  [[nodiscard]] static const char* flavour();
};

}  // namespace gridlock
