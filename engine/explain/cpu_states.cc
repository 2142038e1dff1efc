// States by step; see cpu_states.h.
//
// May include: base, model.
#include "engine/explain/cpu_states.h"

#include <fmt/format.h>

namespace gridlock {

bool is_own_act(StepKind kind) {
  switch (kind) {
    case StepKind::kIrqRaise:
    case StepKind::kDefer:
    case StepKind::kDemote:
    case StepKind::kPreempt:
    case StepKind::kStuck:
    case StepKind::kWake:
    case StepKind::kEnding:
    case StepKind::kNote:
      return false;
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
    case StepKind::kMigrateEnter:
    case StepKind::kMigrateExit:
    case StepKind::kOperationBegin:
    case StepKind::kOperationEnd:
    case StepKind::kWaitDone:
    case StepKind::kCpuCreate:
    case StepKind::kCpuEnd:
    case StepKind::kRacingAccess:
      return true;
  }
}

// One cpu acts at a time: who ran before is ready from here on.
void CpuStates::act(CpuId cpu) {
  for (State& other : cpus_) {
    if (other.activity == Activity::kRun) other.activity = Activity::kReady;
  }
  cpus_[cpu.value()].activity = Activity::kRun;
  cpus_[cpu.value()].stuck = false;
}

void CpuStates::leave(State& state) {
  if (state.contexts.size() > 1) state.contexts.pop_back();
}

void CpuStates::apply(const Step& step) {
  State& state = cpus_[step.cpu.value()];
  if (is_own_act(step.kind)) act(step.cpu);
  if (reads_memory(step) && !step.changed) state.last_read = words_.memory_of(step);
  switch (step.kind) {
    case StepKind::kIrqEnter:
      state.contexts.push_back({"irq " + words_.vector(step.a), false});
      break;
    case StepKind::kSoftirqEnter:
      state.contexts.push_back({fmt::format("softirq {}", step.a), false});
      break;
    case StepKind::kMigrateEnter:
      state.contexts.push_back({"migrate", false});
      break;
    case StepKind::kIrqExit:
    case StepKind::kSoftirqExit:
    case StepKind::kMigrateExit:
      leave(state);
      break;
    case StepKind::kWaitEnter:
    case StepKind::kWaitInside:
      state.contexts.back().waits = true;
      break;
    case StepKind::kWaitDone:
      state.contexts.back().waits = false;
      break;
    case StepKind::kOperationBegin:
      state.contexts.assign(1, Context{});
      state.program_done = false;
      break;
    case StepKind::kStuck:
      state.activity = Activity::kSpin;
      state.stuck = true;
      break;
    case StepKind::kWake:
      state.activity = Activity::kReady;
      break;
    case StepKind::kIdle:
      state.activity = Activity::kIdle;
      state.program_done = true;
      break;
    case StepKind::kCpuEnd:
      state.activity = Activity::kEnd;
      state.program_done = true;
      break;
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
    case StepKind::kRelax:
    case StepKind::kIrqEnable:
    case StepKind::kFence:
    case StepKind::kIrqDisable:
    case StepKind::kRacingAccess:
    case StepKind::kSoftirqRaise:
    case StepKind::kIpiSend:
    case StepKind::kIrqRaise:
    case StepKind::kDefer:
    case StepKind::kDemote:
    case StepKind::kPreempt:
    case StepKind::kOperationEnd:
    case StepKind::kCpuCreate:
    case StepKind::kEnding:
    case StepKind::kNote:
      break;
  }
}

void CpuStates::set_spinning(CpuId cpu) {
  cpus_[cpu.value()].activity = Activity::kSpin;
}

bool CpuStates::waits(CpuId cpu) const {
  return cpus_[cpu.value()].contexts.back().waits;
}

std::string CpuStates::text(CpuId cpu) const {
  const State& state = cpus_[cpu.value()];
  if (state.activity == Activity::kEnd) return "end";
  if (waits(cpu)) return "wait";
  if (state.program_done && state.contexts.size() == 1) return "idle";
  switch (state.activity) {
    case Activity::kNew:
      return "-";
    case Activity::kReady:
      return "ready";
    case Activity::kRun:
      return state.contexts.back().name.empty() ? "run" : state.contexts.back().name;
    case Activity::kSpin:
      return state.last_read.empty() ? "spin" : "spin " + state.last_read;
    case Activity::kIdle:
      return "idle";
    case Activity::kEnd:
      return "end";
  }
}

std::vector<std::string> CpuStates::texts() const {
  std::vector<std::string> all;
  all.reserve(cpus_.size());
  for (std::uint32_t cpu = 0; cpu < cpus_.size(); ++cpu) all.push_back(text(CpuId(cpu)));
  return all;
}

}  // namespace gridlock
