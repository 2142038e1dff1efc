// See clock_pool.h. May include: base.
#include "engine/judge/race/clock_pool.h"

#include "engine/base/check.h"

namespace gridlock::race {

Result<void> ClockPool::map() {
  return groups_memory_.map(kGroupEntries * kGroupsMax);
}

void ClockPool::add_group() {
  GRIDLOCK_CHECK(groups_ < kGroupsMax);
  std::uint32_t* const entries = group(groups_++);
  for (std::size_t i = 0; i < std::size_t{used_} * kGroupStrands; ++i) entries[i] = 0;
}

}  // namespace gridlock::race
