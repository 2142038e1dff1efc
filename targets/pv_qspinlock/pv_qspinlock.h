// The paravirtual queued spinlock of Linux 6.1: the queue of qspinlock, but waiters halt their virtual cpu, and a hash
// table tells the owner whom to kick. README.md says what is from where.
//
// May include: engine/hook, the standard library.
#pragma once

#include <cstdint>

#include "engine/hook/gridlock.h"

// In the order of kVariants and kParameters in harness.cc.
enum Variant : unsigned { kNotNestable, kClearFirst, kDoubleHash, kFixed };
enum Parameter : unsigned { kSpinThreshold };

inline constexpr unsigned kCpusMax = 3;
inline constexpr unsigned MAX_NODES = 4;  // task, softirq, interrupt, NMI

// The locked byte: owned, and owned by one who must look into the hash table when it unlocks.
inline constexpr std::uint8_t _Q_LOCKED_VAL = 1;
inline constexpr std::uint8_t _Q_SLOW_VAL = 3;

struct qspinlock {
  // Little-endian, as on x86. Bytes: locked, pending; upper half: the tail, (cpu + 1) and which of its nodes.
  union {
    std::uint32_t val = 0;
    struct {
      std::uint8_t locked, pending;
    };
    struct {
      std::uint16_t locked_pending, tail;
    };
  };
};

enum vcpu_state : std::uint8_t { vcpu_running, vcpu_halted, vcpu_hashed };

struct pv_node {
  pv_node* next = nullptr;
  std::uint32_t locked = 0;
  std::uint32_t cpu = 0;
  std::uint8_t state = vcpu_running;
};

struct pv_hash_entry {
  qspinlock* lock = nullptr;  // null: the entry is free
  pv_node* node = nullptr;
};

// All that the locks of a run share.
struct pv_state {
  struct {
    pv_node nodes[MAX_NODES];
    std::uint32_t count = 0;  // of the nodes in use; only this cpu changes it, in any of its contexts
  } cpus[kCpusMax];
  pv_hash_entry hash[kCpusMax * MAX_NODES];
};

// REQUIRES: set before the first lock.
extern pv_state* pv;

void pv_queued_spin_lock(qspinlock& lock);
void pv_queued_spin_unlock(qspinlock& lock);
