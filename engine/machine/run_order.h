// Who may run: the priority list and the set of runnable cpus. The rule of the whole machine is one line: the highest
// cpu of the list that is runnable runs.
//
// May include: base, model.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>

#include "engine/model/ids.h"

namespace gridlock {

class RunOrder {
 public:
  static constexpr std::uint32_t kNobody = UINT32_MAX;

  void reset() {
    size_ = 0;
    runnable_ = 0;
  }

  // A new cpu at the back, runnable.
  void append(std::uint32_t cpu) {
    order_[size_++] = CpuId(cpu);
    runnable_ |= bit(cpu);
  }

  void demote(std::uint32_t cpu) {
    remove(cpu);
    order_[size_++] = CpuId(cpu);
  }

  // The cpu has ended: it leaves the list.
  void end(std::uint32_t cpu) {
    remove(cpu);
    runnable_ &= ~bit(cpu);
  }

  void set_runnable(std::uint32_t cpu, bool runnable) {
    runnable_ = runnable ? runnable_ | bit(cpu) : runnable_ & ~bit(cpu);
  }
  [[nodiscard]] bool is_runnable(std::uint32_t cpu) const { return (runnable_ & bit(cpu)) != 0; }
  [[nodiscard]] std::uint64_t runnable() const { return runnable_; }
  void set_runnable_set(std::uint64_t cpus) { runnable_ = cpus; }

  // The highest runnable cpu, or kNobody.
  [[nodiscard]] std::uint32_t highest() const {
    for (std::uint32_t i = 0; i < size_; ++i) {
      if (is_runnable(order_[i].value())) return order_[i].value();
    }
    return kNobody;
  }

  [[nodiscard]] bool is_alone(std::uint32_t cpu) const { return (runnable_ & ~bit(cpu)) == 0; }
  [[nodiscard]] std::span<const CpuId> list() const { return {order_.data(), size_}; }

 private:
  static constexpr std::uint64_t bit(std::uint32_t cpu) { return std::uint64_t{1} << cpu; }

  void remove(std::uint32_t cpu) {
    std::uint32_t kept = 0;
    for (std::uint32_t i = 0; i < size_; ++i) {
      if (order_[i].value() != cpu) order_[kept++] = order_[i];
    }
    size_ = kept;
  }

  std::array<CpuId, kCpusMax> order_{};
  std::uint32_t size_ = 0;
  std::uint64_t runnable_ = 0;
};

}  // namespace gridlock
