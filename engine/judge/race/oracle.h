// The race judge's rules (race_judge.h) once more, in the slowest and most obvious way: every access of a run is kept
// with the set of all accesses that happened before it, and there is a race if two that conflict are not so ordered.
//
// No clocks, epochs or shadow: what happened before is a set, each byte has a list of what its release sequence
// carries, and nothing is ever forgotten. It shares no code and no data structure with the judge.
//
// Used by tests only. May include: base, judge/race.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "engine/judge/race/small_program.h"

namespace gridlock::race {

class Oracle {
 public:
  // The accesses and fences of a run by number, in the order in which they were made.
  using Accesses = std::bitset<kSmallStepsMax>;

  // The accesses that race with `step`, if it is the next one.
  [[nodiscard]] Accesses races_with(const Step& step) const;
  // Makes the step.
  void take(const Step& step);
  [[nodiscard]] std::size_t event_count() const { return accesses_.size(); }

 private:
  struct StrandKey {
    std::uint32_t cpu = 0, depth = 0;
    bool operator==(const StrandKey&) const = default;
  };
  struct Access {
    StrandKey by;
    Step step;
  };
  // The task of a cpu or its handlers of one nesting level.
  struct Strand {
    Accesses own;                               // what it did
    Accesses learned;                           // what others did and is ordered before what it does next
    Accesses visible;                           // what it had done when it last enabled interrupts or returned
    Accesses queued;                            // what its relaxed loads read, until an acquire fence
    std::optional<Accesses> fenced;             // what it knew at its last release fence
    std::map<std::uint32_t, Accesses> reached;  // by block: what is ordered before accesses to it by dependency
  };
  // A release that heads a sequence, and what was known there.
  struct Head {
    StrandKey by;
    Accesses known;
  };
  // The value of one byte.
  struct Byte {
    std::vector<Head> heads;                // of the sequences that it belongs to
    std::optional<std::size_t> written_by;  // the atomic store that wrote it
  };

  [[nodiscard]] const Strand& strand(StrandKey key) const { return strands_[key.cpu][key.depth]; }
  [[nodiscard]] Strand& strand(StrandKey key) { return strands_[key.cpu][key.depth]; }
  [[nodiscard]] StrandKey running_on(std::uint32_t cpu) const { return {cpu, cpus_.depth(cpu)}; }
  [[nodiscard]] static Accesses known_to(const Strand& strand);
  [[nodiscard]] static std::optional<std::uint32_t> block_of(std::uint32_t offset);

  [[nodiscard]] Accesses published_at(const Byte& byte, StrandKey reader) const;
  [[nodiscard]] Strand reader_after(const Step& step) const;
  [[nodiscard]] static Accesses inherited(const Strand& from, const Accesses& up_to);
  void take_access(const Step& step);
  void write(StrandKey key, const Step& step, std::size_t number);
  void follow(StrandKey key, const Step& step);
  void inherit_from_cpu(StrandKey key);
  void take_fence(const Step& step);

  SmallCpus cpus_;
  std::array<std::array<Strand, kSmallDepths>, kSmallCpus> strands_;
  std::array<Byte, kSmallArenaBytes> bytes_;
  std::array<std::uint32_t, kSmallArenaBytes> pointers_{};  // at the first byte of a pointer: the offset it points to
  std::array<Accesses, kSmallObjects> objects_;
  std::vector<Access> accesses_;
};

}  // namespace gridlock::race
