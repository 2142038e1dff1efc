// See lock_watch.h.
//
// May include: base, model.
#include "engine/machine/lock_watch.h"

#include <bit>

#include "engine/base/hash.h"

namespace gridlock {
namespace {

// Names are compared by what they say: where a string lies differs between builds and processes.
std::uint32_t hash_of(const char* name) {
  Hasher hasher;
  for (; *name != 0; ++name) hasher.add(static_cast<unsigned char>(*name));
  // Never 0, so that a cpu with a lock differs from one without.
  return static_cast<std::uint32_t>(hasher.finish().low >> 32) | 1;
}

// One lane of base/hash.h: a key of a few words, made at every lock.
class KeyHasher {
 public:
  void add(std::uint64_t word) {
    key_ = (std::rotl(key_, 29) ^ word) * 0x9fb21c651e98df25;
    key_ ^= key_ >> 32;
  }
  [[nodiscard]] std::uint64_t key() const { return key_; }

 private:
  std::uint64_t key_ = 0x243f6a8885a308d3;
};

std::uint64_t word_of(const LockUse& use) {
  return std::uint64_t{use.taken} << 32 | std::uint64_t{use.lock} << 16 | std::uint64_t{use.depth} << 8 |
         static_cast<std::uint64_t>(use.mode);
}

void set_place(LockMoment& moment, const LockPlace& place) {
  moment.cpu = CpuId(place.cpu);
  moment.context = place.context;
  moment.number = place.number;
  moment.depth = static_cast<std::uint8_t>(place.depth);
  moment.comes_any_time = place.comes_any_time;
  moment.irqs_enabled = place.irqs_enabled;
}

}  // namespace

void LockWatch::begin_run() {
  ++run_;
  for (std::uint64_t left = used_; left != 0; left &= left - 1) {
    CpuState& cpu = cpus_[static_cast<std::size_t>(std::countr_zero(left))];
    cpu.era = cpu.held_count = cpu.names_hash = 0;
    cpu.ends_seen = 0;
  }
  used_ = 0;
  lock_count_ = moment_count_ = sync_count_ = 0;
  truncated_ = nests_ = in_handler_ = false;
}

std::uint32_t LockWatch::lock_of(const LockObject& lock) {
  auto& slot = lock_table_.find(lock.offset * 0x9fb21c651e98df25, run_);
  if (slot.run == run_) return slot.index;
  if (lock_count_ == kLocksMax) {
    truncated_ = true;
    return kNone;
  }
  slot = {.key = lock.offset * 0x9fb21c651e98df25, .run = run_, .index = lock_count_};
  // Runs come to the same locks in much the same order.
  if (locks_[lock_count_].name != lock.name) name_hashes_[lock_count_] = hash_of(lock.name);
  locks_[lock_count_] = lock;
  return lock_count_++;
}

// A cpu that has the lock waits for it again only as a reader that lets waiting writers go first.
bool LockWatch::may_wait(const CpuState& cpu, std::uint32_t lock, LockMode mode) const {
  for (std::uint32_t i = 0; i < cpu.held_count; ++i) {
    if (cpu.held[i].lock != lock) continue;
    if (cpu.held[i].mode == LockMode::kExclusive || mode != LockMode::kShared) return false;
  }
  return true;
}

// ENSURES: `use.taken` names the moment, new or not.
LockMoment* LockWatch::note(const LockPlace& place, bool takes, bool may_wait, LockUse& use) {
  const CpuState& cpu = cpus_[place.cpu];
  KeyHasher hasher;
  hasher.add(place.chain);
  hasher.add(std::uint64_t{cpu.era} << 32 | std::uint64_t{place.cpu} << 16 | std::uint64_t{place.depth} << 8 |
             static_cast<std::uint64_t>(place.context));
  hasher.add(std::uint64_t{place.number} << 8 | (place.comes_any_time ? 8U : 0U) | (place.irqs_enabled ? 4U : 0U) |
             (takes ? 2U : 0U) | (may_wait ? 1U : 0U));
  hasher.add(takes ? word_of(use) : 0);
  for (std::uint32_t i = 0; i < cpu.held_count; ++i) hasher.add(word_of(cpu.held[i]));
  auto& slot = moment_table_.find(hasher.key(), run_);
  if (slot.run == run_) {
    use.taken = slot.index;
    return nullptr;
  }
  if (moment_count_ == kLockMomentsMax) {
    truncated_ = true;
    use.taken = kNone;
    return nullptr;
  }
  slot = {.key = hasher.key(), .run = run_, .index = moment_count_};
  use.taken = moment_count_;
  LockMoment& moment = moments_[moment_count_++];
  set_place(moment, place);
  moment.era = cpu.era;
  moment.takes = takes;
  moment.may_wait = may_wait;
  moment.use = use;
  moment.held_count = static_cast<std::uint8_t>(cpu.held_count);
  for (std::uint32_t i = 0; i < cpu.held_count; ++i) moment.held[i] = cpu.held[i];
  moment.frames[0] = 0;
  return &moment;
}

LockMoment* LockWatch::acquired(const LockPlace& place, const LockObject& lock, LockMode mode, bool is_try) {
  CpuState& cpu = cpus_[place.cpu];
  used_ |= std::uint64_t{1} << place.cpu;
  const std::uint32_t index = lock_of(lock);
  if (index == kNone) return nullptr;
  LockUse use{.lock = index, .mode = mode, .depth = static_cast<std::uint8_t>(place.depth), .taken = 0};
  LockMoment* const fresh = note(place, true, !is_try && may_wait(cpu, index, mode), use);
  nests_ |= cpu.held_count != 0;
  in_handler_ |= place.depth != 0;
  if (cpu.held_count == kLocksHeldMax) {
    truncated_ = true;
    return fresh;
  }
  cpu.held[cpu.held_count++] = use;
  cpu.names_hash += name_hashes_[index];
  return fresh;
}

bool LockWatch::drop(std::uint32_t cpu_number, std::uint32_t lock) {
  CpuState& cpu = cpus_[cpu_number];
  std::uint32_t at = cpu.held_count;
  while (at != 0 && cpu.held[at - 1].lock != lock) --at;
  if (at == 0) return false;
  for (; at < cpu.held_count; ++at) cpu.held[at - 1] = cpu.held[at];
  --cpu.held_count;
  cpu.names_hash -= name_hashes_[lock];
  return true;
}

void LockWatch::released(std::uint32_t cpu, std::uint64_t offset) {
  const auto& slot = lock_table_.find(offset * 0x9fb21c651e98df25, run_);
  if (slot.run != run_ || drop(cpu, slot.index)) return;
  for (std::uint32_t other = 0; other < kCpusMax; ++other) {
    if (drop(other, slot.index)) return;
  }
}

LockMoment* LockWatch::irqs_enabled(const LockPlace& place) {
  LockUse nothing;
  return note(place, false, false, nothing);
}

void LockWatch::add_sync(std::uint32_t from, std::uint32_t to) {
  if (sync_count_ == kLockSyncsMax) {
    truncated_ = true;
    return;
  }
  syncs_[sync_count_++] = {CpuId(from), cpus_[from].era, CpuId(to), cpus_[to].era};
}

void LockWatch::cpu_created(std::uint32_t creator, std::uint32_t created) {
  used_ |= std::uint64_t{1} << creator;
  add_sync(creator, created);
  ++cpus_[creator].era;
}

void LockWatch::end_seen(std::uint32_t observer, std::uint32_t ended) {
  const std::uint64_t bit = std::uint64_t{1} << ended;
  if (observer == ended || (cpus_[observer].ends_seen & bit) != 0) return;
  used_ |= std::uint64_t{1} << observer;
  cpus_[observer].ends_seen |= bit;
  ++cpus_[observer].era;
  add_sync(ended, observer);
}

const LockGraph* LockWatch::graph() {
  if (!nests_ && !in_handler_) return nullptr;
  graph_ = {.locks = {locks_.data(), lock_count_},
            .moments = {moments_.data(), moment_count_},
            .syncs = {syncs_.data(), sync_count_},
            .truncated = truncated_};
  return &graph_;
}

}  // namespace gridlock
