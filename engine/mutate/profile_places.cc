#include "engine/mutate/profile_places.h"

namespace gridlock {

SharedWords::SharedWords(const RunProfile& profile) {
  for (std::uint32_t cpu = 0; cpu < profile.cpus.size(); ++cpu) {
    for (const PointNote& note : profile.cpus[cpu]) {
      if (note.object != 0) touch(cpu, note);
    }
  }
}

// Open addressing with linear steps; the multiplier is 2^32 divided by the golden ratio, which spreads neighbours.
std::uint32_t SharedWords::slot_of(std::uint32_t object) const {
  constexpr std::uint32_t kHashShift = 23;
  static_assert(kSlots == std::uint32_t{1} << (32 - kHashShift));
  std::uint32_t at = (object * 0x9e3779b9u) >> kHashShift;
  while (slots_[at].object != object && slots_[at].object != 0) at = (at + 1) % kSlots;
  return at;
}

void SharedWords::touch(std::uint32_t cpu, const PointNote& note) {
  Slot& slot = slots_[slot_of(note.object)];
  const bool handler = note.depth > 0;
  if (slot.object == 0) {
    if (words_ == kWordsMax) return;
    ++words_;
    slot = {.object = note.object, .cpu = static_cast<std::uint8_t>(cpu), .handler = handler};
  }
  if (note.writes) slot.marks |= kWritten;
  if (slot.cpu != cpu) {
    slot.marks |= kCpus | kContexts;
  } else if (slot.handler != handler) {
    slot.marks |= kContexts;
  }
}

std::uint32_t handler_points(const RunProfile& profile, Place place) {
  const PointNote* first = note_at(profile, place);
  if (first == nullptr) return 0;
  const PointNote* before = note_at(profile, {place.cpu, place.point - 1});
  const std::uint8_t depth_before = before == nullptr ? std::uint8_t{0} : before->depth;
  std::uint32_t points = 0;
  for (const PointNote* note = first; note != nullptr && note->depth > depth_before;) {
    ++points;
    note = note_at(profile, {place.cpu, place.point + points});
  }
  return points;
}

std::optional<Place> same_site(const RunProfile& profile, Place place, std::uint32_t cpu) {
  const PointNote* note = note_at(profile, place);
  if (note == nullptr || note->site == 0 || cpu >= profile.cpus.size()) return std::nullopt;
  std::uint32_t times = 0;
  for (std::uint32_t point = 1; point <= place.point; ++point) {
    times += profile.cpus[place.cpu][point - 1].site == note->site ? 1 : 0;
  }
  std::optional<Place> found;
  const auto& notes = profile.cpus[cpu];
  for (std::uint32_t i = 0; i < notes.size() && times > 0; ++i) {
    if (notes[i].site != note->site) continue;
    found = Place{cpu, i + 1};
    --times;
  }
  return found;
}

}  // namespace gridlock
