// The words of a trace; see words.h.
//
// May include: base, model.
#include "engine/explain/words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

#include "engine/explain/step_kinds.h"

namespace gridlock {
namespace {

// Above this a value is more likely a pointer or packed fields than a count.
constexpr std::uint64_t kDecimalMax = 9999;

// The library code around an atomic access, and the engine's around an operation, say nothing about the target.
bool is_library(const Frame& frame) {
  return frame.function.starts_with("std::") || frame.function.starts_with("__gnu_cxx::") ||
         frame.function.starts_with("gridlock::") || frame.function.starts_with(kWrapperPrefix);
}

std::string transition(const char* verb, const std::string& memory, const Step& step) {
  return fmt::format("{} {} {} -> {}", verb, memory, value_text(step.before, step.width_bytes),
                     value_text(step.after, step.width_bytes));
}

std::string numbered(const std::vector<std::string>& names, std::uint32_t number, const char* word) {
  return number < names.size() ? names[number] : fmt::format("{} {}", word, number);
}

MemoryUse use_of(const Step& step) {
  return traits_of(step.kind).memory;
}

// By the number that a racing access has in a trace.
const char* racing_access_name(std::uint32_t number) {
  static constexpr const char* kNames[] = {"plain read", "plain write", "atomic read", "atomic write"};
  return number < std::size(kNames) ? kNames[number] : "access";
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

const char* order_name(std::uint8_t order) {
  static constexpr const char* kNames[] = {"relaxed", "consume", "acquire", "release", "acq_rel", "seq_cst"};
  return order < std::size(kNames) ? kNames[order] : "unordered";
}

bool reads_memory(const Step& step) {
  return !step.stack_address && (use_of(step) == MemoryUse::kRead || use_of(step) == MemoryUse::kReadWrite);
}

bool writes_memory(const Step& step) {
  return !step.stack_address && (use_of(step) == MemoryUse::kWrite || use_of(step) == MemoryUse::kReadWrite);
}

bool touches(const Step& step, std::uint64_t offset) {
  if (step.stack_address || use_of(step) == MemoryUse::kNone) return false;
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
  const NamedMemory* const name = named(offset);
  return name != nullptr && !name->name.empty();
}

bool Words::is_engines(std::uint64_t offset) const {
  const NamedMemory* const name = named(offset);
  return name != nullptr && name->name.empty();
}

std::string Words::memory(std::uint64_t offset) const {
  const NamedMemory* name = named(offset);
  if (name == nullptr || name->name.empty()) return fmt::format("arena+0x{:x}", offset);
  return offset == name->offset ? name->name : fmt::format("{}+{}", name->name, offset - name->offset);
}

std::string Words::block(std::uint64_t offset, std::uint64_t bytes) const {
  if (input_.run->trace == nullptr) return "";
  for (const NamedMemory& name : input_.run->trace->names) {
    if (name.offset == offset && name.size_bytes >= bytes) return name.name;
  }
  return "";
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

// REQUIRES: the kind uses memory.
std::string Words::access(const Step& step) const {
  const char* const verb = traits_of(step.kind).words;
  const std::string where = memory_of(step);
  const std::string value = value_text(step.after, step.width_bytes);
  if (use_of(step) == MemoryUse::kRead) return fmt::format("{} {} = {}", verb, where, value);
  // What it stores is not known at its point.
  if (step.kind == StepKind::kPlainWrite) return fmt::format("{} {}", verb, where);
  if (step.kind != StepKind::kCompareExchange) return transition(verb, where, step);
  if (!step.changed) return fmt::format("{} {} failed, is {}", verb, where, value);
  return transition(verb, where, step) + " ok";
}

std::string Words::library_call(Site call) const {
  return input_.names->library_call_at(call);
}

std::string Words::waiting_call(const CpuView& cpu) const {
  const bool waits = cpu.activity == CpuActivity::kWaiting && !cpu.contexts.empty();
  return waits ? library_call(cpu.contexts.back().call) : "";
}

// "sem_wait(slots = 0)"; of memory that is the engine's nothing is said.
std::string Words::call_action(const std::string& call, const Step& step) const {
  if (step.kind == StepKind::kWaitInside) return "sleeps in " + call;
  const bool is_about_nothing = !step.stack_address && is_engines(step.address);
  std::string object = is_about_nothing ? "" : memory_of(step);
  if (call.starts_with("sem_")) object += " = " + value_text(step.before, step.width_bytes);
  const bool is_in_vain = step.kind == StepKind::kCompareExchange && !step.changed;
  return fmt::format("{}({}){}", call, object, is_in_vain ? " finds it taken" : "");
}

std::string Words::action(const Step& step) const {
  const KindTraits& traits = traits_of(step.kind);
  if (step.of_call || step.kind == StepKind::kWaitInside) {
    if (const std::string call = library_call(step.call); !call.empty()) return call_action(call, step);
  }
  if (traits.memory != MemoryUse::kNone) return access(step);
  return fmt::format(fmt::runtime(traits.words), fmt::arg("a", step.a), fmt::arg("b", step.b),
                     fmt::arg("vector", vector(step.a)), fmt::arg("ipi", vector(step.b)),
                     fmt::arg("entity", entity(step.a)), fmt::arg("operation", operation(step)),
                     fmt::arg("memory", memory_of(step)), fmt::arg("order", order_name(step.order)),
                     fmt::arg("access", racing_access_name(step.b)));
}

std::string Words::ordered_action(const Step& step) const {
  const bool is_volatile = step.kind == StepKind::kVolatileRead || step.kind == StepKind::kVolatileWrite;
  const bool is_plain = step.kind == StepKind::kPlainRead || step.kind == StepKind::kPlainWrite;
  if (use_of(step) == MemoryUse::kNone || is_plain || step.of_call) return action(step);
  return fmt::format("{} ({})", action(step), is_volatile ? "volatile" : order_name(step.order));
}

std::string Words::at(const Step& step) const {
  const std::string where = place(step.frames).text();
  return where.empty() ? "" : " in " + where;
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
