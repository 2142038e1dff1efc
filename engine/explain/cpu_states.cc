// States by step; see cpu_states.h.
//
// May include: base, model.
#include "engine/explain/cpu_states.h"

#include <fmt/format.h>

#include "engine/explain/step_kinds.h"

namespace gridlock {

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
  const KindTraits& traits = traits_of(step.kind);
  State& state = cpus_[step.cpu.value()];
  if (traits.is_own_act) act(step.cpu);
  if (reads_memory(step) && !step.changed) state.last_read = words_.memory_of(step);
  switch (traits.effect) {
    case Effect::kNone:
      break;
    case Effect::kIrq:
      state.contexts.push_back({"irq " + words_.vector(step.a), false});
      break;
    case Effect::kSoftirq:
      state.contexts.push_back({fmt::format("softirq {}", step.a), false});
      break;
    case Effect::kMigrate:
      state.contexts.push_back({"migrate", false});
      break;
    case Effect::kReturn:
      leave(state);
      break;
    case Effect::kWait:
      state.contexts.back().waits = true;
      break;
    case Effect::kWaitDone:
      state.contexts.back().waits = false;
      break;
    case Effect::kBegin:
      state.contexts.assign(1, Context{});
      state.program_done = false;
      break;
    case Effect::kStuck:
      state.activity = Activity::kSpin;
      state.stuck = true;
      // The machine looks at a call before it sleeps for the first time.
      state.contexts.back().waits = state.contexts.back().waits || !words_.library_call(step.call).empty();
      break;
    case Effect::kIdle:
      state.activity = Activity::kIdle;
      state.program_done = true;
      break;
    case Effect::kEnd:
      state.activity = Activity::kEnd;
      state.program_done = true;
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
