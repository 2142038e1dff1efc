// See order_log.h. May include: base, model.
#include "engine/threads/order_log.h"

#include <algorithm>
#include <tuple>

namespace gridlock {
namespace {

struct Entry {
  std::uint64_t time = 0;
  std::size_t place = 0;  // among the cpu's own points, which stay in their order whatever the stamps say
  RecordedPoint point;
};

// True if the last `period` entries are the same accesses as the `period` before them, `rounds` times over.
bool ends_in_rounds(const std::vector<Entry>& entries, std::size_t period, std::size_t rounds) {
  const std::size_t needed = period * (rounds + 1);
  if (entries.size() < needed) return false;
  for (std::size_t i = entries.size() - needed + period; i < entries.size(); ++i) {
    if (entries[i].point != entries[i - period].point) return false;
  }
  return true;
}

std::vector<Entry> without_spins(std::uint32_t cpu, std::span<const OrderLog::Record> records) {
  std::vector<Entry> kept;
  for (const OrderLog::Record& record : records) {
    kept.push_back({record.time, 0, {CpuId(cpu), record.address, record.is_write}});
    for (std::size_t period = 1; period <= kSpinPeriodMax; ++period) {
      if (!ends_in_rounds(kept, period, kSpinRoundsKept)) continue;
      kept.resize(kept.size() - period);
      break;
    }
  }
  for (std::size_t i = 0; i < kept.size(); ++i) {
    kept[i].place = i;
    if (i > 0) kept[i].time = std::max(kept[i].time, kept[i - 1].time);
  }
  return kept;
}

}  // namespace

RecordedOrder merge(std::span<const OrderLog* const> logs) {
  std::vector<Entry> all;
  for (std::uint32_t cpu = 0; cpu < logs.size(); ++cpu) {
    const auto own = without_spins(cpu, logs[cpu]->records());
    all.insert(all.end(), own.begin(), own.end());
  }
  std::ranges::sort(all, {},
                    [](const Entry& entry) { return std::tuple(entry.time, entry.point.cpu.value(), entry.place); });
  RecordedOrder order;
  order.reserve(all.size());
  for (const Entry& entry : all) order.push_back(entry.point);
  return order;
}

}  // namespace gridlock
