// Integers that cannot be swapped by mistake: StrongId<struct CpuTag> and StrongId<struct VectorTag> are two types.
//
// May include: nothing of the engine.
#pragma once

#include <compare>
#include <cstdint>

namespace gridlock {

template <typename Tag, typename Representation = std::uint32_t>
class StrongId {
 public:
  using Value = Representation;

  constexpr StrongId() = default;
  constexpr explicit StrongId(Representation value) : value_(value) {}

  [[nodiscard]] constexpr Representation value() const { return value_; }
  constexpr auto operator<=>(const StrongId&) const = default;

 private:
  Representation value_ = 0;
};

}  // namespace gridlock
