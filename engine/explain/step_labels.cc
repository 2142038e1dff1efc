// See step_labels.h. May include: base, model.
#include "engine/explain/step_labels.h"

#include <fmt/format.h>

#include <array>

namespace gridlock {
namespace {

using K = StepKind;
using L = StepLabel;

struct Label {
  StepLabel label;
  const char* name;
};
// clang-format off
constexpr std::array<Label, static_cast<std::size_t>(L::kFold) + 1> kLabels = {{
    {L::kLoad, "load"}, {L::kStore, "store"}, {L::kRmw, "rmw"}, {L::kCas, "cas"}, {L::kFence, "fence"},
    {L::kSpin, "spin"}, {L::kWaitBegin, "wait-begin"}, {L::kWait, "wait"}, {L::kWaitEnd, "wait-end"},
    {L::kIrqEnter, "irq-enter"}, {L::kIrqExit, "irq-exit"}, {L::kIrqRaise, "irq-raise"}, {L::kIrqDefer, "irq-defer"},
    {L::kIrqDisable, "irq-disable"}, {L::kIrqEnable, "irq-enable"}, {L::kSoftirqEnter, "softirq-enter"},
    {L::kSoftirqExit, "softirq-exit"}, {L::kSoftirqRaise, "softirq-raise"}, {L::kIpi, "ipi"},
    {L::kMigrate, "migrate"}, {L::kMigrateEnd, "migrate-end"}, {L::kDemote, "demote"}, {L::kPreempt, "preempt"},
    {L::kStuck, "stuck"}, {L::kOpBegin, "op-begin"}, {L::kOpEnd, "op-end"}, {L::kIdle, "idle"},
    {L::kCpuCreate, "cpu-create"}, {L::kCpuEnd, "cpu-end"}, {L::kFree, "free"}, {L::kRace, "race"},
    {L::kLock, "lock"}, {L::kUnlock, "unlock"}, {L::kNote, "note"}, {L::kFold, "fold"},
}};
// clang-format on

constexpr bool is_by_label() {
  for (std::size_t i = 0; i < kLabels.size(); ++i) {
    if (static_cast<std::size_t>(kLabels[i].label) != i) return false;
  }
  return true;
}
static_assert(is_by_label());

}  // namespace

StepLabel label_of(StepKind kind) {
  switch (kind) {
    case K::kLoad:
    case K::kVolatileRead:
    case K::kPlainRead:
    case K::kWaitRead:
      return L::kLoad;
    case K::kStore:
    case K::kVolatileWrite:
    case K::kPlainWrite:
      return L::kStore;
    case K::kExchange:
    case K::kFetchAdd:
    case K::kFetchSub:
    case K::kFetchAnd:
    case K::kFetchOr:
    case K::kFetchXor:
    case K::kFetchNand:
      return L::kRmw;
    case K::kCompareExchange:
      return L::kCas;
    case K::kFence:
      return L::kFence;
    case K::kRelax:
      return L::kSpin;
    case K::kWaitEnter:
      return L::kWaitBegin;
    case K::kWaitInside:
      return L::kWait;
    case K::kWaitDone:
      return L::kWaitEnd;
    case K::kIrqEnter:
      return L::kIrqEnter;
    case K::kIrqExit:
      return L::kIrqExit;
    case K::kIrqRaise:
      return L::kIrqRaise;
    case K::kDefer:
      return L::kIrqDefer;
    case K::kIrqDisable:
      return L::kIrqDisable;
    case K::kIrqEnable:
      return L::kIrqEnable;
    case K::kSoftirqEnter:
      return L::kSoftirqEnter;
    case K::kSoftirqExit:
      return L::kSoftirqExit;
    case K::kSoftirqRaise:
      return L::kSoftirqRaise;
    case K::kIpiSend:
      return L::kIpi;
    case K::kMigrateEnter:
      return L::kMigrate;
    case K::kMigrateExit:
      return L::kMigrateEnd;
    case K::kDemote:
      return L::kDemote;
    case K::kPreempt:
      return L::kPreempt;
    case K::kStuck:
      return L::kStuck;
    case K::kOperationBegin:
      return L::kOpBegin;
    case K::kOperationEnd:
      return L::kOpEnd;
    case K::kIdle:
      return L::kIdle;
    case K::kCpuCreate:
      return L::kCpuCreate;
    case K::kCpuEnd:
      return L::kCpuEnd;
    case K::kFree:
      return L::kFree;
    case K::kRacingAccess:
      return L::kRace;
    case K::kLockAcquired:
      return L::kLock;
    case K::kLockReleased:
      return L::kUnlock;
    case K::kNote:
      return L::kNote;
  }
}

const char* step_label_name(StepLabel label) {
  return kLabels.at(static_cast<std::size_t>(label)).name;
}

const char* decision_name(Action action) {
  switch (action) {
    case Action::kDemote:
      return "preemption";
    case Action::kInterrupt:
      return "interrupt";
    case Action::kDefer:
      return "deferral";
    case Action::kMigrate:
      return "migration";
    case Action::kStale:
    case Action::kDelayStore:
      return "reserved";
  }
}

std::string decision_text(const Directive& directive, const Words& words) {
  const std::uint32_t cpu = directive.cpu.value();
  switch (directive.action) {
    case Action::kDemote:
      return fmt::format("cpu{} goes to the back", cpu);
    case Action::kInterrupt:
      return fmt::format("irq {} is raised on cpu{}", words.vector(directive.a), cpu);
    case Action::kDefer:
      return fmt::format("irq {} of cpu{} waits for {} more points", words.vector(directive.a), cpu, directive.b);
    case Action::kMigrate:
      return fmt::format("{} is told to go from cpu{} to cpu{}", words.entity(directive.a), cpu, directive.b);
    case Action::kStale:
    case Action::kDelayStore:
      return words.directive(directive);
  }
}

}  // namespace gridlock
