// Profiles of thousands of kept runs in little memory: the runs of one target pass the same few thousand points again
// and again, so each different point is kept once and a profile is a row of numbers.
//
// May include: base, model.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "engine/model/run_profile.h"

namespace gridlock {

struct PackedProfile {
  std::vector<std::uint16_t> points;      // of all cpus, one after the other: numbers in a ProfileStore
  std::vector<std::uint32_t> cpu_ends;    // by cpu: the end of its points
  std::vector<std::uint32_t> starts;      // RunProfile::operation_starts of all cpus, one after the other
  std::vector<std::uint32_t> start_ends;  // by cpu: the end of its starts
};

class ProfileStore {
 public:
  // Different points that are told apart. Those that come after stand for a point of which nothing is known, so that
  // the points around them keep their places.
  static constexpr std::uint32_t kPointsMax = UINT16_MAX;

  // Of each cpu's points the first `points_max`.
  [[nodiscard]] PackedProfile pack(const RunProfile& profile, std::uint32_t points_max);
  // REQUIRES: `packed` was made by this store.
  [[nodiscard]] RunProfile unpack(const PackedProfile& packed) const;

 private:
  struct NoteHash {
    [[nodiscard]] std::size_t operator()(const PointNote& note) const;
  };
  [[nodiscard]] std::uint16_t number_of(const PointNote& note);

  std::vector<PointNote> notes_ = {PointNote{}};                    // by number; 0: nothing is known
  std::unordered_map<PointNote, std::uint16_t, NoteHash> numbers_;  // looked up only, so that its order is nobody's
};

}  // namespace gridlock
