#include "engine/search/profile_store.h"

#include <algorithm>

#include "engine/base/hash.h"

namespace gridlock {

std::size_t ProfileStore::NoteHash::operator()(const PointNote& note) const {
  ::gridlock::Hasher hasher;
  hasher.add(note.site);
  hasher.add(std::uint64_t{note.object} << 32 | static_cast<std::uint64_t>(note.kind) << 16 |
             std::uint64_t{note.depth} << 8 | std::uint64_t{note.writes} << 1 | std::uint64_t{note.irqs_enabled});
  return hasher.finish().low;
}

std::uint16_t ProfileStore::number_of(const PointNote& note) {
  if (const auto known = numbers_.find(note); known != numbers_.end()) return known->second;
  if (notes_.size() > kPointsMax) return 0;
  const auto number = static_cast<std::uint16_t>(notes_.size());
  notes_.push_back(note);
  numbers_.emplace(note, number);
  return number;
}

PackedProfile ProfileStore::pack(const RunProfile& profile, std::uint32_t points_max) {
  std::size_t points = 0;
  std::size_t starts = 0;
  for (const auto& notes : profile.cpus) points += std::min<std::size_t>(notes.size(), points_max);
  for (const auto& of_cpu : profile.operation_starts) starts += of_cpu.size();
  PackedProfile packed;
  packed.points.reserve(points);
  packed.cpu_ends.reserve(profile.cpus.size());
  packed.starts.reserve(starts);
  packed.start_ends.reserve(profile.operation_starts.size());
  for (const auto& notes : profile.cpus) {
    const std::size_t kept = std::min<std::size_t>(notes.size(), points_max);
    for (std::size_t i = 0; i < kept; ++i) packed.points.push_back(number_of(notes[i]));
    packed.cpu_ends.push_back(static_cast<std::uint32_t>(packed.points.size()));
  }
  for (const auto& of_cpu : profile.operation_starts) {
    packed.starts.insert(packed.starts.end(), of_cpu.begin(), of_cpu.end());
    packed.start_ends.push_back(static_cast<std::uint32_t>(packed.starts.size()));
  }
  return packed;
}

RunProfile ProfileStore::unpack(const PackedProfile& packed) const {
  RunProfile profile;
  std::uint32_t begin = 0;
  for (const std::uint32_t end : packed.cpu_ends) {
    auto& notes = profile.cpus.emplace_back();
    notes.reserve(end - begin);
    for (; begin < end; ++begin) notes.push_back(notes_[packed.points[begin]]);
  }
  begin = 0;
  for (const std::uint32_t end : packed.start_ends) {
    profile.operation_starts.emplace_back(packed.starts.begin() + begin, packed.starts.begin() + end);
    begin = end;
  }
  return profile;
}

}  // namespace gridlock
