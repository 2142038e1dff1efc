// What the access at a point is about to do: its kind, whether it reads and writes, and the values before and after,
// from the operands that the hook left in the registers.
//
// May include: base, model.
#include "engine/machine/machine_impl.h"

namespace gridlock {

namespace {

__extension__ using Wide = unsigned __int128;

Wide read_memory(std::uint64_t address, std::uint32_t width_bytes) {
  switch (width_bytes) {
    case 1:
      return *reinterpret_cast<const volatile std::uint8_t*>(address);
    case 2:
      return *reinterpret_cast<const volatile std::uint16_t*>(address);
    case 4:
      return *reinterpret_cast<const volatile std::uint32_t*>(address);
    case 8:
      return *reinterpret_cast<const volatile std::uint64_t*>(address);
    case 16:
      return *reinterpret_cast<const volatile Wide*>(address);
    default:
      return 0;
  }
}

constexpr Wide truncate(Wide value, std::uint32_t width_bytes) {
  return width_bytes >= 16 ? value : value & ((Wide{1} << (width_bytes * 8)) - 1);
}

constexpr Wide join(std::uint64_t low, std::uint64_t high) {
  return Wide{high} << 64 | low;
}

// The value that the access leaves in memory.
Wide value_after(StepKind kind, const PointFrame& frame, std::uint32_t width_bytes, Wide before) {
  const Wide operand = join(frame.operand[0], frame.operand[2]);
  switch (kind) {
    case StepKind::kStore:
    case StepKind::kExchange:
      return truncate(operand, width_bytes);
    case StepKind::kFetchAdd:
      return truncate(before + operand, width_bytes);
    case StepKind::kFetchSub:
      return truncate(before - operand, width_bytes);
    case StepKind::kFetchAnd:
      return before & operand;
    case StepKind::kFetchOr:
      return truncate(before | operand, width_bytes);
    case StepKind::kFetchXor:
      return truncate(before ^ operand, width_bytes);
    case StepKind::kFetchNand:
      return truncate(~(before & operand), width_bytes);
    case StepKind::kCompareExchange:
      return before == truncate(operand, width_bytes) ? truncate(join(frame.operand[1], frame.operand[3]), width_bytes)
                                                      : before;
    default:
      return before;
  }
}

constexpr bool kind_writes(StepKind kind) {
  return (kind >= StepKind::kStore && kind <= StepKind::kCompareExchange) || kind == StepKind::kVolatileWrite;
}

constexpr bool kind_reads(StepKind kind) {
  return kind == StepKind::kLoad || kind == StepKind::kVolatileRead ||
         (kind >= StepKind::kExchange && kind <= StepKind::kCompareExchange);
}

bool same_bytes(std::uint64_t left, std::uint64_t right, std::uint64_t bytes) {
  const auto* const a = reinterpret_cast<const volatile std::uint8_t*>(left);
  const auto* const b = reinterpret_cast<const volatile std::uint8_t*>(right);
  std::uint64_t same = 0;
  while (same < bytes && a[same] == b[same]) ++same;
  return same == bytes;
}

// The first eight bytes, or as many as there are: they stand for the object in a trace.
std::uint64_t first_bytes(std::uint64_t address, std::uint64_t bytes) {
  const auto* const data = reinterpret_cast<const volatile std::uint8_t*>(address);
  std::uint64_t value = 0;
  for (std::uint32_t at = 0; at < bytes && at < 8; ++at) value |= std::uint64_t{data[at]} << (at * 8);
  return value;
}

}  // namespace

// Operands in memory: [0] the value to store or to expect, [1] the desired one, [2] the size of each.
void MachineImpl::describe_object(const PointFrame& frame, Arrival& arrival) {
  const std::uint64_t bytes = frame.operand[2];
  const bool compares = arrival.kind == StepKind::kCompareExchange;
  const bool replaces = compares ? same_bytes(arrival.address, frame.operand[0], bytes) : arrival.writes;
  const std::uint64_t desired = frame.operand[compares ? 1 : 0];
  arrival.before = first_bytes(arrival.address, bytes);
  arrival.after = replaces ? first_bytes(desired, bytes) : arrival.before;
  arrival.changes = replaces && !same_bytes(arrival.address, desired, bytes);
}

MachineImpl::Arrival MachineImpl::describe(const PointFrame& frame) {
  const auto code = static_cast<PointCode>(frame.code);
  Arrival arrival{};
  arrival.kind = point_kind(code);
  arrival.width_bytes = point_width_bytes(code);
  arrival.address = frame.address;
  arrival.reads = kind_reads(arrival.kind);
  arrival.writes = kind_writes(arrival.kind);
  if (frame.address == 0) return arrival;
  if ((code & kOperandsInMemory) != 0) {
    describe_object(frame, arrival);
    return arrival;
  }
  const Wide before = read_memory(frame.address, arrival.width_bytes);
  const Wide after = value_after(arrival.kind, frame, arrival.width_bytes, before);
  arrival.before = static_cast<std::uint64_t>(before);
  arrival.after = static_cast<std::uint64_t>(after);
  // What a volatile write will store is not known here.
  arrival.changes = arrival.writes && (after != before || arrival.kind == StepKind::kVolatileWrite);
  return arrival;
}

}  // namespace gridlock
