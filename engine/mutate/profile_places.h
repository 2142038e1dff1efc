// Where in a run something is: a place chosen by chance among those that have a property, and which words are shared.
//
// May include: base, model.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "engine/base/prng.h"
#include "engine/model/ids.h"
#include "engine/model/run_profile.h"

namespace gridlock {

// A point that a run passed.
struct Place {
  std::uint32_t cpu = 0;
  std::uint32_t point = 0;  // from 1
  bool operator==(const Place&) const = default;
};

// The note of a point; null if the profile has none.
[[nodiscard]] inline const PointNote* note_at(const RunProfile& profile, Place place) {
  if (place.cpu >= profile.cpus.size()) return nullptr;
  const auto& notes = profile.cpus[place.cpu];
  return place.point == 0 || place.point > notes.size() ? nullptr : &notes[place.point - 1];
}

// The words that several contexts of a run touched and at least one wrote. One pass over the profile, no allocation:
// words beyond kWordsMax distinct ones count as private, which costs aim and nothing else.
class SharedWords {
 public:
  explicit SharedWords(const RunProfile& profile);

  // Touched by several cpus.
  [[nodiscard]] bool between_cpus(std::uint32_t object) const { return has(object, kCpus | kWritten); }
  // Touched by several contexts, which the task and a handler of one cpu are as well.
  [[nodiscard]] bool between_contexts(std::uint32_t object) const { return has(object, kContexts | kWritten); }

  static constexpr std::uint32_t kWordsMax = 384;

 private:
  static constexpr std::uint32_t kSlots = 512;  // a power of two, with room beyond kWordsMax so that searches end soon
  static constexpr std::uint8_t kWritten = 1;
  static constexpr std::uint8_t kContexts = 2;
  static constexpr std::uint8_t kCpus = 4;

  struct Slot {
    std::uint32_t object = 0;  // 0: free
    std::uint8_t cpu = 0;      // the first to touch it
    bool handler = false;      // whether that was in a handler
    std::uint8_t marks = 0;
  };

  void touch(std::uint32_t cpu, const PointNote& note);
  [[nodiscard]] std::uint32_t slot_of(std::uint32_t object) const;
  [[nodiscard]] bool has(std::uint32_t object, std::uint8_t marks) const {
    const Slot& slot = slots_[slot_of(object)];
    return object != 0 && slot.object == object && (slot.marks & marks) == marks;
  }

  std::array<Slot, kSlots> slots_{};
  std::uint32_t words_ = 0;
};

// The first point from a random one on, all cpus in a circle, for which matches(place, note); nothing if there is none.
// A point behind a long stretch without a match is likelier than one behind a match: cheaper than counting first, and
// the places between two loops of a poll are what gains.
template <class Matches>
[[nodiscard]] std::optional<Place> find_place(Prng& prng, const RunProfile& profile, Matches matches) {
  std::uint32_t points = 0;
  for (const auto& notes : profile.cpus) points += static_cast<std::uint32_t>(notes.size());
  if (points == 0) return std::nullopt;
  Place place{0, prng.below(points)};
  while (place.point >= profile.cpus[place.cpu].size()) {
    place.point -= static_cast<std::uint32_t>(profile.cpus[place.cpu++].size());
  }
  for (std::uint32_t left = points; left > 0; --left) {
    while (place.point >= profile.cpus[place.cpu].size()) {
      place.cpu = place.cpu + 1 == profile.cpus.size() ? 0 : place.cpu + 1;
      place.point = 0;
    }
    const PointNote& note = profile.cpus[place.cpu][place.point++];
    if (matches(place, note)) return place;
  }
  return std::nullopt;
}

// How many points the handler took that was entered just before this point; 0 if none was. A handler that was still
// running where the profile ends counts up to there.
[[nodiscard]] std::uint32_t handler_points(const RunProfile& profile, Place place);

// The place of `cpu` where it stands at the same site as at `place`, as many times passed before if it passes it so
// often, else the last. Nothing without notes or without such a point.
[[nodiscard]] std::optional<Place> same_site(const RunProfile& profile, Place place, std::uint32_t cpu);

}  // namespace gridlock
