// The persisted names of the verdicts. May include: base.
#include "engine/model/verdict.h"

#include <array>

#include "engine/base/check.h"

namespace gridlock {
namespace {

// By value of VerdictKind.
constexpr std::array<std::string_view, 12> kNames = {
    "ok",        "deadlock",     "hang",  "livelock",   "invariant",    "assertion",
    "data-race", "memory-error", "crash", "lock-order", "inconclusive", "sanitizer-report",
};
static_assert(kNames.size() == static_cast<std::size_t>(VerdictKind::kSanitizerReport) + 1);

}  // namespace

std::string_view verdict_name(VerdictKind kind) {
  const auto index = static_cast<std::size_t>(kind);
  GRIDLOCK_CHECK(index < kNames.size());
  return kNames[index];
}

std::optional<VerdictKind> verdict_from_name(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<VerdictKind>(i);
  }
  return std::nullopt;
}

std::span<const std::string_view> verdict_names() {
  return kNames;
}

bool is_bug(VerdictKind kind) {
  return kind != VerdictKind::kOk && kind != VerdictKind::kInconclusive;
}

}  // namespace gridlock
