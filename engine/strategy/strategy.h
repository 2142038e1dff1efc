// Who runs next. A strategy looks at a cpu that is about to pass a point and may first do something to it: send it to
// the back of the priority list, raise an interrupt, request a migration. That is the whole vocabulary, whatever the
// policy, so whatever any strategy does is a list of directives that replays, shrinks and reads the same way.
//
// May include: base, model. Not thread safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>

#include "engine/model/ids.h"
#include "engine/model/scenario.h"

namespace gridlock {

// The access that a paused cpu makes once it passes its point.
struct PendingAccess {
  std::uint64_t address = 0;  // 0: none known (not started, a spin hint, an interrupt edge, a wait)
  bool is_write = false;
  Site site = 0;  // where the code under test makes it
};

// The instant at which a cpu is about to pass a point. Spans live for the call only.
struct Moment {
  CpuId cpu;                               // the one that is about to pass: the highest of the runnable ones
  PointIndex point;                        // which of its points
  std::uint64_t step = 0;                  // points passed in this run by all cpus together
  std::uint64_t listed = 0;                // bit per cpu: not ended
  std::uint64_t runnable = 0;              // bit per cpu: not stuck, not ended; includes `cpu`
  std::span<const PendingAccess> pending;  // by cpu
};

// What to do before the cpu passes. Same meaning of a and b as in Directive.
struct Decision {
  Action action = Action::kDemote;
  std::uint32_t a = 0;
  std::uint32_t b = 0;
};

class Strategy {
 public:
  virtual ~Strategy() = default;

  // A new run of `scenario` begins. `scenario` outlives the run.
  virtual void begin(const Scenario& scenario) = 0;

  // The next decision at this moment, or nothing: the cpu passes. Asked again after every decision but a demote; after
  // a demote, asked for the cpu that is now the highest, and again for this one when its turn comes. A demote while no
  // other cpu is runnable is legal and leaves this cpu where it is the highest again: the machine then asks again.
  virtual std::optional<Decision> decide(const Moment& moment) = 0;

  // After decide() returned nothing: how many of the *next* points of this cpu, as long as it keeps running, pass
  // without a question. 0: ask at each. Points after another cpu ran in between are asked about anew.
  [[nodiscard]] virtual std::uint32_t quiet_points(const Moment& moment) const = 0;

  // What of the strategy outlives a run, as plain bytes: where a run is made by a copy of this object in another
  // process, they are copied back from there. Those that are not used are empty.
  using LastingBytes = std::array<std::span<std::byte>, 4>;
  [[nodiscard]] virtual LastingBytes lasting() { return {}; }

  static constexpr std::uint32_t kForever = std::numeric_limits<std::uint32_t>::max();
};

}  // namespace gridlock
