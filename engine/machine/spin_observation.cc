#include "engine/machine/spin_observation.h"

namespace gridlock {

namespace {

// The first stack word above what gridlock_point pushed: past its return address into the hook.
const std::uint64_t* words_above(const PointFrame& frame) {
  return reinterpret_cast<const std::uint64_t*>(&frame + 1) + 1;
}

bool same_registers(const PointFrame& left, const PointFrame& right) {
  return left.code == right.code && left.address == right.address && left.operand[0] == right.operand[0] &&
         left.operand[1] == right.operand[1] && left.operand[2] == right.operand[2] &&
         left.operand[3] == right.operand[3] && left.rbx == right.rbx && left.r12 == right.r12 &&
         left.r13 == right.r13 && left.r14 == right.r14 && left.r15 == right.r15 && left.hook_frame == right.hook_frame;
}

}  // namespace

void SpinObservation::start(const PointFrame& frame, std::uint64_t stack_top, std::uint32_t points) {
  active_ = true;
  points_left_ = points;
  frame_ = frame;
  at_ = reinterpret_cast<std::uint64_t>(&frame);
  reads_.clear();
  const std::uint64_t* const words = words_above(frame);
  const auto available = (stack_top - reinterpret_cast<std::uint64_t>(words)) / 8;
  stack_words_ = available < kStackWordsMax ? static_cast<std::uint32_t>(available) : kStackWordsMax;
  for (std::uint32_t i = 0; i < stack_words_; ++i) stack_[i] = words[i];
}

bool SpinObservation::recurs(const PointFrame& frame) {
  if (at_ == reinterpret_cast<std::uint64_t>(&frame) && same_registers(frame_, frame)) {
    const std::uint64_t* const words = words_above(frame);
    std::uint32_t same = 0;
    while (same < stack_words_ && stack_[same] == words[same]) ++same;
    if (same == stack_words_) return true;
  }
  if (--points_left_ == 0) active_ = false;
  return false;
}

}  // namespace gridlock
