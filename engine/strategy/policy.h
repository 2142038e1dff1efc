// A policy names the cpu that takes the next step; this class says it in the machine's vocabulary. "Run C next" is a
// chain of demotes: every runnable cpu that stands in front of C in the priority list goes to the back, one question
// each, until C is the highest. The scenario's own directives are applied first, at the points they name.
//
// Not a function of the machine, because only so is everything a policy does a list of directives that replays.
//
// May include: base, model. Not thread safe.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>

#include "engine/base/prng.h"
#include "engine/strategy/directive_table.h"
#include "engine/strategy/strategy.h"

namespace gridlock {

// The bytes of a value that is nothing else; for Strategy::lasting().
template <typename T>
[[nodiscard]] std::span<std::byte> bytes_of(T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  return std::as_writable_bytes(std::span(&value, 1));
}

// A set of cpus, as in Moment::runnable.
using CpuSet = std::uint64_t;

[[nodiscard]] constexpr CpuSet only(CpuId cpu) {
  return CpuSet{1} << cpu.value();
}
[[nodiscard]] constexpr bool contains(CpuSet set, CpuId cpu) {
  return (set & only(cpu)) != 0;
}
// REQUIRES: `set` is not empty.
[[nodiscard]] constexpr CpuId lowest(CpuSet set) {
  return CpuId(static_cast<std::uint32_t>(std::countr_zero(set)));
}

// The member of `set` with the highest priority, the lowest of them at a tie. REQUIRES: `set` is not empty.
[[nodiscard]] CpuId highest(CpuSet set, const std::array<std::uint64_t, kCpusMax>& priorities);

// A member of `set`, each as likely as the others. REQUIRES: `set` is not empty.
[[nodiscard]] CpuId uniformly(Prng& prng, CpuSet set);

class PolicyStrategy : public Strategy {
 public:
  void begin(const Scenario& scenario) final;
  std::optional<Decision> decide(const Moment& moment) final;
  [[nodiscard]] std::uint32_t quiet_points(const Moment& moment) const final;

 protected:
  // A new run begins. Runs on the host: may allocate. The other functions run on a fiber: no allocation, no libc.
  virtual void begin_run(const Scenario& scenario) = 0;

  // Who takes the next step. ENSURES: one of moment.runnable; the same answer again until that cpu passes, is sent
  // back, or the set of runnable cpus changes, or the chain of demotes would never end.
  virtual CpuId pick(const Moment& moment) = 0;

  // moment.cpu, just picked, passes its point.
  virtual void passes(const Moment& moment) = 0;

  // A directive of the scenario demotes `cpu`: the policy lets others go first, or it would undo that demote at once.
  virtual void sent_back(CpuId cpu) = 0;

  // As Strategy::quiet_points, as far as the policy itself is concerned.
  [[nodiscard]] virtual std::uint32_t policy_quiet_points() const = 0;

 private:
  DirectiveTable table_;
};

}  // namespace gridlock
