// What happens at a point that the countdown did not let through: the strategy's decisions, interrupts, sleeping,
// spins, switches; then the countdown is set anew. All of this runs on the cpu.
//
// May include: base, model, hook, strategy.
#include <algorithm>

#include "engine/base/check.h"
#include "engine/machine/access_kind.h"
#include "engine/machine/machine_impl.h"
#include "engine/machine/parallel_cpu.h"
#include "engine/machine/run_limits.h"

namespace gridlock {

extern "C" void gridlock_point_taken(PointFrame* frame) {
  if (MachineImpl* const machine = MachineImpl::current()) {
    machine->point(frame);
  } else if (ParallelCpu* const cpu = parallel_cpu()) {
    cpu->point(frame);
  } else {
    current_gate->countdown = INT32_MAX;
  }
}

void note_fence(std::uint32_t order, const void* hook_frame) {
  if (MachineImpl* const machine = MachineImpl::current()) machine->note(StepKind::kFence, order, 0, hook_frame);
}

void MachineImpl::point(PointFrame* frame) {
  switch (mode_) {
    case Mode::kHost:
      countdown = armed_ = INT32_MAX;
      return;
    case Mode::kWatching:
      countdown = 0;
      if (frame->address != 0) running_->watches.add(frame->address);
      if (frame->address != 0 && options_.trace) note_condition_read(*frame);
      return;
    case Mode::kRun:
      break;
  }
  const Work work(*this);
  account();
  Cpu& cpu = *running_;
  cpu.context().frame = frame;
  const PointIndex index(cpu.points);  // handlers over this point count on
  const bool writes = kind_writes(point_kind(static_cast<PointCode>(frame->code)));
  pending_[cpu.id] = {.address = frame->address, .is_write = writes, .site = site_of_point(*frame)};
  if (options_.profile) record_in_profile(cpu, *frame);
  pass(cpu, *frame);
  if (writes || options_.trace) {
    // What the access does is asked only here: others may have run since the cpu arrived.
    const Arrival departure = describe(*frame);
    if (options_.trace) record_point(cpu, index, departure);
    if (writes) note_write(departure);
  }
  arm();
}

// Adds the points that were taken since the countdown was set to the counters they belong to.
void MachineImpl::account() {
  const auto taken = static_cast<std::uint32_t>(armed_ - countdown);
  armed_ = countdown;
  running_->points += taken;
  running_->solo_points += taken;
  total_points_ += taken;
}

// Sets the countdown to the nearest point at which anything could have to be done.
void MachineImpl::arm() {
  if (watched_stale_) rebuild_watched();
  // Proofs must see every write.
  if (probing_ || total_points_ >= livelock_from_) watched = ~std::uint64_t{0};
  countdown = armed_ = points_to_next_look(*running_);
}

// At least 1. A limit that is reached stops at the next point.
std::int32_t MachineImpl::points_to_next_look(Cpu& cpu) {
  if (looks_at_every_point_ || race_seen_ || cpu.observation.active() || cpu.interrupts.deliverable() ||
      order_.highest() != cpu.id) {
    return 1;
  }
  // All limits are counts of points, of this run, of this turn or of this cpu; the first one is never far.
  static_assert(kLivelockAfterPoints <= INT32_MAX);
  auto points = static_cast<std::int64_t>(std::min(options_.points_max, livelock_from_) - total_points_);
  const std::uint32_t turn = std::min(solo_points_max(), cpu.observe_at);
  points = std::min(points, std::int64_t{turn} - cpu.solo_points);
  points = std::min(points, std::int64_t{cpu.quiet_until} + 1 - cpu.points);
  if (cpu.interrupts.any_deferral())
    points = std::min(points, std::int64_t{cpu.interrupts.expire_deferrals(cpu.points)});
  return static_cast<std::int32_t>(std::max(points, std::int64_t{1}));
}

// An event at the point where `cpu` stands, for the trace.
void MachineImpl::note_at_point(const Cpu& cpu, StepKind kind, std::uint32_t a, std::uint32_t b) {
  if (!options_.trace) return;
  const PointFrame& frame = *cpu.contexts[cpu.depth].frame;
  // The idle loop is the engine's own.
  const bool idles = point_kind(static_cast<PointCode>(frame.code)) == StepKind::kIdle;
  if (idles) return record_event(cpu, kind, a, b, nullptr);
  record_event(cpu, kind, a, b, reinterpret_cast<const void*>(frame.hook_frame), site_of(hook_code_at(frame)));
}

// Of the accesses, those that synchronise by a call say so.
bool MachineImpl::is_asked_about(PointCode code) const {
  return options_.points != PointSet::kSync || (code & kOfCall) != 0 || !kind_accesses(point_kind(code));
}

// Returns when the cpu may go on past this point. The order matters: everything that could give the thread away without
// a decision comes before the strategy is asked, and once it has let the cpu pass it is not asked again about this
// point. So the directives of one (cpu, point) are always applied in one go, and a record of them replays exactly.
void MachineImpl::pass(Cpu& cpu, PointFrame& frame) {
  const StepKind kind = point_kind(static_cast<PointCode>(frame.code));
  const bool is_asked = is_asked_about(static_cast<PointCode>(frame.code));
  bool ask = is_asked && cpu.points > cpu.quiet_until;
  bool decided = false;  // the strategy has let the cpu pass, or had said that it would
  bool look = true;      // for a spin, once each time the cpu comes here
  bool slept = false;
  if (checks_at_points_) check_invariants_at_point();
  if (total_points_ >= livelock_from_) look_for_cycle(cpu, frame);
  for (;;) {
    if (race_seen_) end_run(race_end_);
    if (total_points_ >= options_.points_max) end_run(RunEnd::kPointLimit);
    if (order_.highest() != cpu.id) {
      leave(cpu, is_asked && !decided);
      ask = cpu.unasked;
      look = true;
      continue;
    }
    if (!decided) {
      if (look && may_be_spinning(cpu, kind) && found_spinning(cpu, frame)) {
        cpu.watches = cpu.observation.reads();
        get_stuck(cpu, CpuActivity::kSpinning);
        continue;
      }
      look = false;
      if (solo_limit_reached(cpu)) {
        note_at_point(cpu, StepKind::kPreempt);
        order_.demote(cpu.id);
        continue;
      }
      if (ask && consult(cpu)) continue;
      decided = true;
    }
    if (cpu.interrupts.any_deferral()) static_cast<void>(cpu.interrupts.expire_deferrals(cpu.points));
    if (cpu.interrupts.deliverable() && cpu.depth < kNestingMax) {
      take_interrupts(cpu);
    } else if (kind_may_sleep(kind) && !slept && sleeps(cpu, kind)) {
      slept = true;
    } else {
      return;
    }
  }
}

// Asks the strategy about the point where the cpu stands, running or paused; true if it demoted the cpu.
bool MachineImpl::consult(Cpu& cpu) {
  const Moment moment{.cpu = CpuId(cpu.id),
                      .point = PointIndex(cpu.points),
                      .step = total_points_ - 1,
                      .listed = order_.listed(),
                      .runnable = order_.runnable(),
                      .pending = {pending_.data(), cpu_count_}};
  for (;;) {
    if (directive_count_ == kDirectivesMax) {
      directives_overflowed_ = true;
      cpu.quiet_until = UINT32_MAX;
      return false;
    }
    const auto decision = strategy_->decide(moment);
    if (!decision) break;
    apply(cpu, *decision);
    if (decision->action == Action::kDemote) return true;
  }
  const std::uint32_t quiet = strategy_->quiet_points(moment);
  cpu.quiet_until = quiet > UINT32_MAX - cpu.points ? UINT32_MAX : cpu.points + quiet;
  return false;
}

// At the point where the cpu stands, and for the record.
void MachineImpl::apply(Cpu& cpu, const Decision& decision) {
  Directive& record = directives_[directive_count_++];
  record.cpu = CpuId(cpu.id);
  record.point = PointIndex(cpu.points);
  record.action = decision.action;
  record.a = decision.a;
  record.b = decision.b;
  livelock_from_ = total_points_ + kLivelockAfterPoints;
  cycle_.armed = cycle_.second_order = false;
  switch (decision.action) {
    case Action::kDemote:
      note_at_point(cpu, StepKind::kDemote);
      order_.demote(cpu.id);
      break;
    case Action::kInterrupt:
      GRIDLOCK_CHECK(decision.a < vector_count_);
      note_at_point(cpu, StepKind::kIrqRaise, decision.a);
      raise(cpu.id, decision.a);
      break;
    case Action::kDefer:
      GRIDLOCK_CHECK(decision.a < vector_count_);
      note_at_point(cpu, StepKind::kDefer, decision.a, decision.b);
      cpu.interrupts.defer(decision.a, cpu.points + decision.b);
      break;
    case Action::kMigrate:
      GRIDLOCK_CHECK(target_->migrate != nullptr);
      if (!cpu.interrupts.request_migration({decision.a, decision.b})) ++migrations_dropped_;
      break;
    case Action::kStale:
    case Action::kDelayStore:
      GRIDLOCK_CHECK(false && "a weak-memory directive reached a machine that is sequentially consistent");
  }
}

// True if the cpu has to sleep here; it is marked stuck then. REQUIRES: kind_may_sleep(kind).
bool MachineImpl::sleeps(Cpu& cpu, StepKind kind) {
  if (kind == StepKind::kIdle) {
    if (cpu.interrupts.deliverable()) return false;
    cpu.watches.clear();
    get_stuck(cpu, CpuActivity::kIdle);
    return true;
  }
  if (wait_is_over(*cpu.context().wait)) return false;
  get_stuck(cpu, CpuActivity::kWaiting);
  return true;
}

namespace {

// What an access does, in one number: equal for equal accesses, whatever the flavour.
std::uint64_t fingerprint(StepKind kind, std::uint64_t address, std::uint64_t before, std::uint64_t after) {
  // One lane of Hasher will do: accesses that only look equal would have to do so round after round, on a cpu whose
  // registers and stack come back as well.
  auto mixed = static_cast<std::uint64_t>(kind);
  for (const std::uint64_t word : {address, before, after}) {
    mixed = (std::rotl(mixed, 29) ^ word) * 0x9fb21c651e98df25;
  }
  return mixed ^ (mixed >> 32);
}

}  // namespace

// REQUIRES: may_be_spinning().
bool MachineImpl::found_spinning(Cpu& cpu, const PointFrame& frame) {
  SpinObservation& observation = cpu.observation;
  const Arrival arrival = describe(frame);
  if (arrival.changes) observation.cancel();
  if (!observation.active()) {
    if (!is_time_to_observe(cpu, arrival.kind)) return false;
    // Few points first: a loop that has just begun may not have come to its steady state.
    const std::uint32_t doubled = kObservePointsFirst << (cpu.attempts < 6 ? cpu.attempts : 6);
    ++cpu.attempts;
    cpu.observe_at = cpu.solo_points + doubled + kObserveAfterPoints * cpu.attempts;
    observation.start(doubled);
  }
  if (arrival.reads) observation.note_read(arrival.address);
  const std::uint64_t access = fingerprint(arrival.kind, arrival.address, arrival.before, arrival.after);
  return observation.arrives(access, frame, cpu.context().boundary);
}

std::uint32_t MachineImpl::solo_points_max() const {
  return cycle_.second_order ? kSoloPointsSecondOrder : kSoloPointsMax;
}

bool MachineImpl::solo_limit_reached(Cpu& cpu) {
  if (cpu.solo_points < solo_points_max()) return false;
  cpu.solo_points = 0;
  cpu.observe_at = kObserveAfterPoints;
  cpu.attempts = 0;
  if (probing_) wake_everybody();
  return !order_.is_alone(cpu.id);
}

// Gives the thread to whoever is the highest now; returns when this cpu is. `unasked`: the strategy has not been asked
// about this point, and what it said about later ones no longer counts, because others run.
void MachineImpl::leave(Cpu& cpu, bool unasked) {
  cpu.observation.cancel();
  cpu.quiet_until = cpu.points;
  cpu.unasked = unasked;
  const std::uint32_t next = ask_ahead();
  if (next == cpu.id) {
    begin_turn(cpu);
  } else {
    leave_to(cpu, next == RunOrder::kNobody ? nullptr : cpus_[next].get());
  }
}

// The next cpu to enter. Who stands at a point that the strategy has not been asked about would ask first thing, so it
// is asked here, and a cpu that is only sent back again is not entered at all: a policy that wants the last of the list
// costs one switch and not one for each cpu in front.
std::uint32_t MachineImpl::ask_ahead() {
  for (;;) {
    const std::uint32_t next = order_.highest();
    if (next == RunOrder::kNobody || !cpus_[next]->unasked) return next;
    if (consult(*cpus_[next])) continue;
    cpus_[next]->unasked = false;
    return next;
  }
}

void MachineImpl::get_stuck(Cpu& cpu, CpuActivity activity) {
  cpu.activity = activity;
  order_.set_runnable(cpu.id, false);
  if (activity != CpuActivity::kIdle) {
    watchers_ |= std::uint64_t{1} << cpu.id;
    watched |= cpu.watches.bloom();
    note_at_point(cpu, StepKind::kStuck);
  }
}

void MachineImpl::wake(Cpu& cpu) {
  if (!cpu.is_stuck()) return;
  cpu.activity = CpuActivity::kRunning;
  order_.set_runnable(cpu.id, true);
  watchers_ &= ~(std::uint64_t{1} << cpu.id);
  watched_stale_ = true;
  if (running_ != nullptr && order_.highest() != running_->id) close_gate();
}

void MachineImpl::rebuild_watched() {
  watched_stale_ = false;
  watched = probing_ ? ~std::uint64_t{0} : 0;
  for (std::uint64_t left = watchers_; left != 0; left &= left - 1) {
    watched |= cpus_[static_cast<std::uint32_t>(std::countr_zero(left))]->watches.bloom();
  }
}

// Before the write happens; nobody else runs in between.
void MachineImpl::note_write(const Arrival& arrival) {
  if (!arrival.changes) return;
  changed_ = true;
  // The filter knows the first granule only.
  if (arrival.width_bytes <= 8 && (watched >> watch_bit(arrival.address) & 1) == 0) return;
  for (std::uint64_t left = watchers_; left != 0; left &= left - 1) {
    Cpu& other = *cpus_[static_cast<std::uint32_t>(std::countr_zero(left))];
    for (std::uint32_t at = 0; at == 0 || at < arrival.width_bytes; at += 8) {
      if (other.watches.contains(arrival.address + at)) wake(other);
    }
  }
}

// As note_write(), of an aligned word that is the model's and not the access's.
void MachineImpl::word_changes(std::uint64_t address) {
  changed_ = true;
  for (std::uint64_t left = watchers_; left != 0; left &= left - 1) {
    Cpu& other = *cpus_[static_cast<std::uint32_t>(std::countr_zero(left))];
    if (other.watches.contains(address)) wake(other);
  }
}

// Runs a check of the target without points.
bool MachineImpl::holds_quietly(bool (*check)()) {
  mode_ = Mode::kHost;
  observe_nobody();
  const bool holds = [check] {
    const sanitizer::Unseen unseen;
    return check();
  }();
  observe_context(*running_);
  mode_ = Mode::kRun;
  return holds;
}

void MachineImpl::check_invariants_at_point() {
  const std::uint64_t watched_before = watched;
  for (const gl_invariant_entry* entry = target_->invariants; entry->name != nullptr; ++entry) {
    if (entry->applies == nullptr) continue;
    countdown = INT32_MAX;
    watched = 0;
    if (!holds_quietly(entry->applies) || holds_quietly(entry->holds)) continue;
    raw_failure_.what = entry->name;
    raw_failure_.cpu = running_->id;
    raw_failure_.frame_count = walk(running_->context(), raw_failure_.frames, kFailureFramesMax);
    end_run(RunEnd::kInvariant);
  }
  watched = watched_before;
  countdown = armed_ = 1;
}

}  // namespace gridlock
