// See small_program.h. May include: base, judge/race.
#include "engine/judge/race/small_program.h"

#include <algorithm>

namespace gridlock::race {

bool is_access(Act act) {
  return act <= Act::kVolatileWrite;
}

bool writes(Act act) {
  return act == Act::kPlainWrite || act == Act::kStore || act == Act::kReadModifyWrite || act == Act::kVolatileWrite;
}

bool SmallCpus::may(const Step& step) const {
  const Cpu& cpu = cpus_[step.cpu];
  if (step.act == Act::kDisable) return cpu.enabled;
  if (step.act == Act::kEnable) return !cpu.enabled;
  if (step.act == Act::kEnter) return cpu.enabled && cpu.depth + 1 < kSmallDepths;
  if (step.act == Act::kLeave) return cpu.depth > 0;
  return true;
}

void SmallCpus::take(const Step& step) {
  Cpu& cpu = cpus_[step.cpu];
  if (step.act == Act::kEnter) ++cpu.depth;
  if (step.act == Act::kLeave) --cpu.depth;
  if (step.act == Act::kDisable || step.act == Act::kEnter) cpu.enabled = false;
  if (step.act == Act::kEnable || step.act == Act::kLeave) cpu.enabled = true;
}

namespace {

constexpr int kOrders[] = {__ATOMIC_RELAXED, __ATOMIC_ACQUIRE, __ATOMIC_RELEASE, __ATOMIC_ACQ_REL, __ATOMIC_SEQ_CST};

// What the steps of one program are drawn from. Programs differ more by what is frequent in them than by luck: some
// are all atomics of one word, some all handlers.
class Drawer {
 public:
  explicit Drawer(Prng& prng) : prng_(prng) {
    cpus_ = prng_.between(2, kSmallCpus);
    const bool mixes = prng_.chance(1, 2);
    const std::uint32_t count = prng_.between(2, 5);
    follows_ = prng_.chance(1, 2);
    if (follows_ && prng_.chance(1, 2)) {
      // Two pointers, of which the second is mostly read and written plainly, and what they lead to.
      locations_ = {{kSmallBlocks[0].begin, 8, 9, true},
                    {kSmallBlocks[1].begin, 8, 1, true},
                    {kSmallBlocks[2].begin, 8, 1, false}};
    }
    while (locations_.size() < count) locations_.push_back(draw_location(mixes));
    handler_weight_ = prng_.chance(1, 2) ? prng_.between(1, 4) : 0;
    message_weight_ = prng_.chance(1, 3) ? 1 : 0;
    fence_weight_ = prng_.chance(1, 2) ? prng_.between(1, 3) : 0;
  }

  Step draw() {
    Step step{.cpu = prng_.below(cpus_)};
    const std::uint32_t at = prng_.below(kAccessWeight + handler_weight_ + message_weight_ + fence_weight_);
    if (at < kAccessWeight) {
      draw_access(step);
    } else if (at < kAccessWeight + handler_weight_) {
      constexpr Act kActs[] = {Act::kEnter, Act::kLeave, Act::kDisable, Act::kEnable};
      step.act = kActs[prng_.below(4)];
    } else if (at < kAccessWeight + handler_weight_ + message_weight_) {
      constexpr Act kActs[] = {Act::kSend, Act::kReceive, Act::kListen};
      step.act = kActs[prng_.below(3)];
      step.object = prng_.below(kSmallObjects);
    } else {
      step.act = Act::kFence;
      step.order = kOrders[prng_.between(1, 4)];
    }
    return step;
  }

 private:
  static constexpr std::uint32_t kAccessWeight = 10;

  struct Location {
    std::uint32_t offset, bytes;
    std::uint32_t atomic_tenths;  // how many of ten accesses are atomic or volatile
    bool is_pointer;
  };

  Location draw_location(bool mixes) {
    constexpr std::uint32_t kTenths[] = {1, 5, 9, 10};
    // The first two granules of block 0, and of programs that follow pointers the others' too.
    const std::uint32_t granules = follows_ ? 4 : prng_.between(1, 3);
    const std::uint32_t granule = prng_.below(granules);
    const SmallBlock block = kSmallBlocks[granule < 2 || !follows_ ? 0 : granule - 1];
    const std::uint32_t begin = block.begin + (granule < 2 || !follows_ ? granule * 8 : 0);
    Location location{begin, 8, kTenths[prng_.below(4)], follows_ && prng_.chance(1, 2)};
    if (!mixes || location.is_pointer) return location;
    location.bytes = std::uint32_t{1} << prng_.below(5);
    const std::uint32_t last = block.begin + block.bytes - location.bytes;
    location.offset = std::min(last, begin + prng_.below(8));
    if (prng_.chance(2, 3)) location.offset &= ~(location.bytes - 1);
    return location;
  }

  void draw_access(Step& step) {
    const Location& location = locations_[prng_.below(static_cast<std::uint32_t>(locations_.size()))];
    step.offset = location.offset;
    step.bytes = location.bytes;
    const bool is_aligned = location.offset % location.bytes == 0;
    if (!is_aligned || prng_.below(10) >= location.atomic_tenths) {
      step.act = prng_.chance(1, 2) ? Act::kPlainRead : Act::kPlainWrite;
    } else {
      draw_atomic(step, location.is_pointer);
    }
    if (writes(step.act) && step.bytes == 8 && prng_.chance(location.is_pointer ? 7 : 1, 8)) {
      step.points_to = draw_target(step.offset);
    }
  }

  // Where a pointer at `offset` points to: mostly into the next block, so that chains come about.
  std::uint32_t draw_target(std::uint32_t offset) {
    const std::uint32_t next = offset < kSmallBlocks[1].begin ? 1 : 2;
    const std::uint32_t number = prng_.chance(3, 4) ? next : prng_.below(kSmallBlocks.size());
    return kSmallBlocks[number].begin + prng_.below(kSmallBlocks[number].bytes);
  }

  void draw_atomic(Step& step, bool is_pointer) {
    constexpr Act kActs[] = {Act::kLoad, Act::kStore, Act::kReadModifyWrite, Act::kVolatileRead, Act::kVolatileWrite};
    constexpr int kLoads[] = {__ATOMIC_RELAXED, __ATOMIC_ACQUIRE, __ATOMIC_SEQ_CST};
    constexpr int kStores[] = {__ATOMIC_RELAXED, __ATOMIC_RELEASE, __ATOMIC_SEQ_CST};
    step.act = is_pointer && prng_.chance(1, 3) ? Act::kVolatileRead : kActs[prng_.below(5)];
    if (step.act == Act::kLoad) step.order = kLoads[prng_.below(3)];
    if (step.act == Act::kStore) step.order = kStores[prng_.below(3)];
    if (step.act == Act::kReadModifyWrite) step.order = kOrders[prng_.below(5)];
  }

  Prng& prng_;
  std::uint32_t cpus_ = 0;
  bool follows_ = false;
  std::uint32_t handler_weight_ = 0, message_weight_ = 0, fence_weight_ = 0;
  std::vector<Location> locations_;
};

}  // namespace

SmallProgram draw_program(Prng& prng, const std::function<bool(const Step&)>& is_wanted) {
  constexpr std::uint32_t kDrawsMax = 4 * kSmallStepsMax;
  Drawer drawer(prng);
  SmallCpus cpus;
  SmallProgram program;
  const std::uint32_t length = prng.between(4, kSmallStepsMax);
  for (std::uint32_t draws = 0; program.size() < length && draws < kDrawsMax; ++draws) {
    const Step step = drawer.draw();
    if (!cpus.may(step) || !is_wanted(step)) continue;
    cpus.take(step);
    program.push_back(step);
  }
  return program;
}

namespace {

bool is_legal(const SmallProgram& program) {
  SmallCpus cpus;
  return std::ranges::all_of(program, [&cpus](const Step& step) {
    if (!cpus.may(step)) return false;
    cpus.take(step);
    return true;
  });
}

// The program without steps i and j; i == j: without one.
SmallProgram without(const SmallProgram& program, std::size_t i, std::size_t j) {
  SmallProgram shorter;
  for (std::size_t k = 0; k < program.size(); ++k) {
    if (k != i && k != j) shorter.push_back(program[k]);
  }
  return shorter;
}

// Pairs too: a handler's entry goes only with its end.
bool shrink_once(SmallProgram& program, const std::function<bool(const SmallProgram&)>& fails) {
  for (std::size_t i = program.size(); i-- > 0;) {
    for (std::size_t j = i; j < program.size(); ++j) {
      SmallProgram shorter = without(program, i, j);
      if (!is_legal(shorter) || !fails(shorter)) continue;
      program = std::move(shorter);
      return true;
    }
  }
  return false;
}

const char* name_of(Act act) {
  switch (act) {
    case Act::kPlainRead:
      return "plain read";
    case Act::kPlainWrite:
      return "plain write";
    case Act::kLoad:
      return "load";
    case Act::kStore:
      return "store";
    case Act::kReadModifyWrite:
      return "read-modify-write";
    case Act::kVolatileRead:
      return "volatile read";
    case Act::kVolatileWrite:
      return "volatile write";
    case Act::kFence:
      return "fence";
    case Act::kDisable:
      return "disable interrupts";
    case Act::kEnable:
      return "enable interrupts";
    case Act::kEnter:
      return "enter handler";
    case Act::kLeave:
      return "leave handler";
    case Act::kSend:
      return "send";
    case Act::kReceive:
      return "receive";
    case Act::kListen:
      return "listen";
  }
}

std::string name_of_order(int order) {
  constexpr const char* kNames[] = {"relaxed", "consume", "acquire", "release", "acq_rel", "seq_cst"};
  return kNames[order];
}

}  // namespace

SmallProgram shrink_program(SmallProgram program, const std::function<bool(const SmallProgram&)>& fails) {
  while (shrink_once(program, fails)) {
  }
  return program;
}

std::string print_program(const SmallProgram& program) {
  std::string text;
  SmallCpus cpus;
  for (const Step& step : program) {
    text +=
        "cpu " + std::to_string(step.cpu) + " depth " + std::to_string(cpus.depth(step.cpu)) + ": " + name_of(step.act);
    if (is_access(step.act)) {
      text += " of " + std::to_string(step.bytes) + " bytes at " + std::to_string(step.offset);
      if (step.points_to != 0) text += ", a pointer to " + std::to_string(step.points_to);
    }
    const bool has_order = step.act == Act::kLoad || step.act == Act::kStore || step.act == Act::kReadModifyWrite ||
                           step.act == Act::kFence;
    if (has_order) text += ", " + name_of_order(step.order);
    if (step.act >= Act::kSend) text += " object " + std::to_string(step.object);
    text += "\n";
    cpus.take(step);
  }
  return text;
}

}  // namespace gridlock::race
