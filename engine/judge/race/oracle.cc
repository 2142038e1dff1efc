// See oracle.h. May include: base, judge/race.
#include "engine/judge/race/oracle.h"

namespace gridlock::race {

namespace {

bool is_atomic_act(Act act) {
  return act != Act::kPlainRead && act != Act::kPlainWrite;
}
bool reads_atomically(Act act) {
  return act == Act::kLoad || act == Act::kReadModifyWrite || act == Act::kVolatileRead;
}
bool has_acquire(int order) {
  return order == __ATOMIC_ACQUIRE || order == __ATOMIC_ACQ_REL || order == __ATOMIC_SEQ_CST;
}
bool has_release(int order) {
  return order == __ATOMIC_RELEASE || order == __ATOMIC_ACQ_REL || order == __ATOMIC_SEQ_CST;
}

bool conflict(const Step& one, const Step& other) {
  const bool overlap = one.offset < other.offset + other.bytes && other.offset < one.offset + one.bytes;
  const bool both_atomic = is_atomic_act(one.act) && is_atomic_act(other.act);
  return overlap && !both_atomic && (writes(one.act) || writes(other.act));
}

}  // namespace

// What others are ordered after once they are ordered after what the strand does next.
Oracle::Accesses Oracle::known_to(const Strand& strand) {
  Accesses known = strand.own | strand.learned;
  for (const auto& [block, before] : strand.reached) known |= before;
  return known;
}

std::optional<std::uint32_t> Oracle::block_of(std::uint32_t offset) {
  for (const SmallBlock& block : kSmallBlocks) {
    if (offset >= block.begin && offset < block.begin + block.bytes) return block.begin;
  }
  return {};
}

Oracle::Accesses Oracle::races_with(const Step& step) const {
  Accesses racing;
  if (!is_access(step.act)) return racing;
  const Strand& current = strand(running_on(step.cpu));
  // An acquire is itself ordered after the release.
  Accesses before = current.own | reader_after(step).learned;
  const auto reached = current.reached.find(*block_of(step.offset));
  if (reached != current.reached.end()) before |= reached->second;
  for (std::size_t i = 0; i < accesses_.size(); ++i) {
    racing[i] = conflict(accesses_[i].step, step) && !before[i];
  }
  return racing;
}

void Oracle::take(const Step& step) {
  if (step.act == Act::kLeave) strand(running_on(step.cpu)).visible = strand(running_on(step.cpu)).own;
  cpus_.take(step);
  if (step.act == Act::kLeave) return;
  const StrandKey key = running_on(step.cpu);
  Strand& current = strand(key);
  if (is_access(step.act)) take_access(step);
  if (step.act == Act::kFence) take_fence(step);
  if (step.act == Act::kEnable) current.visible = current.own;
  if (step.act == Act::kDisable || step.act == Act::kEnter) inherit_from_cpu(key);
  if (step.act == Act::kSend) objects_[step.object] |= known_to(current);
  if (step.act == Act::kReceive || step.act == Act::kListen) current.learned |= objects_[step.object];
  if (step.act == Act::kReceive) objects_[step.object].reset();
}

void Oracle::take_access(const Step& step) {
  const std::size_t number = accesses_.size();
  const StrandKey key = running_on(step.cpu);
  strand(key) = reader_after(step);
  if (step.bytes == 8 && (step.act == Act::kPlainRead || step.act == Act::kVolatileRead)) follow(key, step);
  accesses_.push_back({key, step});
  strand(key).own.set(number);
  if (!writes(step.act)) return;
  write(key, step, number);
  for (std::uint32_t at = 0; at < kSmallArenaBytes; ++at) {
    if (at < step.offset + step.bytes && step.offset < at + 8) pointers_[at] = 0;
  }
  if (step.bytes == 8) pointers_[step.offset] = step.points_to;
}

// What was known at the releases that a read of the byte reads from. Nobody learns from himself alone.
Oracle::Accesses Oracle::published_at(const Byte& byte, StrandKey reader) const {
  Accesses known;
  if (byte.heads.size() == 1 && byte.heads.front().by == reader) return known;
  for (const Head& head : byte.heads) known |= head.known;
  return known;
}

// The context that makes the step, after what it learns by reading.
Oracle::Strand Oracle::reader_after(const Step& step) const {
  const StrandKey key = running_on(step.cpu);
  Strand reader = strand(key);
  if (!reads_atomically(step.act)) return reader;
  for (std::uint32_t at = step.offset; at < step.offset + step.bytes; ++at) {
    const Byte& byte = bytes_[at];
    if (byte.written_by.has_value() && !(reader.own | reader.learned)[*byte.written_by]) {
      const StrandKey writer = accesses_[*byte.written_by].by;
      Accesses up_to = strand(writer).own;
      for (std::size_t later = *byte.written_by + 1; later < up_to.size(); ++later) up_to.reset(later);
      if (writer.cpu == key.cpu) reader.learned |= inherited(strand(writer), up_to);
    }
    (has_acquire(step.order) ? reader.learned : reader.queued) |= published_at(byte, key);
  }
  return reader;
}

// A read of 8 bytes. The block that is pointed to there is reached: by a volatile read of what a release published,
// and by any read in a block that has been reached itself.
void Oracle::follow(StrandKey key, const Step& step) {
  if (pointers_[step.offset] == 0) return;
  Strand& reader = strand(key);
  Accesses before;
  for (std::uint32_t at = step.offset; step.act == Act::kVolatileRead && at < step.offset + step.bytes; ++at) {
    before |= published_at(bytes_[at], key);
  }
  const auto from = reader.reached.find(*block_of(step.offset));
  if (from != reader.reached.end()) before |= from->second;
  reader.reached[*block_of(pointers_[step.offset])] |= before;
}

void Oracle::write(StrandKey key, const Step& step, std::size_t number) {
  const bool is_atomic = is_atomic_act(step.act);
  const Strand& writer = strand(key);
  const Accesses known = known_to(writer), learned = writer.own | writer.learned;
  for (std::uint32_t at = step.offset; at < step.offset + step.bytes; ++at) {
    std::vector<Head>& heads = bytes_[at].heads;
    if (step.act != Act::kReadModifyWrite) heads.clear();
    if (is_atomic && has_release(step.order)) {
      // Who is ordered after this release is ordered after the only one before, if the writer is.
      if (heads.size() == 1 && (heads.front().by == key || (heads.front().known & ~learned).none())) heads.clear();
      heads.push_back({key, known});
    } else if (is_atomic && writer.fenced.has_value()) {
      heads.push_back({key, *writer.fenced});
    }
    bytes_[at].written_by.reset();
    if (is_atomic) bytes_[at].written_by = number;
  }
}

void Oracle::take_fence(const Step& step) {
  const StrandKey key = running_on(step.cpu);
  Strand& current = strand(key);
  current.own.set(accesses_.size());
  accesses_.push_back({key, step});
  if (has_acquire(step.order)) current.learned |= current.queued;
  if (has_release(step.order)) current.fenced = known_to(current);
}

// What a context is ordered after that is ordered after what `from`, of the same cpu, did up to a moment: that, and
// all that `from` learned.
Oracle::Accesses Oracle::inherited(const Strand& from, const Accesses& up_to) {
  Accesses learned = up_to | from.learned;
  for (const auto& [block, before] : from.reached) learned |= before;
  return learned;
}

void Oracle::inherit_from_cpu(StrandKey key) {
  for (std::uint32_t depth = 0; depth < kSmallDepths; ++depth) {
    const Strand& other = strand({key.cpu, depth});
    if (depth != key.depth) strand(key).learned |= inherited(other, other.visible);
  }
}

}  // namespace gridlock::race
