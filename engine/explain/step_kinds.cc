// The table, by StepKind; see step_kinds.h.
//
// May include: base, model.
#include "engine/explain/step_kinds.h"

#include <array>
#include <cstddef>

namespace gridlock {
namespace {

using K = StepKind;
using M = MemoryUse;
using E = Effect;

// clang-format off
constexpr std::array<KindTraits, static_cast<std::size_t>(K::kLockReleased) + 1> kTraits = {{
    {K::kLoad,            M::kRead,      true,  E::kNone,     "load"},
    {K::kStore,           M::kWrite,     true,  E::kNone,     "store"},
    {K::kExchange,        M::kReadWrite, true,  E::kNone,     "xchg"},
    {K::kFetchAdd,        M::kReadWrite, true,  E::kNone,     "fetch_add"},
    {K::kFetchSub,        M::kReadWrite, true,  E::kNone,     "fetch_sub"},
    {K::kFetchAnd,        M::kReadWrite, true,  E::kNone,     "fetch_and"},
    {K::kFetchOr,         M::kReadWrite, true,  E::kNone,     "fetch_or"},
    {K::kFetchXor,        M::kReadWrite, true,  E::kNone,     "fetch_xor"},
    {K::kFetchNand,       M::kReadWrite, true,  E::kNone,     "fetch_nand"},
    {K::kCompareExchange, M::kReadWrite, true,  E::kNone,     "cmpxchg"},
    {K::kVolatileRead,    M::kRead,      true,  E::kNone,     "read"},
    {K::kVolatileWrite,   M::kWrite,     true,  E::kNone,     "write"},
    {K::kPlainRead,       M::kRead,      true,  E::kNone,     "reads"},
    {K::kPlainWrite,      M::kWrite,     true,  E::kNone,     "writes"},
    {K::kRelax,           M::kNone,      true,  E::kNone,     "cpu_relax"},
    {K::kIrqEnable,       M::kNone,      true,  E::kNone,     "enables irqs"},
    {K::kWaitEnter,       M::kNone,      true,  E::kWait,     "begins to wait"},
    {K::kWaitInside,      M::kNone,      true,  E::kWait,     "not ready, sleeps"},
    {K::kIdle,            M::kNone,      true,  E::kIdle,     "idle"},
    {K::kFence,           M::kNone,      true,  E::kNone,     "{order} fence"},
    {K::kIrqDisable,      M::kNone,      true,  E::kNone,     "disables irqs"},
    {K::kIrqEnter,        M::kNone,      true,  E::kIrq,      "takes irq {vector}"},
    {K::kIrqExit,         M::kNone,      true,  E::kReturn,   "returns from irq {vector}"},
    {K::kSoftirqEnter,    M::kNone,      true,  E::kSoftirq,  "runs softirq {a}"},
    {K::kSoftirqExit,     M::kNone,      true,  E::kReturn,   "leaves softirq {a}"},
    {K::kSoftirqRaise,    M::kNone,      true,  E::kNone,     "raises softirq {a}"},
    {K::kIpiSend,         M::kNone,      true,  E::kNone,     "sends ipi {ipi} to cpu {a}"},
    {K::kIrqRaise,        M::kNone,      false, E::kNone,     "irq {vector} raised"},
    {K::kDefer,           M::kNone,      false, E::kNone,     "irq {vector} deferred by {b} points"},
    {K::kMigrateEnter,    M::kNone,      true,  E::kMigrate,  "told to migrate {entity} to cpu {b}"},
    {K::kMigrateExit,     M::kNone,      true,  E::kReturn,   "returns from the migration request"},
    {K::kDemote,          M::kNone,      false, E::kNone,     "demoted"},
    {K::kPreempt,         M::kNone,      false, E::kNone,     "gives way"},
    {K::kStuck,           M::kNone,      false, E::kStuck,    "stuck"},
    {K::kOperationBegin,  M::kNone,      true,  E::kBegin,    "begins {operation}"},
    {K::kOperationEnd,    M::kNone,      true,  E::kNone,     "ends {operation}"},
    {K::kWaitDone,        M::kNone,      true,  E::kWaitDone, "wait is over"},
    {K::kCpuCreate,       M::kNone,      true,  E::kNone,     "creates cpu {a}"},
    {K::kCpuEnd,          M::kNone,      true,  E::kEnd,      "ends its program"},
    {K::kFree,            M::kNone,      true,  E::kNone,     "frees {memory}"},
    {K::kWaitRead,        M::kRead,      true,  E::kNone,     "finds"},
    {K::kNote,            M::kNone,      false, E::kNone,     "note"},
    {K::kRacingAccess,    M::kNone,      true,  E::kNone,     "races: {access} of {memory}"},
    {K::kLockAcquired,    M::kNone,      true,  E::kNone,     "has {memory}"},
    {K::kLockReleased,    M::kNone,      true,  E::kNone,     "gives back {memory}"},
}};
// clang-format on

constexpr bool is_by_kind() {
  for (std::size_t i = 0; i < kTraits.size(); ++i) {
    if (static_cast<std::size_t>(kTraits[i].kind) != i) return false;
  }
  return true;
}
static_assert(is_by_kind());

}  // namespace

const KindTraits& traits_of(StepKind kind) {
  return kTraits.at(static_cast<std::size_t>(kind));
}

bool enters_handler(StepKind kind) {
  const Effect effect = traits_of(kind).effect;
  return effect == Effect::kIrq || effect == Effect::kSoftirq || effect == Effect::kMigrate;
}

bool leaves_handler(StepKind kind) {
  return traits_of(kind).effect == Effect::kReturn;
}

}  // namespace gridlock
