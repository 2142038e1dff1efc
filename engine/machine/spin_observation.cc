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

void SpinObservation::start(std::uint32_t points) {
  active_ = true;
  count_ = 0;
  limit_ = points < kPointsMax ? points : kPointsMax;
  period_ = 0;
  reads_.clear();
}

bool SpinObservation::arrives(std::uint64_t access, const PointFrame& frame, std::uint64_t stack_end) {
  const std::uint32_t period = add(access);
  // Periods only grow, and of this one the points that are left hold no three rounds.
  if (count_ == limit_ || 3 * period >= limit_) active_ = false;
  if (period_ == 0) {
    // Two rounds, and the first point of the third.
    if (!active_ || count_ <= 2 * period) return false;
    period_ = period;
    take_state(frame, stack_end);
    return false;
  }
  if (period != period_) active_ = false;
  return period == period_ && has_state(frame);
}

// The period of the accesses with this one.
std::uint32_t SpinObservation::add(std::uint64_t access) {
  std::uint32_t border = count_ == 0 ? 0 : border_[count_ - 1];
  while (border > 0 && accesses_[border] != access) border = border_[border - 1];
  if (count_ > 0 && accesses_[border] == access) ++border;
  accesses_[count_] = access;
  border_[count_++] = static_cast<std::uint16_t>(border);
  return count_ - border;
}

void SpinObservation::take_state(const PointFrame& frame, std::uint64_t stack_end) {
  frame_ = frame;
  at_ = reinterpret_cast<std::uint64_t>(&frame);
  const std::uint64_t* const words = words_above(frame);
  const auto available = (stack_end - reinterpret_cast<std::uint64_t>(words)) / 8;
  stack_words_ = available < kStackWordsMax ? static_cast<std::uint32_t>(available) : kStackWordsMax;
  for (std::uint32_t i = 0; i < stack_words_; ++i) stack_[i] = words[i];
}

bool SpinObservation::has_state(const PointFrame& frame) const {
  if (at_ != reinterpret_cast<std::uint64_t>(&frame) || !same_registers(frame_, frame)) return false;
  const std::uint64_t* const words = words_above(frame);
  std::uint32_t same = 0;
  while (same < stack_words_ && stack_[same] == words[same]) ++same;
  return same == stack_words_;
}

}  // namespace gridlock
