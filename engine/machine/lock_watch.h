// Who holds which lock while a run goes on, and the moments that an order of locks is predicted from: the collecting
// half of judge/lock_order.h. Tables of fixed size; what does not fit is left out, and the graph says so.
//
// Nothing here allocates, calls libc or may fail: the functions run on a cpu's stack, in hooks.
//
// May include: base, model.
#pragma once

#include <array>
#include <cstdint>

#include "engine/model/lock_graph.h"

namespace gridlock {

// Who calls: the context of a cpu as it stands.
struct LockPlace {
  std::uint32_t cpu = 0;
  ContextView::Kind context = ContextView::Kind::kTask;
  std::uint32_t number = 0;
  std::uint32_t depth = 0;
  bool comes_any_time = false;
  bool irqs_enabled = false;
  std::uint64_t chain = 0;  // tells call chains apart; not told to anybody
};

class LockWatch {
 public:
  void begin_run();

  // The cpu has the lock. The moment, if it is one that the run did not have before: its frames are to be filled in;
  // else nullptr.
  [[nodiscard]] LockMoment* acquired(const LockPlace& place, const LockObject& lock, LockMode mode, bool is_try);
  // The cpu gives the lock back, or another cpu that holds it, if this one does not.
  void released(std::uint32_t cpu, std::uint64_t offset);
  // The cpu enables its interrupts. REQUIRES: holds_any(cpu). The result as of acquired().
  [[nodiscard]] LockMoment* irqs_enabled(const LockPlace& place);

  void cpu_created(std::uint32_t creator, std::uint32_t created);
  // `observer` has seen that `ended` ran to its end.
  void end_seen(std::uint32_t observer, std::uint32_t ended);

  [[nodiscard]] bool holds_any(std::uint32_t cpu) const { return cpus_[cpu].held_count != 0; }
  // Of the names of the locks that the cpu holds, whatever the order in which it took them; 0: it holds none.
  [[nodiscard]] std::uint32_t held_hash(std::uint32_t cpu) const { return cpus_[cpu].names_hash; }

  // Nullptr if no lock was taken under another or by a handler: then there is nothing to be out of order. Lives until
  // the next run begins.
  [[nodiscard]] const LockGraph* graph();

 private:
  // Open addressing at a load of a half. A slot of an earlier run is free.
  template <std::uint32_t kSlots>
  struct Table {
    struct Slot {
      std::uint64_t key = 0;
      std::uint32_t run = 0;
      std::uint32_t index = 0;
    };
    std::array<Slot, kSlots> slots{};
    // The slot of the key, or the free one where it belongs.
    [[nodiscard]] Slot& find(std::uint64_t key, std::uint32_t run) {
      std::uint32_t at = static_cast<std::uint32_t>(key >> 32) & (kSlots - 1);
      while (slots[at].run == run && slots[at].key != key) at = (at + 1) & (kSlots - 1);
      return slots[at];
    }
  };

  struct CpuState {
    std::uint32_t era = 0;
    std::uint32_t held_count = 0;
    std::uint32_t names_hash = 0;
    std::uint64_t ends_seen = 0;  // bit per cpu
    std::array<LockUse, kLocksHeldMax> held;
  };

  static constexpr std::uint32_t kNone = UINT32_MAX;

  [[nodiscard]] std::uint32_t lock_of(const LockObject& lock);
  [[nodiscard]] bool may_wait(const CpuState& cpu, std::uint32_t lock, LockMode mode) const;
  [[nodiscard]] LockMoment* note(const LockPlace& place, bool takes, bool may_wait, LockUse& use);
  void add_sync(std::uint32_t from, std::uint32_t to);
  bool drop(std::uint32_t cpu, std::uint32_t lock);

  std::uint32_t run_ = 0;
  std::uint64_t used_ = 0;  // bit per cpu: its state differs from that of a fresh one
  std::array<CpuState, kCpusMax> cpus_;
  Table<2 * kLocksMax> lock_table_;
  Table<2 * kLockMomentsMax> moment_table_;
  std::uint32_t lock_count_ = 0;
  std::uint32_t moment_count_ = 0;
  std::uint32_t sync_count_ = 0;
  bool truncated_ = false;
  bool nests_ = false;       // a lock was taken while another was held
  bool in_handler_ = false;  // a handler took a lock
  std::array<LockObject, kLocksMax> locks_;
  std::array<std::uint32_t, kLocksMax> name_hashes_{};
  std::array<LockMoment, kLockMomentsMax> moments_;
  std::array<LockSync, kLockSyncsMax> syncs_;
  LockGraph graph_;
};

}  // namespace gridlock
