// Nobody can run, or nobody gets anywhere: what is held back is let go, virtual time moves, and what is left is proven
// by repetition. Nothing here is a timeout.
//
// A hang: each stuck cpu is run, alone, until it is stuck again. If after a round of this the whole state (every cpu's
// registers and stack, interrupt state, the target's memory) is one that an earlier round had, and no store in between
// changed a value, then every cpu's step is a self-loop and the run can never go on.
//
// A livelock: long after the last decision, under the default rule (kSoloPointsMax), the whole state recurs (Brent, "An
// improved Monte Carlo factorization algorithm", BIT 1980) through stores that change values; and again under a second
// order. Both are fair: a cycle in which a cpu that could run did not is no proof, and that cpu runs next. (The limit
// on running alone does not see to it: of two cpus that keep waking each other neither runs for long.)
//
// May include: base, model, hook, strategy.
#include <algorithm>

#include "engine/machine/machine_impl.h"
#include "engine/machine/run_limits.h"

namespace gridlock {

// On the host, when no cpu is runnable. True if the run goes on.
bool MachineImpl::settle() {
  if (end_all_deferrals()) return true;
  bool work_left = false;
  for (std::uint32_t i = 0; i < cpu_count_; ++i) {
    work_left |= cpus_[i]->activity == CpuActivity::kWaiting || cpus_[i]->activity == CpuActivity::kSpinning;
  }
  if (!work_left) {
    ended_ = true;
    end_ = RunEnd::kCompleted;
    return false;
  }
  if (advance_time()) return true;
  prove_self_loops();
  return !ended_;
}

bool MachineImpl::end_all_deferrals() {
  bool woke = false;
  for (std::uint32_t i = 0; i < cpu_count_; ++i) {
    Cpu& cpu = *cpus_[i];
    if (cpu.interrupts.end_deferrals()) wake_for_interrupt(cpu);
    woke |= order_.is_runnable(cpu.id);
  }
  return woke;
}

// Moves virtual time to the earliest end of a timed wait. False if nobody waits for time.
bool MachineImpl::advance_time() {
  Cpu* first = nullptr;
  for (std::uint32_t i = 0; i < cpu_count_; ++i) {
    Cpu& cpu = *cpus_[i];
    const WaitRecord* const wait = cpu.context().wait;
    if (cpu.activity != CpuActivity::kWaiting || wait == nullptr || !wait->timed) continue;
    if (first == nullptr || cpu.context().wait_deadline < first->context().wait_deadline) first = &cpu;
  }
  if (first == nullptr) return false;
  const std::uint64_t now = total_points_ + time_offset_;
  const std::uint64_t deadline = first->context().wait_deadline;
  if (deadline > now) time_offset_ += deadline - now;
  wake(*first);
  return true;
}

void MachineImpl::prove_self_loops() {
  Hash128 seen[kProbeRoundsMax + 1];
  std::uint32_t seen_count = 0;
  seen[seen_count++] = state_hash();
  changed_ = clock_read_ = false;
  for (std::uint32_t round = 0; round < kProbeRoundsMax; ++round) {
    const std::uint64_t taken_before = taken_;
    probe_round();
    if (ended_) return;
    const Hash128 state = state_hash();
    bool recurs = false;
    for (std::uint32_t i = 0; i < seen_count; ++i) recurs |= seen[i] == state;
    if (recurs && !changed_ && !clock_read_ && taken_ == taken_before) {
      ended_ = true;
      end_ = RunEnd::kSelfLoops;
      return;
    }
    if (recurs || changed_) break;  // something moves: the usual rule takes over
    seen[seen_count++] = state;
  }
  wake_everybody();
}

void MachineImpl::probe_round() {
  for (std::uint32_t i = 0; i < cpu_count_ && !ended_; ++i) {
    Cpu& cpu = *cpus_[i];
    if (cpu.activity != CpuActivity::kWaiting && cpu.activity != CpuActivity::kSpinning) continue;
    probing_ = true;
    wake(cpu);
    rebuild_watched();
    // The probed cpu may wake others; whoever is runnable then runs, as always.
    while (!ended_ && order_.highest() != RunOrder::kNobody) enter_from_host(*cpus_[order_.highest()]);
    probing_ = false;
  }
  if (!ended_) rebuild_watched();
}

// Ends a proof that came to nothing: every cpu that has work left looks for itself.
void MachineImpl::wake_everybody() {
  probing_ = false;
  changed_ = true;
  for (std::uint32_t i = 0; i < cpu_count_; ++i) {
    if (cpus_[i]->activity != CpuActivity::kIdle) wake(*cpus_[i]);
  }
}

// Not in it: counters, virtual time, what the strategy knows. How far the limits of timed waits are off is in it; a
// target that reads the clock itself is in no proof (clock_read_).
Hash128 MachineImpl::state_hash() const {
  Hasher hasher;
  order_.for_each([&](std::uint32_t cpu) { add_cpu_state(hasher, *cpus_[cpu]); });
  hasher.add_words(reinterpret_cast<const std::uint64_t*>(kArenaBase), memory_.used_bytes() / 8);
  for (const ProgramSection& section : program_sections_) {
    hasher.add_words(reinterpret_cast<const std::uint64_t*>(section.base), section.bytes / 8);
  }
  return hasher.finish();
}

void MachineImpl::add_cpu_state(Hasher& hasher, const Cpu& cpu) const {
  hasher.add((std::uint64_t{cpu.id} << 32) | (std::uint64_t{cpu.depth} << 8) |
             static_cast<std::uint64_t>(cpu.activity));
  cpu.interrupts.add_to(hasher);
  if (!cpu.started) return;
  for (std::uint32_t depth = 0; depth <= cpu.depth; ++depth) {
    const Context& context = cpu.contexts[depth];
    hasher.add((std::uint64_t{context.number} << 8) | static_cast<std::uint64_t>(context.kind));
    if (context.wait != nullptr && context.wait->timed) {
      hasher.add(context.wait_deadline - (total_points_ + time_offset_));
    }
    if (context.frame == nullptr) continue;
    const PointFrame& frame = *context.frame;
    hasher.add(frame.code);
    hasher.add(frame.address);
    for (const std::uint64_t operand : frame.operand) hasher.add(operand);
    for (const std::uint64_t saved : {frame.rbx, frame.r12, frame.r13, frame.r14, frame.r15, frame.hook_frame}) {
      hasher.add(saved);
    }
    const auto* const words = reinterpret_cast<const std::uint64_t*>(&frame + 1) + 1;
    hasher.add_words(words, (context.boundary - reinterpret_cast<std::uint64_t>(words)) / 8);
  }
}

// True if a cpu that could have run took no step since the cycle was armed: it is put before all others.
bool MachineImpl::lets_in_who_was_left_out() {
  for (std::uint32_t left_out = 0; left_out < cpu_count_; ++left_out) {
    if (!order_.is_runnable(left_out) || cpus_[left_out]->points != cycle_.points[left_out]) continue;
    for (std::uint32_t i = 0; i < cpu_count_; ++i) {
      if (i != left_out && (order_.listed() >> i & 1) != 0) order_.demote(i);
    }
    return true;
  }
  return false;
}

// On the cpu, at each of its points, long after the last decision. What a deferral holds back would still come, when
// its cpu has passed more points, which are in no state: it comes now, and the search begins anew.
void MachineImpl::look_for_cycle(Cpu& cpu, const PointFrame& frame) {
  const auto holds_back = [](const std::unique_ptr<Cpu>& other) {
    return other != nullptr && other->interrupts.any_deferral();
  };
  if (std::any_of(cpus_.begin(), cpus_.begin() + cpu_count_, holds_back)) {
    static_cast<void>(end_all_deferrals());
    livelock_from_ = total_points_ + kLivelockAfterPoints;
    cycle_ = {};
    return;
  }
  const std::uint64_t site = *(reinterpret_cast<const std::uint64_t*>(frame.hook_frame) + 1);
  const auto stack = reinterpret_cast<std::uint64_t>(&frame);
  // How far the turn of the cpu has come is a part of what happens next, unless it is the only one.
  const auto whole_state = [&] {
    Hasher hasher;
    const Hash128 state = state_hash();
    hasher.add(state.low);
    hasher.add(state.high);
    hasher.add(order_.is_alone(cpu.id) ? 0 : cpu.solo_points);
    return hasher.finish();
  };
  if (cycle_.armed && !clock_read_ && cycle_.cpu == cpu.id && cycle_.site == site && cycle_.stack == stack &&
      cycle_.state == whole_state()) {
    if (lets_in_who_was_left_out()) {
      note_at_point(cpu, StepKind::kPreempt);
      cycle_ = {};
      return;
    }
    if (!changed_) end_run(RunEnd::kSelfLoops);
    if (cycle_.second_order) end_run(RunEnd::kChangingCycle);
    cycle_ = {.second_order = true};
  }
  if (cycle_.armed && ++cycle_.length < cycle_.limit) return;
  cycle_.limit = cycle_.armed ? cycle_.limit * 2 : 64;
  cycle_.armed = true;
  cycle_.length = 0;
  cycle_.cpu = cpu.id;
  cycle_.site = site;
  cycle_.stack = stack;
  cycle_.state = whole_state();
  for (std::uint32_t i = 0; i < cpu_count_; ++i) cycle_.points[i] = cpus_[i]->points;
  changed_ = clock_read_ = false;
}

}  // namespace gridlock
