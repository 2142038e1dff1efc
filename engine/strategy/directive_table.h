// The directives of one scenario, laid out so that asking for the next one costs a comparison. Every strategy holds
// one: `directed` is nothing else, the others apply the scenario's own directives before they choose for themselves.
//
// May include: base, model. Not thread safe.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "engine/model/scenario.h"
#include "engine/strategy/strategy.h"

namespace gridlock {

class DirectiveTable {
 public:
  DirectiveTable();

  // Takes over the directives of `scenario`, none of them consumed. Called on the host between runs; allocates only for
  // a scenario of more than kDirectivesMax directives. REQUIRES: every cpu is below kCpusMax.
  void load(const Scenario& scenario);

  // Consumes and returns the next directive of `cpu` at `point`, in list order; nothing if there is none left. O(1), no
  // allocation, no libc: safe on a fiber. REQUIRES: the points asked about for one cpu do not go back.
  [[nodiscard]] std::optional<Decision> take(CpuId cpu, PointIndex point) {
    if (next_point_[cpu.value()] > point.value()) return std::nullopt;
    return take_due(cpu.value(), point.value());
  }

  // How many points of `cpu` behind `point` have no directive before the next one that has; Strategy::kForever if
  // none has. REQUIRES: take(cpu, point) returned nothing.
  [[nodiscard]] std::uint32_t quiet_points(CpuId cpu, PointIndex point) const {
    const std::uint32_t next = next_point_[cpu.value()];
    return next == kNoPoint ? Strategy::kForever : next - point.value() - 1;
  }

 private:
  static constexpr std::uint32_t kNoPoint = std::numeric_limits<std::uint32_t>::max();
  static_assert(kPointOrdinalMax < kNoPoint);

  struct Entry {
    std::uint32_t point = 0;
    std::uint32_t index = 0;  // in the scenario's list
    Decision decision;
  };

  std::optional<Decision> take_due(std::uint32_t cpu, std::uint32_t point);
  void load_cpu(std::uint32_t cpu, std::uint32_t begin, std::uint32_t end);

  std::vector<Entry> entries_;  // by cpu, then point, then list order
  // By cpu. Of the entries only the point of the next one is looked at, until it is due.
  std::array<std::uint32_t, kCpusMax> next_point_{};  // of its first entry that is not consumed; kNoPoint: none
  std::array<std::uint32_t, kCpusMax> next_{};        // where that is; nothing if next_point_ is kNoPoint
  std::array<std::uint32_t, kCpusMax> end_{};         // behind the last of its entries; the same
};

}  // namespace gridlock
