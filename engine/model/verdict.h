// How a run ended, and what makes two bad endings the same bug.
//
// Values only. May include: base.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gridlock {

// Persisted by name in repros and JSON; never rename.
enum class VerdictKind : std::uint8_t {
  kOk = 0,
  kDeadlock = 1,     // the state recurs and every cpu that has work left waits
  kHang = 2,         // the state recurs and every cpu's step is a self-loop, at least one of them spinning
  kLivelock = 3,     // the state recurs through stores that change values, under two fair orders
  kInvariant = 4,    // a registered invariant does not hold
  kAssertion = 5,    // the target said GL_ASSERT of something false
  kDataRace = 6,     // two accesses, one of them a write and one of them plain, that happens-before does not order
  kMemoryError = 7,  // an access to memory that is not the target's
  kCrash = 8,        // a fatal signal, a stack overflow
  kLockOrder = 9,
  kSanitizerReport = 11,  // a race that ThreadSanitizer reports and the exact judge cannot explain; to be looked at
  kInconclusive = 10,     // the point limit was reached with nothing proven; not a bug, and never silently dropped
};

// "ok", "deadlock", ... "data-race", ...
[[nodiscard]] std::string_view verdict_name(VerdictKind kind);
[[nodiscard]] std::optional<VerdictKind> verdict_from_name(std::string_view name);
// All names, by kind; for messages that list what is known.
[[nodiscard]] std::span<const std::string_view> verdict_names();

// True for every kind but kOk and kInconclusive.
[[nodiscard]] bool is_bug(VerdictKind kind);

struct Verdict {
  VerdictKind kind = VerdictKind::kOk;
  // What makes two findings the same bug: function names, never a schedule, an address, a cpu number or a line.
  // Empty for kOk and kInconclusive. One line, no spaces at the ends. Parts joined by " + " are one stuck cpu each,
  // sorted, without repetition; see judge/signature.h.
  std::string signature;
  std::string summary;  // one sentence for a person
  bool operator==(const Verdict&) const = default;
};

}  // namespace gridlock
