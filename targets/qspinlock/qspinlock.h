// Linux's native queued spinlock: one 32-bit word, read and written as 8, 16 and 32 bits, and a few queue nodes for
// each cpu. README.md says what is from where.
//
//      31            16 15       8 7       0
//     |  tail: cpu + 1,  |  pending  |  locked  |     the tail's low two bits: which node of that cpu
//     |  nesting index   |           |          |
//
// May include: engine/hook, the standard library.
#pragma once

#include <cstdint>

#include "engine/hook/gridlock.h"
#include "engine/hook/oracles.h"

// In the order of kVariants and kParameters in harness.cc.
enum Variant : unsigned { kInitBeforeCount, kNoUndo, kFixed };
enum Parameter : unsigned { kPendingLoops, kMaxNodes };

inline constexpr unsigned kCpusMax = 4;
inline constexpr unsigned MAX_NODES = 4;  // task, softirq, interrupt, NMI

struct qspinlock {
  // Little-endian, as on x86.
  union {
    std::uint32_t val = 0;
    struct {
      std::uint8_t locked, pending;
    };
    struct {
      std::uint16_t locked_pending, tail;
    };
  };
  // First come, first served: who has the pending bit or a place in the queue is passed by nobody.
  oracle::Fairness fairness{0};
};

struct mcs_spinlock {
  mcs_spinlock* next = nullptr;
  std::uint32_t locked = 0;
};

struct qnodes {
  mcs_spinlock mcs[MAX_NODES];
  std::uint32_t count = 0;  // of the nodes in use; only this cpu changes it, in any of its contexts
};

// The nodes of all cpus of this run, by cpu. REQUIRES: set before the first lock.
extern qnodes* per_cpu_nodes;

void queued_spin_lock(qspinlock& lock);
bool queued_spin_trylock(qspinlock& lock);
void queued_spin_unlock(qspinlock& lock);
