#include "engine/machine/arrival.h"

#include "engine/machine/access_kind.h"

namespace gridlock {

namespace {

__extension__ using Wide = unsigned __int128;

// The value of an unsigned type that lies at `address`.
template <typename T>
T read_memory(std::uint64_t address) {
  return *reinterpret_cast<const volatile T*>(address);
}

// The value that the access leaves in memory, where `before` was. Narrow operands may carry anything above their width;
// the conversion to T cuts it off.
template <typename T>
T value_after(StepKind kind, T before, T operand, T desired) {
  switch (kind) {
    case StepKind::kStore:
    case StepKind::kExchange:
      return operand;
    case StepKind::kFetchAdd:
      return static_cast<T>(before + operand);
    case StepKind::kFetchSub:
      return static_cast<T>(before - operand);
    case StepKind::kFetchAnd:
      return static_cast<T>(before & operand);
    case StepKind::kFetchOr:
      return static_cast<T>(before | operand);
    case StepKind::kFetchXor:
      return static_cast<T>(before ^ operand);
    case StepKind::kFetchNand:
      return static_cast<T>(~(before & operand));
    case StepKind::kCompareExchange:
      return before == operand ? desired : before;
    default:
      return before;
  }
}

// Operand `low` of an access, with its high half in operand `low` + 2 for 16 bytes.
template <typename T>
T operand_of(const PointFrame& frame, std::uint32_t low) {
  if constexpr (sizeof(T) == 16) {
    return T{frame.operand[low + 2]} << 64 | frame.operand[low];
  } else {
    return static_cast<T>(frame.operand[low]);
  }
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

// Operands in memory: [0] the value to store or to expect, [1] the desired one, [2] the size of each.
void describe_object(const PointFrame& frame, Arrival& arrival) {
  const std::uint64_t bytes = frame.operand[2];
  const bool compares = arrival.kind == StepKind::kCompareExchange;
  const bool replaces = compares ? same_bytes(arrival.address, frame.operand[0], bytes) : arrival.writes;
  const std::uint64_t desired = frame.operand[compares ? 1 : 0];
  arrival.before = first_bytes(arrival.address, bytes);
  arrival.after = replaces ? first_bytes(desired, bytes) : arrival.before;
  arrival.changes = replaces && !same_bytes(arrival.address, desired, bytes);
}

template <typename T>
void describe_word(const PointFrame& frame, Arrival& arrival) {
  const T before = read_memory<T>(frame.address);
  const T after = value_after<T>(arrival.kind, before, operand_of<T>(frame, 0), operand_of<T>(frame, 1));
  arrival.before = static_cast<std::uint64_t>(before);
  arrival.after = static_cast<std::uint64_t>(after);
  // What a volatile write will store is not known here.
  arrival.changes = arrival.writes && (after != before || arrival.kind == StepKind::kVolatileWrite);
}

}  // namespace

Arrival describe(const PointFrame& frame) {
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
  switch (arrival.width_bytes) {
    case 1:
      describe_word<std::uint8_t>(frame, arrival);
      break;
    case 2:
      describe_word<std::uint16_t>(frame, arrival);
      break;
    case 4:
      describe_word<std::uint32_t>(frame, arrival);
      break;
    case 8:
      describe_word<std::uint64_t>(frame, arrival);
      break;
    case 16:
      describe_word<Wide>(frame, arrival);
      break;
    default:
      break;
  }
  // Nor what a plain one will, of whatever size.
  arrival.changes |= arrival.kind == StepKind::kPlainWrite;
  return arrival;
}

}  // namespace gridlock
