// A scenario: configuration, program and schedule, that is, one decoded fuzz input. The variant of the target is not
// part of it: the same scenario is run against the broken and the fixed variant.
//
// Values only; legal by construction of engine/decode and of the text form. May include: base.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/model/ids.h"
#include "engine/model/target_schema.h"

namespace gridlock {

// One entry of a cpu's program: run this operation with these arguments. Arguments beyond the operation's own are 0.
struct OperationCall {
  OperationId operation;
  std::array<std::uint32_t, kOperationArgumentsMax> arguments{};
  bool operator==(const OperationCall&) const = default;
};

// What a directive does. Values are persisted in the byte and text forms; never renumber.
enum class Action : std::uint8_t {
  kDemote = 0,      // this cpu goes to the back of the priority list
  kInterrupt = 1,   // a = vector: raise it on this cpu
  kDefer = 2,       // a = vector, b = points: deliver the vector here only after that many more points of this cpu
  kMigrate = 3,     // a = entity, b = cpu: request migration
  kStale = 4,       // a = n; reserved for weak memory, refused by the machine today
  kDelayStore = 5,  // a = n; reserved for weak memory, refused by the machine today
};

// One decision: when `cpu` is about to pass its `point`-th point, do `action`. Several directives may name the same
// (cpu, point): they apply in list order, and a demote ends that attempt to pass, so a second demote applies the next
// time the cpu is about to pass the same point.
struct Directive {
  CpuId cpu;
  PointIndex point;
  Action action = Action::kDemote;
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  bool operator==(const Directive&) const = default;
};

struct Scenario {
  std::vector<std::uint32_t> parameters;             // by parameter number of the target
  std::vector<std::vector<OperationCall>> programs;  // by cpu; size = number of cpus, 1 .. kCpusMax
  std::vector<CpuId> start_order;                    // the priority list at the start, a permutation of the cpus
  std::vector<Directive> directives;                 // any order between cpus; for one cpu and point, order counts
  bool operator==(const Scenario&) const = default;

  [[nodiscard]] std::uint32_t cpu_count() const { return static_cast<std::uint32_t>(programs.size()); }
};

// Bounds of every scenario, whatever it was made from.
inline constexpr std::uint32_t kProgramCallsMax = 64;       // operations of one cpu
inline constexpr std::uint32_t kDirectivesMax = 4096;       // of one scenario
inline constexpr std::uint32_t kPointOrdinalMax = 1 << 20;  // of a directive
inline constexpr std::uint32_t kDeferPointsMax = 1 << 16;   // of a `defer`

}  // namespace gridlock
