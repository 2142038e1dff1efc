// What the steps of a trace mean in hindsight: which directive a step carries out, which steps decided how it ended,
// which memory is shared, from where on a cpu only went round in vain.
//
// May include: base, model. Pure; borrows the run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/explain/explain.h"

namespace gridlock {

// Two writes tell of a lock that it was taken and that it was released.
inline constexpr std::size_t kLastWritesMarked = 2;

class Marks {
 public:
  // REQUIRES: the run has a trace, and the cpus of its steps are below `cpu_count`. `lock_order`: nullptr if that is
  // not what the run is about.
  Marks(const RunView& run, std::size_t cpu_count, const LockOrderReport* lock_order = nullptr);

  // The directive (an index in RunView::directives) that step `at` carries out.
  [[nodiscard]] std::optional<std::size_t> directive_of(std::size_t at) const;
  // By directive: the index of the step that carries it out; nothing if the run did not come there.
  [[nodiscard]] const std::vector<std::optional<std::size_t>>& directive_steps() const { return directive_steps_; }

  // The last writes to what a stuck cpu reads or tried in vain, the step that broke something, what tells a race or an
  // order of locks.
  [[nodiscard]] bool is_decisive(std::size_t at) const { return decisive_.contains(at); }
  // The run ended in a data race: of its steps only the decisive ones say why.
  [[nodiscard]] bool tells_race() const { return tells_race_; }

  // True if two cpus access some byte of the step's memory, or a stuck cpu reads it.
  [[nodiscard]] bool is_shared(const Step& step) const;

  // The end of the cpu of step `at`, if that cpu is stuck there and makes no progress from this step on.
  [[nodiscard]] const CpuView* stuck_for_good(std::size_t at) const;

 private:
  void match_directives();
  void find_shared_memory();
  void find_decisive_steps();
  void find_race();
  void mark_last_writes(std::uint64_t offset);
  void find_last_progress();

  const RunView& run_;
  const std::vector<Step>& steps_;
  std::vector<std::optional<std::size_t>> directive_steps_;
  std::unordered_map<std::size_t, std::size_t> directive_of_step_;
  std::unordered_set<std::uint64_t> shared_;  // bytes of the arena
  std::unordered_set<std::size_t> decisive_;  // indices of steps
  bool tells_race_ = false;
  std::vector<std::size_t> last_progress_;  // by cpu: its last step that was not in vain
};

// True if the step changes no memory and enters or leaves no operation, handler or wait: a cpu that makes only such
// steps is where it was.
[[nodiscard]] bool is_in_vain(const Step& step);

}  // namespace gridlock
