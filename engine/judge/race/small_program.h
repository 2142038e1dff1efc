// Small random programs for tests of the race judge: a few cpus with nested handlers, a few bytes of memory, and one
// interleaving that the machine could have made of them. A program prints as a list of steps and shrinks.
//
//     memory   0       16      48  64      80   96      120     offsets in the arena; three blocks, with gaps
//              |       |block 0|   |block 1|    |block 2|
//
// Used by tests only. May include: base, judge/race.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/base/prng.h"

namespace gridlock::race {

inline constexpr std::uint32_t kSmallCpus = 4;
inline constexpr std::uint32_t kSmallDepths = 3;  // the task and two handlers over it
inline constexpr std::uint32_t kSmallObjects = 2;
inline constexpr std::uint32_t kSmallStepsMax = 48;

struct SmallBlock {
  std::uint32_t begin, bytes;
};
inline constexpr std::uint32_t kSmallArenaBytes = 128;
inline constexpr std::array<SmallBlock, 3> kSmallBlocks = {{{16, 32}, {64, 16}, {96, 24}}};

enum class Act : std::uint8_t {
  kPlainRead,
  kPlainWrite,
  kLoad,
  kStore,
  kReadModifyWrite,
  kVolatileRead,
  kVolatileWrite,
  kFence,
  kDisable,  // interrupts of the cpu
  kEnable,
  kEnter,  // a handler
  kLeave,
  kSend,
  kReceive,  // and empty the object
  kListen    // receive, and leave the messages there
};
[[nodiscard]] bool is_access(Act act);
[[nodiscard]] bool writes(Act act);

// What the context that runs on `cpu` does.
struct Step {
  std::uint32_t cpu = 0;
  Act act = Act::kFence;
  int order = __ATOMIC_RELAXED;  // of what is atomic
  std::uint32_t offset = 0;      // in the arena, of an access
  std::uint32_t bytes = 0;       // 1, 2, 4, 8 or 16
  std::uint32_t points_to = 0;   // of a write of 8 bytes: the offset that it stores the address of; 0: it stores 0
  std::uint32_t object = 0;      // of a message
};

using SmallProgram = std::vector<Step>;

// Where each cpu stands: what it may do next.
class SmallCpus {
 public:
  [[nodiscard]] std::uint32_t depth(std::uint32_t cpu) const { return cpus_[cpu].depth; }
  // Handlers come where interrupts are enabled; enabling and disabling change something, as the hooks see to.
  [[nodiscard]] bool may(const Step& step) const;
  // REQUIRES: may(step).
  void take(const Step& step);

 private:
  struct Cpu {
    std::uint32_t depth = 0;
    bool enabled = true;
  };
  std::array<Cpu, kSmallCpus> cpus_;
};

// A random program, step by step. `is_wanted` is asked about each step in its place, with what came before it: a step
// that it refuses is drawn anew.
[[nodiscard]] SmallProgram draw_program(Prng& prng, const std::function<bool(const Step&)>& is_wanted);

// A program without any step that is not needed for `fails` to hold. REQUIRES: fails(program).
[[nodiscard]] SmallProgram shrink_program(SmallProgram program, const std::function<bool(const SmallProgram&)>& fails);

// One step a line.
[[nodiscard]] std::string print_program(const SmallProgram& program);

}  // namespace gridlock::race
