// Drives the race judge and its oracle through the same small program and says where they differ.
//
// Used by tests only. May include: base, judge/race.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "engine/judge/race/oracle.h"
#include "engine/judge/race/race_judge.h"
#include "engine/judge/race/simple_access.h"
#include "engine/judge/race/small_program.h"

namespace gridlock::race {

// The judge on memory of its own, in which the program's pointers are.
class JudgeRunner : Listener {
 public:
  JudgeRunner() {
    const auto done = judge_->initialise({address_of(0), kSmallArenaBytes}, 16, {kStacks, kSmallCpus * kStackBytes},
                                         kStackBytes, *this);
    EXPECT_TRUE(done.has_value());
  }

  // The program's strands come behind `strands_before` others: clocks and sets of accesses grow by groups of strands.
  void begin(std::uint32_t strands_before = 0) {
    judge_->begin_run();
    for (std::uint32_t i = 0; i < strands_before; ++i) static_cast<void>(judge_->strand(kSmallCpus + i, 0));
    std::memset(memory_, 0, sizeof memory_);
    for (const SmallBlock& block : kSmallBlocks) judge_->block_opened(address_of(block.begin), block.bytes);
    cpus_ = {};
    numbers_.clear();
    race_.reset();
  }

  // The race that the step is the second access of.
  std::optional<Race> take(const Step& step) {
    if (step.act == Act::kLeave) {
      judge_->enter(judge_->strand(step.cpu, cpus_.depth(step.cpu)));
      judge_->handler_left();
    }
    cpus_.take(step);
    Strand& strand = judge_->strand(step.cpu, cpus_.depth(step.cpu));
    judge_->enter(strand);
    if (is_access(step.act) || step.act == Act::kFence) {
      const std::size_t event = numbers_.size();
      numbers_.emplace(std::pair(strand.id, strand.number + 1), event);
    }
    if (!is_access(step.act) || !is_simple(step)) tell(step);
    if (writes(step.act)) change_memory(step);
    EXPECT_FALSE(judge_->exhausted());
    return race_;
  }

  // Which access of the program, in the order in which they were made, the judge means: what it says repeats only if
  // the strand's accesses are numbered as they begin.
  [[nodiscard]] std::optional<std::size_t> access_of(const RacingAccess& access) const {
    const auto found = numbers_.find({access.strand, access.number});
    return found == numbers_.end() ? std::nullopt : std::optional(found->second);
  }
  [[nodiscard]] bool has_race() const { return race_.has_value(); }
  [[nodiscard]] std::uint64_t address_of(std::uint32_t offset) const {
    return reinterpret_cast<std::uint64_t>(memory_) + offset;
  }

 private:
  static constexpr std::uint64_t kStacks = 0x10000, kStackBytes = 0x1000;

  // What the hooks ask first. True: the judge needs no more.
  [[nodiscard]] bool is_simple(const Step& step) {
    const std::uint64_t address = address_of(step.offset);
    if (step.act == Act::kPlainRead) return judge_->plain_read_is_simple(address, step.bytes);
    if (step.act == Act::kPlainWrite) return judge_->plain_write_is_simple(address, step.bytes);
    if (step.act == Act::kLoad) return judge_->atomic_load_is_simple(address, step.bytes);
    const bool is_rmw = step.act == Act::kReadModifyWrite;
    const bool is_store = step.act == Act::kStore || step.act == Act::kVolatileWrite;
    return (is_rmw || is_store) && judge_->atomic_write_is_simple(address, step.bytes, step.order, is_rmw);
  }

  void tell(const Step& step) {
    const std::uint64_t address = address_of(step.offset), frame = 0;
    switch (step.act) {
      case Act::kPlainRead:
        return judge_->plain_read(address, step.bytes, frame);
      case Act::kPlainWrite:
        return judge_->plain_write(address, step.bytes, frame);
      case Act::kLoad:
        return judge_->atomic_load(address, step.bytes, step.order, frame);
      case Act::kStore:
        return judge_->atomic_store(address, step.bytes, step.order, frame);
      case Act::kReadModifyWrite:
        return judge_->atomic_rmw(address, step.bytes, step.order, frame);
      case Act::kVolatileRead:
        return judge_->volatile_read(address, step.bytes, frame);
      case Act::kVolatileWrite:
        return judge_->volatile_write(address, step.bytes, frame);
      case Act::kFence:
        return judge_->fence(step.order);
      case Act::kDisable:
        return judge_->interrupts_disabled();
      case Act::kEnable:
        return judge_->interrupts_enabled();
      case Act::kEnter:
        return judge_->handler_entered(kStacks + (step.cpu + 1) * kStackBytes - 16 * cpus_.depth(step.cpu));
      case Act::kLeave:
        return;
      case Act::kSend:
        return judge_->send(step.object);
      case Act::kReceive:
        return judge_->receive(step.object, true);
      case Act::kListen:
        return judge_->receive(step.object, false);
    }
  }

  // What is no pointer is filled with ones: a pointer that is partly overwritten points nowhere.
  void change_memory(const Step& step) {
    std::memset(memory_ + step.offset, 0xff, step.bytes);
    if (step.points_to == 0) return;
    const std::uint64_t pointer = address_of(step.points_to);
    std::memcpy(memory_ + step.offset, &pointer, sizeof pointer);
  }

  void race_found(const Race& race) override { race_ = race; }
  void memory_fault(MemoryFault, bool, std::uint64_t, std::uint64_t) override {
    ADD_FAILURE() << "a small program left its memory";
    std::abort();
  }
  void watched_access() override {}

  // Large, and not movable. The memory's last bytes of an address are zero: see change_memory().
  const std::unique_ptr<RaceJudge> judge_ = std::make_unique<RaceJudge>();
  alignas(1 << 16) std::byte memory_[kSmallArenaBytes] = {};
  SmallCpus cpus_;
  std::map<std::pair<StrandId, std::uint32_t>, std::size_t> numbers_;
  std::optional<Race> race_;
};

// The first step at which the two differ, in words; empty if they agree to the end or to a race, the end of which both
// see alike.
inline std::string disagreement(JudgeRunner& judge, const SmallProgram& program, std::uint32_t strands_before = 0) {
  Oracle oracle;
  judge.begin(strands_before);
  for (std::size_t i = 0; i < program.size(); ++i) {
    const Oracle::Accesses racing = oracle.races_with(program[i]);
    const std::size_t here = oracle.event_count();
    const std::optional<Race> race = judge.take(program[i]);
    const std::string where = "step " + std::to_string(i + 1) + ": ";
    if (race.has_value() && racing.none()) return where + "the judge sees a race, the oracle none";
    if (!race.has_value() && racing.any()) return where + "the oracle sees a race, the judge none";
    if (race.has_value()) {
      const auto first = judge.access_of(race->first), second = judge.access_of(race->second);
      if (!first.has_value() || second != here) return where + "the judge names an access that nobody began";
      if (!racing[*first]) return where + "the judge names a pair that does not race";
      return "";
    }
    oracle.take(program[i]);
  }
  return "";
}

}  // namespace gridlock::race
