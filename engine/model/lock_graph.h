// How a run used its locks: at which moments a cpu took one, what it held then, and where it held locks while an
// interrupt could come. What an order of locks is predicted from (judge/lock_order.h).
//
// A moment stands for all that look the same: same cpu, same context, same call chain, same locks held. Locks are told
// apart by instance, not by class as Linux does: an array of locks of one class that is taken in the order of its
// indices is then no alarm, and needs no annotation.
//
// Values of fixed size, so that a run fills them without an allocation. May include: base.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/model/ids.h"
#include "engine/model/run_view.h"

namespace gridlock {

inline constexpr std::uint32_t kLocksHeldMax = 8;      // by one cpu at once; of more, a moment has the first
inline constexpr std::uint32_t kLockFramesMax = 8;     // of the call chain of a moment
inline constexpr std::uint32_t kLocksMax = 256;        // of one run
inline constexpr std::uint32_t kLockMomentsMax = 512;  // of one run
inline constexpr std::uint32_t kLockSyncsMax = 128;    // of one run: each cpu begins and ends once

// How a lock is taken. A reader waits for a writer that holds the lock; one that is not recursive waits for a writer
// that waits, too, and so for a reader before that.
enum class LockMode : std::uint8_t { kExclusive, kShared, kRecursiveRead };

struct LockUse {
  std::uint32_t lock = 0;  // index in LockGraph::locks
  LockMode mode = LockMode::kExclusive;
  std::uint8_t depth = 0;   // of the context that took it: 0 task, 1 a handler over it, ...
  std::uint32_t taken = 0;  // index of the moment when it was taken
  bool operator==(const LockUse&) const = default;
};

// One lock of a run.
struct LockObject {
  std::uint64_t offset = 0;    // from the begin of the target's arena; what tells instances apart
  bool in_arena = true;        // false: the offset says nothing to a person
  const char* name = nullptr;  // of its class, as the target says; lives as long as the program
};

struct LockMoment {
  CpuId cpu;
  std::uint32_t era = 0;  // of the cpu: how many ends and beginnings of other cpus it has seen or made; see LockSync
  ContextView::Kind context = ContextView::Kind::kTask;
  std::uint32_t number = 0;     // vector or softirq
  std::uint8_t depth = 0;       // of that context
  bool comes_any_time = false;  // the context is a handler that may come wherever the cpu takes interrupts
  bool irqs_enabled = false;    // when it had what it took
  // False: nothing was taken, the cpu enabled its interrupts with these locks held; `use` means nothing.
  bool takes = false;
  bool may_wait = false;  // false: a trylock, or one that the cpu held already
  LockUse use;
  std::uint8_t held_count = 0;
  LockUse held[kLocksHeldMax];       // before, in the order in which they were taken
  Site frames[kLockFramesMax] = {};  // innermost first, ended by 0

  [[nodiscard]] std::span<const LockUse> held_before() const { return {held, held_count}; }
};

// What `from` did in this era and before comes before what `to` does in that era and after it: one cpu created the
// other, or saw its end.
struct LockSync {
  CpuId from;
  std::uint32_t from_era = 0;
  CpuId to;
  std::uint32_t to_era = 0;
};

struct LockGraph {
  std::span<const LockObject> locks;
  std::span<const LockMoment> moments;  // in the order in which they came first
  std::span<const LockSync> syncs;
  bool truncated = false;  // there were more than fit
};

// One cpu's part in a cycle: it holds `held` and waits for `wanted`, which the cpu of the next link holds.
struct LockLink {
  LockObject held, wanted;
  LockMode held_mode = LockMode::kExclusive;
  LockMode wanted_mode = LockMode::kExclusive;
  CpuId cpu;
  // What waits: the task, or the handler that comes in while `held` is held. `by_interrupt`: it came in at another
  // moment in this run, and could come in at this one, since interrupts are enabled.
  bool by_interrupt = false;
  ContextView::Kind context = ContextView::Kind::kTask;
  std::uint32_t number = 0;
  bool irqs_enabled = false;        // when `held` was taken
  std::vector<Site> held_frames;    // where `held` was taken, innermost first
  std::vector<Site> wanted_frames;  // where `wanted` is waited for
};

// A deadlock that did not happen: each link waits for the next, and the last for the first.
struct LockOrderReport {
  std::vector<LockLink> links;  // the shortest cycle that there is; one link: a cpu that waits for itself
  // A reader waits for a reader: only a writer that waits between them makes it so.
  bool needs_writer = false;
};

}  // namespace gridlock
