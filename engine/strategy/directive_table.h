// The directives of one scenario, laid out so that asking for the next one costs a comparison. Every strategy holds
// one: `directed` is nothing else, the others apply the scenario's own directives before they choose for themselves.
//
// May include: base, model. Not thread safe.
#pragma once

#include <array>
#include <cstdint>
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
  [[nodiscard]] std::optional<Decision> take(CpuId cpu, PointIndex point);

  // How many points of `cpu` behind `point` have no directive before the next one that has; Strategy::kForever if
  // none has. REQUIRES: take(cpu, point) returned nothing.
  [[nodiscard]] std::uint32_t quiet_points(CpuId cpu, PointIndex point) const;

 private:
  struct Entry {
    std::uint32_t point = 0;
    Decision decision;
  };

  std::vector<std::uint64_t> keys_;             // sort keys of load(), kept for their memory
  std::vector<Entry> entries_;                  // by cpu, then point, then list order
  std::array<std::uint32_t, kCpusMax> next_{};  // by cpu: the first of its entries that is not consumed
  std::array<std::uint32_t, kCpusMax> end_{};   // by cpu: behind the last of its entries
};

}  // namespace gridlock
