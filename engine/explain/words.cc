// The words of a trace; see words.h.
//
// May include: base, model.
#include "engine/explain/words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace gridlock {
namespace {

// Above this a value is more likely a pointer or packed fields than a count.
constexpr std::uint64_t kDecimalMax = 9999;

// The library code around an atomic access, and the engine's around an operation, say nothing about the target.
bool is_library(const Frame& frame) {
  return frame.function.starts_with("std::") || frame.function.starts_with("__gnu_cxx::") ||
         frame.function.starts_with("gridlock::");
}

std::string transition(const char* verb, const std::string& memory, const Step& step) {
  return fmt::format("{} {} {} -> {}", verb, memory, value_text(step.before, step.width_bytes),
                     value_text(step.after, step.width_bytes));
}

std::string numbered(const std::vector<std::string>& names, std::uint32_t number, const char* word) {
  return number < names.size() ? names[number] : fmt::format("{} {}", word, number);
}

// Whether the kind accesses memory, and how.
enum class Access : std::uint8_t { kNone, kRead, kWrite, kReadWrite };

Access access_of(StepKind kind) {
  switch (kind) {
    case StepKind::kLoad:
    case StepKind::kVolatileRead:
      return Access::kRead;
    case StepKind::kStore:
    case StepKind::kVolatileWrite:
      return Access::kWrite;
    case StepKind::kExchange:
    case StepKind::kFetchAdd:
    case StepKind::kFetchSub:
    case StepKind::kFetchAnd:
    case StepKind::kFetchOr:
    case StepKind::kFetchXor:
    case StepKind::kFetchNand:
    case StepKind::kCompareExchange:
      return Access::kReadWrite;
    case StepKind::kRelax:
    case StepKind::kIrqEnable:
    case StepKind::kWaitEnter:
    case StepKind::kWaitInside:
    case StepKind::kIdle:
    case StepKind::kFence:
    case StepKind::kIrqDisable:
    case StepKind::kIrqEnter:
    case StepKind::kIrqExit:
    case StepKind::kSoftirqEnter:
    case StepKind::kSoftirqExit:
    case StepKind::kSoftirqRaise:
    case StepKind::kIpiSend:
    case StepKind::kIrqRaise:
    case StepKind::kDefer:
    case StepKind::kMigrateEnter:
    case StepKind::kMigrateExit:
    case StepKind::kDemote:
    case StepKind::kPreempt:
    case StepKind::kStuck:
    case StepKind::kWake:
    case StepKind::kOperationBegin:
    case StepKind::kOperationEnd:
    case StepKind::kWaitDone:
    case StepKind::kCpuCreate:
    case StepKind::kCpuEnd:
    case StepKind::kEnding:
    case StepKind::kNote:
    case StepKind::kRacingAccess:
      return Access::kNone;
  }
}

// The kernel's word for a read-modify-write. REQUIRES: Access::kReadWrite but not kCompareExchange.
const char* rmw_verb(StepKind kind) {
  if (kind == StepKind::kExchange) return "xchg";
  if (kind == StepKind::kFetchAdd) return "fetch_add";
  if (kind == StepKind::kFetchSub) return "fetch_sub";
  if (kind == StepKind::kFetchAnd) return "fetch_and";
  if (kind == StepKind::kFetchOr) return "fetch_or";
  return kind == StepKind::kFetchXor ? "fetch_xor" : "fetch_nand";
}

}  // namespace

std::string Place::text() const {
  if (function.empty() || file.empty()) return function;
  return fmt::format("{} ({}:{})", function, file, line);
}

std::string value_text(std::uint64_t value, std::uint8_t width_bytes) {
  if (width_bytes > 0 && width_bytes < 8) value &= (std::uint64_t{1} << (8 * width_bytes)) - 1;
  return value <= kDecimalMax ? fmt::format("{}", value) : fmt::format("0x{:x}", value);
}

bool reads_memory(const Step& step) {
  const Access access = access_of(step.kind);
  return !step.stack_address && (access == Access::kRead || access == Access::kReadWrite);
}

bool writes_memory(const Step& step) {
  const Access access = access_of(step.kind);
  return !step.stack_address && (access == Access::kWrite || access == Access::kReadWrite);
}

bool touches(const Step& step, std::uint64_t offset) {
  if (step.stack_address || access_of(step.kind) == Access::kNone) return false;
  return offset >= step.address && offset - step.address < std::max<std::uint64_t>(step.width_bytes, 1);
}

// The smallest named block around `offset`: a field rather than the structure it is in.
const NamedMemory* Words::named(std::uint64_t offset) const {
  if (input_.run->trace == nullptr) return nullptr;
  const NamedMemory* best = nullptr;
  for (const NamedMemory& name : input_.run->trace->names) {
    if (name.offset > offset) break;
    const bool inside = offset - name.offset < std::max<std::uint64_t>(name.size_bytes, 1);
    if (inside && (best == nullptr || name.size_bytes <= best->size_bytes)) best = &name;
  }
  return best;
}

bool Words::is_named(std::uint64_t offset) const {
  return named(offset) != nullptr;
}

std::string Words::memory(std::uint64_t offset) const {
  const NamedMemory* name = named(offset);
  if (name == nullptr) return fmt::format("arena+0x{:x}", offset);
  return offset == name->offset ? name->name : fmt::format("{}+{}", name->name, offset - name->offset);
}

std::string Words::memory_of(const Step& step) const {
  return step.stack_address ? "its stack" : memory(step.address);
}

std::string Words::vector(std::uint32_t number) const {
  return numbered(input_.schema->vectors, number, "vector");
}

std::string Words::vectors(std::uint64_t bits) const {
  std::vector<std::string> pending;
  for (std::uint32_t number = 0; number < 64; ++number) {
    if ((bits >> number & 1) != 0) pending.push_back(vector(number));
  }
  return fmt::format("{}", fmt::join(pending, ", "));
}

std::string Words::entity(std::uint32_t number) const {
  return numbered(input_.schema->entities, number, "entity");
}

std::string Words::call(const OperationCall& call) const {
  const std::uint32_t number = call.operation.value();
  if (number >= input_.schema->operations.size()) return fmt::format("operation {}", number);
  const OperationSchema& operation = input_.schema->operations[number];
  std::vector<std::string> arguments;
  for (std::size_t i = 0; i < operation.arguments.size() && i < call.arguments.size(); ++i) {
    arguments.push_back(fmt::format("{}={}", operation.arguments[i].name, call.arguments[i]));
  }
  return fmt::format("{}({})", operation.name, fmt::join(arguments, ", "));
}

std::string Words::directive(const Directive& directive) const {
  switch (directive.action) {
    case Action::kDemote:
      return "demote";
    case Action::kInterrupt:
      return "interrupt " + vector(directive.a);
    case Action::kDefer:
      return fmt::format("defer {} by {} points", vector(directive.a), directive.b);
    case Action::kMigrate:
      return fmt::format("migrate {} to cpu {}", entity(directive.a), directive.b);
    case Action::kStale:
      return fmt::format("stale {}", directive.a);
    case Action::kDelayStore:
      return fmt::format("delay-store {}", directive.a);
  }
}

std::string Words::context(const ContextView& context) const {
  switch (context.kind) {
    case ContextView::Kind::kTask:
      return "the task";
    case ContextView::Kind::kIrq:
      return "irq " + vector(context.number);
    case ContextView::Kind::kSoftirq:
      return fmt::format("softirq {}", context.number);
    case ContextView::Kind::kMigrate:
      return "migration request";
  }
}

std::string Words::operation(const Step& step) const {
  const auto& programs = input_.scenario->programs;
  if (step.cpu.value() < programs.size() && step.b < programs[step.cpu.value()].size()) {
    return call(programs[step.cpu.value()][step.b]);
  }
  return fmt::format("operation {}", step.a);
}

// REQUIRES: the kind accesses memory.
std::string Words::access(const Step& step) const {
  const std::string where = memory_of(step);
  const std::string value = value_text(step.after, step.width_bytes);
  switch (access_of(step.kind)) {
    case Access::kRead:
      return fmt::format("{} {} = {}", step.kind == StepKind::kLoad ? "load" : "read", where, value);
    case Access::kWrite:
      return transition(step.kind == StepKind::kStore ? "store" : "write", where, step);
    case Access::kReadWrite:
      if (step.kind != StepKind::kCompareExchange) return transition(rmw_verb(step.kind), where, step);
      if (!step.changed) return fmt::format("cmpxchg {} failed, is {}", where, value);
      return transition("cmpxchg", where, step) + " ok";
    case Access::kNone:
      return "";
  }
}

std::string Words::action(const Step& step) const {
  switch (step.kind) {
    case StepKind::kLoad:
    case StepKind::kStore:
    case StepKind::kExchange:
    case StepKind::kFetchAdd:
    case StepKind::kFetchSub:
    case StepKind::kFetchAnd:
    case StepKind::kFetchOr:
    case StepKind::kFetchXor:
    case StepKind::kFetchNand:
    case StepKind::kCompareExchange:
    case StepKind::kVolatileRead:
    case StepKind::kVolatileWrite:
      return access(step);
    case StepKind::kRelax:
      return "cpu_relax";
    case StepKind::kIrqEnable:
      return "enables irqs";
    case StepKind::kWaitEnter:
      return "begins to wait";
    case StepKind::kWaitInside:
      return "not ready, sleeps";
    case StepKind::kIdle:
      return "idle";
    case StepKind::kFence:
      return "fence";
    case StepKind::kIrqDisable:
      return "disables irqs";
    case StepKind::kIrqEnter:
      return "takes irq " + vector(step.a);
    case StepKind::kIrqExit:
      return "returns from irq " + vector(step.a);
    case StepKind::kSoftirqEnter:
      return fmt::format("runs softirq {}", step.a);
    case StepKind::kSoftirqExit:
      return fmt::format("leaves softirq {}", step.a);
    case StepKind::kSoftirqRaise:
      return fmt::format("raises softirq {}", step.a);
    case StepKind::kIpiSend:
      return fmt::format("sends ipi {} to cpu {}", vector(step.b), step.a);
    case StepKind::kIrqRaise:
      return fmt::format("irq {} raised", vector(step.a));
    case StepKind::kDefer:
      return fmt::format("irq {} deferred by {} points", vector(step.a), step.b);
    case StepKind::kMigrateEnter:
      return fmt::format("told to migrate {} to cpu {}", entity(step.a), step.b);
    case StepKind::kMigrateExit:
      return "returns from the migration request";
    case StepKind::kDemote:
      return "demoted";
    case StepKind::kPreempt:
      return "gives way";
    case StepKind::kStuck:
      return "stuck";
    case StepKind::kWake:
      return "can go on";
    case StepKind::kOperationBegin:
      return "begins " + operation(step);
    case StepKind::kOperationEnd:
      return "ends " + operation(step);
    case StepKind::kWaitDone:
      return "wait is over";
    case StepKind::kCpuCreate:
      return fmt::format("creates cpu {}", step.a);
    case StepKind::kCpuEnd:
      return "ends its program";
    case StepKind::kEnding:
      return "fair ending begins";
    case StepKind::kNote:
      return "note";
    case StepKind::kRacingAccess:
      return "racing access";
  }
}

std::vector<Place> Words::places(std::span<const Site> frames) const {
  std::vector<Place> places;
  for (const Site site : frames) {
    if (site == 0) break;
    for (const Frame& frame : input_.names->frames_at(site)) {
      if (!is_library(frame)) places.push_back({frame.function, frame.file, frame.line});
    }
  }
  return places;
}

Place Words::place(std::span<const Site> frames) const {
  const std::vector<Place> all = places(frames);
  return all.empty() ? Place{} : all.front();
}

}  // namespace gridlock
