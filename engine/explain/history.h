// A trace asked backwards: who wrote this last, what is there now, what did a cpu try in vain.
//
// May include: base, model. Pure; borrows the trace.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/explain/explain.h"

namespace gridlock {

// Of a stuck cpu, so many of the places where it last tried a read-modify-write in vain (a lock word, as a rule) are
// told.
inline constexpr std::size_t kVainTriesMax = 3;

// False for calls that synchronise in a way that no single access shows: neither what they found nor what they left.
[[nodiscard]] bool shows_value(const Step& step);

class History {
 public:
  explicit History(const std::vector<Step>& steps) : steps_(steps) {}

  // Indices of the last writes that changed memory at `offset`, latest first. A call that synchronises on it counts:
  // what it changes does not show.
  [[nodiscard]] std::vector<std::size_t> last_writes(std::uint64_t offset, std::size_t writes_max) const;
  // The last of them but for the call in which `waiter` itself waits at the end.
  [[nodiscard]] std::optional<std::size_t> last_change_for(CpuId waiter, std::uint64_t offset) const;

  // The value that the last access which began at `offset` left there, if no later access overlaps it otherwise and it
  // shows what it left.
  [[nodiscard]] std::optional<std::string> last_value(std::uint64_t offset) const;

  // The index of the last step that the cpu itself made.
  [[nodiscard]] std::optional<std::size_t> last_act(CpuId cpu) const;

  // Where the block was freed that a memory error hit; nothing if it is alive or was freed before the run began.
  [[nodiscard]] std::optional<std::size_t> freeing_step(const Failure& failure) const;

  // The last tries, one an address, of the cpu's current operation that changed nothing: an xchg of 1 for 1, a failed
  // cmpxchg. Where it changed the memory later after all, the try was not in vain. Latest first.
  [[nodiscard]] std::vector<std::size_t> vain_tries(CpuId cpu) const;

  [[nodiscard]] const std::vector<Step>& steps() const { return steps_; }

 private:
  const std::vector<Step>& steps_;
};

}  // namespace gridlock
