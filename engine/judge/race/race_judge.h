// The race judge: decides exactly, access by access while a run goes on, which two accesses of the target's memory are
// ordered by happens-before and which are a data race; and which touch memory that is not theirs.
//
// A *strand* is what happens in program order: the task of a cpu, or its handlers of one nesting level. The rules:
//
//   - atomics as in C++ ([intro.races], [atomics.order], [atomics.fences]) for executions that are sequentially
//     consistent: an acquire that reads from the release sequence of a release is itself ordered after it, at all of
//     its bytes; a release fence publishes through the relaxed stores behind it what was known at the fence; an acquire
//     fence takes what the relaxed loads before it read. seq_cst is acquire and release. A release sequence goes on
//     through read-modify-writes of anybody, and ends at any other store, also one by the same strand: C++20 (P0982R1)
//     took back what C++11 said of those. Mixed sizes count byte by byte, on which C++ is silent.
//   - volatile is a relaxed atomic. A volatile read of a pointer into the arena is `consume`: what is then accessed in
//     the block it points to, or found by plain or volatile reads of pointers there, is ordered after the release; what
//     else the strand does is not, but what it releases later includes it, as the kernel's model has it: whoever gets
//     the pointer from this strand gets the block with it. (The compiler makes acquire of memory_order_consume.)
//   - interrupts: a handler is ordered after what its cpu did before it last enabled them, and what the cpu does after
//     disabling them is ordered after the handlers before; an IPI orders its handler after the sender; a softirq after
//     whoever raised it. An atomic access of any order is ordered after the store it reads from if that was made by the
//     same cpu: interrupts are precise, so only the compiler could reorder there, and that is not judged.
//   - what a cpu's other contexts learned from other cpus is known to a context that is ordered after them, also of
//     their own accesses: what one of them released and another cpu sent back is ordered before a handler over it.
//   - a created cpu is ordered after its creator, and after it whoever is told that it has ended.
//
// The algorithm is FastTrack (Flanagan and Freund, PLDI 2009): an epoch for the last write of a location, and epochs
// for its reads as long as they are ordered. It differs: epochs count the accesses of a strand and not its releases, so
// that one names an access and the run, repeated, can show its call chain; atomic accesses are kept beside plain ones,
// with their order among each other left open; there is no same-epoch shortcut. Nothing is forgotten before the run
// ends, nothing is allocated in a run, and the first race of a run is found for certain. What comes after it is not
// judged.
//
// A limit that is reached (kClocksMax, kNodesMax, kCellsMax, ...) is told by exhausted(), and the run then proves
// nothing.
//
// Not thread safe. Runs on the cpus' stacks: no allocation, no libc. May include: base, model.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/error.h"
#include "engine/judge/race/block_table.h"
#include "engine/judge/race/cell.h"
#include "engine/judge/race/dependencies.h"
#include "engine/judge/race/shadow.h"
#include "engine/judge/race/strand.h"

namespace gridlock::race {

enum class AccessKind : std::uint8_t { kPlainRead, kPlainWrite, kAtomicRead, kAtomicWrite };
[[nodiscard]] constexpr bool is_write(AccessKind kind) {
  return kind == AccessKind::kPlainWrite || kind == AccessKind::kAtomicWrite;
}
[[nodiscard]] constexpr bool is_atomic(AccessKind kind) {
  return kind >= AccessKind::kAtomicRead;
}

// One side of a race.
struct RacingAccess {
  StrandId strand = 0;
  std::uint32_t number = 0;  // of the strand's accesses; repeats in a repeated run
  AccessKind kind = AccessKind::kPlainRead;
};

struct Race {
  RacingAccess first, second;  // in the order in which they happened
  std::uint64_t address = 0;   // of the first byte that both touch and that races
  std::uint64_t bytes = 0;     // of the second access, from there
};

enum class MemoryFault : std::uint8_t { kUseAfterFree, kOutOfBounds, kStackUseAfterReturn };

// Who is told. Called on the cpu, from inside the access.
class Listener {
 public:
  virtual ~Listener() = default;
  // The first race of the run. The access is still made.
  virtual void race_found(const Race& race) = 0;
  // The access must not be made: does not return.
  [[noreturn]] virtual void memory_fault(MemoryFault fault, bool write, std::uint64_t address, std::uint64_t bytes) = 0;
  // The access that watch() asked for is about to be made.
  virtual void watched_access() = 0;
};

// A memory order of the C and C++ ABIs (__ATOMIC_RELAXED ... __ATOMIC_SEQ_CST).
using Order = int;
[[nodiscard]] constexpr bool acquires(Order order) {
  return order == __ATOMIC_ACQUIRE || order == __ATOMIC_ACQ_REL || order == __ATOMIC_SEQ_CST;
}
[[nodiscard]] constexpr bool releases(Order order) {
  return order == __ATOMIC_RELEASE || order == __ATOMIC_ACQ_REL || order == __ATOMIC_SEQ_CST;
}

class RaceJudge {
 public:
  // `arena` and `stacks` get shadow. Blocks begin at multiples of 16 in the arena, at least `block_distance_bytes`
  // apart; the stack of cpu n lies in the n-th `stack_distance_bytes` of the stacks. The listener outlives the judge.
  // ERRORS: address space is short.
  [[nodiscard]] Result<void> initialise(Region arena, std::size_t block_distance_bytes, Region stacks,
                                        std::size_t stack_distance_bytes, Listener& listener);

  // ---- a run, on the host ----
  // Forgets everything. What the host did before a strand's first access is ordered before it.
  void begin_run();
  // Access `number` of the strand (cpu, depth) is told to the listener before it is made; number 0: none.
  void watch(std::uint32_t cpu, std::uint32_t depth, std::uint32_t number);
  [[nodiscard]] bool exhausted() const { return exhausted_; }

  // ---- memory ----
  void block_opened(std::uint64_t begin, std::size_t bytes) { blocks_.open(begin, bytes); }
  void block_closed(std::uint64_t begin, std::size_t bytes);
  // The nearest block that begins at or below `address`, alive or not; nullptr if there is none.
  [[nodiscard]] const Block* block_below(std::uint64_t address) { return blocks_.below(address); }

  // ---- who runs ----
  // The strand of the context `depth` of `cpu`; made at its first call in a run.
  [[nodiscard]] Strand& strand(std::uint32_t cpu, std::uint32_t depth) {
    Strand& strand = strands_[cpu * kDepthsMax + depth];
    if (strand.run != shadow_.run()) [[unlikely]] {
      make_strand(strand, cpu, depth);
    }
    return strand;
  }
  // REQUIRES: it is of this run.
  [[nodiscard]] const Strand& strand_by_id(StrandId id) const { return *by_id_[id]; }
  // What follows is done by `strand`. Between nobody() and the next call of this nothing is judged.
  void enter(Strand& strand) { current_ = &strand; }
  void nobody() { current_ = nullptr; }

  // ---- accesses of the current strand, called just before they are made ----
  // REQUIRES of all: a strand is entered. `frame` is a stack address: what lies below it on this cpu's stack is dead. A
  // compare-exchange that fails is a load. They keep all registers, so that a caller in whose path they are seldom
  // called need save none.
  [[clang::preserve_most]] void plain_read(std::uint64_t address, std::uint64_t bytes, std::uint64_t frame);
  [[clang::preserve_most]] void plain_write(std::uint64_t address, std::uint64_t bytes, std::uint64_t frame);
  [[clang::preserve_most]] void atomic_load(std::uint64_t address, std::uint64_t bytes, Order order,
                                            std::uint64_t frame);
  [[clang::preserve_most]] void atomic_store(std::uint64_t address, std::uint64_t bytes, Order order,
                                             std::uint64_t frame);
  [[clang::preserve_most]] void atomic_rmw(std::uint64_t address, std::uint64_t bytes, Order order,
                                           std::uint64_t frame);
  [[clang::preserve_most]] void volatile_read(std::uint64_t address, std::uint64_t bytes, std::uint64_t frame);
  void volatile_write(std::uint64_t address, std::uint64_t bytes, std::uint64_t frame) {
    atomic_store(address, bytes, __ATOMIC_RELAXED, frame);
  }
  void fence(Order order);

  // The same where nothing has to be done but to note the access: nobody else's is unknown to the strand, and the
  // location has been accessed in this shape before. False, with nothing done, if that is not so. For the hooks:
  // defined in simple_access.h. REQUIRES: the first byte is in the arena.
  [[nodiscard]] bool plain_read_is_simple(std::uint64_t address, std::uint64_t bytes);
  [[nodiscard]] bool plain_write_is_simple(std::uint64_t address, std::uint64_t bytes);
  [[nodiscard]] bool atomic_load_is_simple(std::uint64_t address, std::uint64_t bytes);
  // A store, or a read-modify-write, which then goes on with a release sequence that is known already, if any.
  [[nodiscard]] bool atomic_write_is_simple(std::uint64_t address, std::uint64_t bytes, Order order, bool is_rmw);

  // ---- edges; the strand is the current one ----
  void interrupts_enabled() { current_->published = current_->number; }
  void interrupts_disabled() { inherit_from_cpu(*current_); }
  // After enter() of the handler's strand: `stack` is where its frames begin.
  void handler_entered(std::uint64_t stack);
  // Before enter() of the strand below.
  void handler_left();
  // A message to another strand: an IPI, the creation or the end of a cpu. `object` is below kObjectsMax.
  static constexpr std::uint32_t kObjectsMax = 64 * 64 + 3 * 64;
  void send(std::uint32_t object);
  // Takes all messages; `empties`: they are gone then.
  void receive(std::uint32_t object, bool empties);

  // True if the current strand's latest access touched the byte at `address` or one behind it up to `bytes`: then it
  // has been judged, and unless a race was found every access before it that conflicts is ordered before it. Of
  // memory that is neither arena nor stack plain accesses are not judged.
  [[nodiscard]] bool has_judged(std::uint64_t address, std::uint64_t bytes) const {
    const bool is_ours = shadow_.arena().contains(address) || shadow_.stacks().contains(address);
    return is_ours && last_address_ < address + bytes && address < last_address_ + last_bytes_;
  }

 private:
  static constexpr std::uint32_t kDepthsMax = 9;

  struct Object {
    std::uint32_t run = 0;
    bool is_empty = true;
    ClockId clock = 0;
  };

  // One access as the inner functions see it.
  struct Access {
    AccessKind kind;
    std::uint64_t address;
    std::uint64_t bytes;
  };

  void make_strand(Strand& strand, std::uint32_t cpu, std::uint32_t depth);
  [[nodiscard]] ClockId new_clock();

  // For the simple paths: true only if `access` happened before what the strand does, and is one access.
  [[nodiscard, gnu::always_inline]] static bool knows(const Strand& strand, Accesses access) {
    const std::uint32_t other = strand_of(access);
    return other < ClockPool::kGroupStrands && number_of(access) <= strand.first_known[other];
  }
  [[nodiscard, gnu::always_inline]] bool is_simple(const Granule& granule, std::uint64_t address,
                                                   std::uint64_t bytes) const {
    return shadow_.is_stretch(granule, address & 7, bytes) && !current_->is_special;
  }
  // True if the strand's access can be noted there without making a set of it.
  [[nodiscard, gnu::always_inline]] static bool has_room(const Strand& strand, Accesses accesses) {
    return is_shared(accesses) ? strand.id < AccessSets::kNodeStrands : knows(strand, accesses);
  }
  // REQUIRES: has_room().
  [[gnu::always_inline]] void note_in(Accesses& accesses, Epoch access) {
    if (is_shared(accesses)) {
      pools_.sets.put_in_first(accesses, strand_of(access), number_of(access));
    } else {
      accesses = access;
    }
  }
  [[gnu::always_inline]] Epoch note_simple(std::uint64_t address, std::uint64_t bytes) {
    last_address_ = address;
    last_bytes_ = bytes;
    return epoch(current_->id, ++current_->number);
  }

  // True if `access` happened before what the current strand does.
  [[nodiscard]] bool is_ordered(Epoch access) {
    return number_of(access) <= pools_.clocks.at(current_->clock, strand_of(access));
  }
  void require(Accesses earlier, AccessKind earlier_kind, const Access& now) {
    if (!is_shared(earlier) && is_ordered(earlier)) [[likely]]
      return;
    require_each(earlier, earlier_kind, now);
  }
  void require_each(Accesses earlier, AccessKind earlier_kind, const Access& now);
  void conflict(Epoch earlier, AccessKind earlier_kind, const Access& now);
  void record(Accesses& accesses) {
    // An access that happened before this one is superfluous: what races with it races with this one too.
    if (!is_shared(accesses) && is_ordered(accesses)) [[likely]] {
      accesses = now();
    } else {
      record_shared(accesses);
    }
  }
  void record_shared(Accesses& accesses);
  void next_access(std::uint64_t address, std::uint64_t bytes) {
    last_address_ = address;
    last_bytes_ = bytes;
    if (++current_->number == current_->watched) [[unlikely]] {
      listener_->watched_access();
    }
  }
  [[nodiscard]] Epoch now() const { return epoch(current_->id, current_->number); }

  // The granule for [address, address + bytes), which lies in one, fit for the access; nullptr if nothing is judged
  // there.
  [[nodiscard]] Granule* granule_for(const Access& access, std::uint64_t frame) {
    if (shadow_.arena().contains(access.address)) [[likely]] {
      Granule& granule = shadow_.in_arena(access.address);
      if (shadow_.is_stretch(granule, access.address & 7, access.bytes)) [[likely]]
        return &granule;
    }
    return granule_slow(access, frame);
  }
  [[nodiscard]] Granule* granule_slow(const Access& access, std::uint64_t frame);
  [[nodiscard]] Granule& checked_in_arena(const Access& access);
  [[nodiscard]] Granule& checked_in_stacks(const Access& access, std::uint64_t frame);
  [[noreturn]] void bad_access(const Access& access);

  // Calls judge(cell, access) for each cell of the access, with the part of it that lies in the cell's granule.
  template <typename Judge>
  void each_cell(const Access& access, std::uint64_t frame, Judge judge) {
    if ((access.address & 7) + access.bytes <= 8) [[likely]] {
      in_granule(access, frame, judge);
    } else {
      across_granules(access, frame, judge);
    }
  }
  // The same in two steps, the first for all cells before the second.
  template <typename First, typename Second>
  void each_cell(const Access& access, std::uint64_t frame, First first, Second second) {
    if ((access.address & 7) + access.bytes <= 8) [[likely]] {
      Granule* const granule = granule_for(access, frame);
      if (granule == nullptr) return;
      if (shadow_.is_stretch(*granule, access.address & 7, access.bytes)) [[likely]] {
        Cell& cell = shadow_.cell_at(*granule, access.address & 7);
        first(cell);
        second(cell, access);
        return;
      }
    }
    each_cell(access, frame, [&first](Cell& cell, const Access&) { first(cell); });
    each_cell(access, frame, second);
  }
  template <typename Judge>
  void in_granule(const Access& access, std::uint64_t frame, Judge judge) {
    Granule* const granule = granule_for(access, frame);
    if (granule == nullptr) return;
    shadow_.for_each_cell(*granule, access.address & 7, access.bytes, [&](Cell& cell) { judge(cell, access); });
  }
  template <typename Judge>
  void across_granules(const Access& access, std::uint64_t frame, Judge judge) {
    const std::uint64_t end = access.address + access.bytes;
    for (std::uint64_t at = access.address; at < end;) {
      const std::uint64_t next = (at | 7) + 1 < end ? (at | 7) + 1 : end;
      in_granule({access.kind, at, next - at}, frame, judge);
      at = next;
    }
  }

  [[nodiscard]] bool is_learned(Epoch head);
  void take(const Cell& cell, Order order);
  void learn(Strand& strand, ClockId clock);
  void take_from_own_cpu(const Cell& cell);
  void publish(Cell& cell);
  void publish_along(Cell& cell);
  void publish_fence(Cell& cell);
  [[nodiscard]] bool has_clock(Cell& cell);
  void copy_known(ClockId to);
  void join_known(ClockId to);
  void finish_known(ClockId to);
  void inherit(Strand& to, const Strand& from, std::uint32_t number);
  void inherit_from_cpu(Strand& to);
  void consume(const Cell& cell, std::uint64_t pointer);
  void follow_pointer(std::uint64_t address);
  void depend(std::uint64_t pointer, ClockId clock);
  void carry(ClockId clock);
  [[nodiscard]] bool is_ordered_by_dependency(Epoch access, std::uint64_t address);
  void forget_stack(std::uint64_t from, std::uint64_t to);

  Listener* listener_ = nullptr;
  Strand* current_ = nullptr;
  Shadow shadow_;
  Pools pools_;
  BlockTable blocks_;
  Dependencies dependencies_;
  Strand strands_[64 * kDepthsMax] = {};
  Strand* by_id_[kStrandsMax] = {};
  std::uint32_t strand_count_ = 0;
  Object objects_[kObjectsMax] = {};
  bool has_handlers_ = false;
  bool race_found_ = false;
  bool exhausted_ = false;
  std::uint64_t last_address_ = 0;
  std::uint64_t last_bytes_ = 0;
  std::uint64_t stack_distance_bytes_ = 1;
};

}  // namespace gridlock::race
