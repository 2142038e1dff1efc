// What is told of a run: the trace while it goes on, the view when it is over.
//
// May include: base, model, hook, strategy.
#include "engine/machine/access_kind.h"
#include "engine/machine/machine_impl.h"

namespace gridlock {

namespace {

// Of one state that a target shows; a column of `explain` is narrower.
constexpr std::size_t kShownCharactersMax = 64;

// Which word of the target's memory a point is about, for a profile; 0: none that is the same in every run.
std::uint32_t object_of(std::uint64_t address) {
  constexpr std::uint32_t kOfProgram = std::uint32_t{1} << 31;
  if (!has_offset(address)) return 0;
  const std::uint64_t offset = offset_of(address);
  if (offset < kArenaBytes) return static_cast<std::uint32_t>(offset / 8) + 1;
  return kOfProgram | static_cast<std::uint32_t>((offset - kProgramOffset) / 8);
}

}  // namespace

std::uint32_t MachineImpl::walk_from(const void* frame_pointer, std::uint64_t boundary, Site* frames,
                                     std::uint32_t frames_max) const {
  const auto* frame = static_cast<const std::uint64_t*>(frame_pointer);
  std::uint32_t count = 0;
  frames[count++] = site_of(frame[1]);
  while (count < frames_max) {
    const std::uint64_t caller = frame[0];
    if (caller <= reinterpret_cast<std::uint64_t>(frame) || caller >= boundary) break;
    frame = reinterpret_cast<const std::uint64_t*>(caller);
    // The function that returns into the frame at the boundary, the engine's own, was the outermost of the target.
    if (frame[0] == boundary) break;
    frames[count++] = site_of(frame[1]);
  }
  return count;
}

std::uint32_t MachineImpl::walk(const Context& context, Site* frames, std::uint32_t frames_max) const {
  // The idle loop is the engine's own.
  if (context.frame == nullptr || point_kind(static_cast<PointCode>(context.frame->code)) == StepKind::kIdle) return 0;
  return walk_from(reinterpret_cast<const void*>(context.frame->hook_frame), context.boundary, frames, frames_max);
}

// Records grow by the C library's means, and what its memcpy and malloc touch on a cpu ThreadSanitizer would take for
// accesses of the target: while one lives they are nobody's.
class MachineImpl::Recording {
 public:
  explicit Recording(MachineImpl& machine) : work_(machine) {}

 private:
  Work work_;
  sanitizer::Unseen unseen_;
};

// A traced run is told apart from a judged one nowhere but in speed.
void MachineImpl::push_step(const Step& step) {
  const Recording recording(*this);
  note_states();
  trace_.steps.push_back(step);
  if (options_.stop_at_step != 0 && trace_.steps.size() == options_.stop_at_step) __builtin_debugtrap();
}

// Puts what the target shows down to the last step: nothing has run since but the code behind it. Asks without points,
// wherever the machine stands; the count of points goes on as if nothing had happened.
void MachineImpl::note_states() {
  if (target_->states == nullptr) return;
  const sanitizer::Unseen unseen;
  const Mode mode = mode_;
  const std::int32_t countdown_before = countdown;
  const std::uint64_t watched_before = watched;
  mode_ = Mode::kHost;
  countdown = INT32_MAX;
  watched = 0;
  observe_nobody();
  std::uint32_t index = 0;
  for (const gl_state_entry* entry = target_->states; entry->name != nullptr; ++entry, ++index) {
    shown_.resize(std::max<std::size_t>(shown_.size(), index + 1));
    char text[kShownCharactersMax] = "";
    entry->show(text, sizeof(text));
    if (trace_.states.size() == index) {
      trace_.states.push_back({.name = entry->name, .initially = text});
    } else if (shown_[index] != text) {
      trace_.state_changes.push_back({.step = trace_.steps.size() - 1, .state = index, .text = text});
    }
    shown_[index] = text;
  }
  countdown = countdown_before;
  watched = watched_before;
  mode_ = mode;
  if (mode != Mode::kHost) observe_context(*running_);
}

void MachineImpl::record_point(const Cpu& cpu, PointIndex index, const Arrival& arrival) {
  Step step;
  step.kind = arrival.kind;
  step.width_bytes = static_cast<std::uint8_t>(arrival.width_bytes);
  step.depth = static_cast<std::uint8_t>(cpu.depth);
  const PointFrame& frame = *cpu.contexts[cpu.depth].frame;
  step.order = static_cast<std::uint8_t>(point_order(static_cast<PointCode>(frame.code)));
  step.of_call = (frame.code & kOfCall) != 0;
  step.call = site_of(hook_code_at(frame));
  step.changed = arrival.changes;
  step.cpu = CpuId(cpu.id);
  step.point = index;
  step.stack_address = is_stack_address(arrival.address);
  step.address = arrival.address != 0 && !step.stack_address ? offset_of(arrival.address) : 0;
  step.before = arrival.before;
  step.after = arrival.after;
  static_cast<void>(walk(cpu.contexts[cpu.depth], step.frames, kTraceFramesMax - 1));
  push_step(step);
}

// At the arrival, where points come in their order: those of a handler over this one have higher numbers. Within the
// reserved room, so that nothing is allocated on the cpu.
void MachineImpl::record_in_profile(const Cpu& cpu, const PointFrame& frame) {
  std::vector<PointNote>& notes = profile_.cpus[cpu.id];
  if (notes.size() == kProfilePointsMax || notes.size() + 1 != cpu.points) return;
  const auto code = static_cast<PointCode>(frame.code);
  notes.push_back({.site = site_of_point(frame),
                   .object = object_of(frame.address),
                   .kind = point_kind(code),
                   .depth = static_cast<std::uint8_t>(cpu.depth),
                   .writes = kind_writes(point_kind(code)),
                   .irqs_enabled = cpu.interrupts.enabled()});
}

void MachineImpl::record_event(const Cpu& cpu, StepKind kind, std::uint32_t a, std::uint32_t b, const void* hook_frame,
                               Site call) {
  Step step;
  step.kind = kind;
  step.call = call;
  if (kind == StepKind::kFence) step.order = static_cast<std::uint8_t>(a);
  step.depth = static_cast<std::uint8_t>(cpu.depth);
  step.cpu = CpuId(cpu.id);
  step.point = PointIndex(cpu.points);
  step.a = a;
  step.b = b;
  if (hook_frame != nullptr) {
    static_cast<void>(walk_from(hook_frame, cpu.contexts[cpu.depth].boundary, step.frames, kTraceFramesMax - 1));
  }
  push_step(step);
}

// A condition is evaluated again and again. What it read is told once, when the wait is over: then it orders what
// follows after what was read.
void MachineImpl::note_condition_read(const PointFrame& frame) {
  const Arrival read = describe(frame);
  Step step;
  step.kind = StepKind::kWaitRead;
  step.width_bytes = static_cast<std::uint8_t>(read.width_bytes);
  step.order = static_cast<std::uint8_t>(point_order(static_cast<PointCode>(frame.code)));
  step.depth = static_cast<std::uint8_t>(running_->depth);
  step.cpu = CpuId(running_->id);
  step.point = PointIndex(running_->points);
  step.stack_address = is_stack_address(read.address);
  step.address = step.stack_address ? 0 : offset_of(read.address);
  step.before = step.after = read.before;
  static_cast<void>(walk_from(reinterpret_cast<const void*>(frame.hook_frame), running_->context().boundary,
                              step.frames, kTraceFramesMax - 1));
  const Recording recording(*this);
  condition_reads_.push_back(step);
}

void MachineImpl::note_wait_done() {
  for (const Step& step : condition_reads_) push_step(step);
  note(StepKind::kWaitDone);
}

void MachineImpl::name_memory(std::uint64_t address, std::size_t size, const char* name) {
  if (!has_offset(address)) return;
  const Recording recording(*this);
  const NamedMemory named{.offset = offset_of(address), .size_bytes = size, .name = name};
  auto at = trace_.names.end();
  while (at != trace_.names.begin() && (at - 1)->offset > named.offset) --at;
  trace_.names.insert(at, named);
}

// In memory that has a name, the empty one. Of a run without a trace nothing has one.
bool MachineImpl::is_engine_memory(std::uint64_t offset) const {
  bool is_it = false;
  for (const NamedMemory& named : trace_.names) {
    if (named.offset > offset) break;
    // Names of parts come after that of the whole.
    if (offset - named.offset < named.size_bytes) is_it = named.name.empty();
  }
  return is_it;
}

void MachineImpl::view_cpu(Cpu& cpu, CpuView& view) const {
  view.cpu = CpuId(cpu.id);
  view.activity = cpu.activity;
  view.irqs_enabled = cpu.interrupts.enabled();
  view.pending_vectors = cpu.interrupts.pending();
  view.points = PointIndex(cpu.points);
  view.operation_starts.assign(cpu.operation_starts.begin(), cpu.operation_starts.end());
  view.contexts.clear();
  view.watches.clear();
  if (!cpu.started || cpu.activity == CpuActivity::kIdle || cpu.activity == CpuActivity::kEnded) return;
  // Of a run that came to rest or was ended at a point limit nobody asks where each cpu stood.
  if (end_ == RunEnd::kCompleted || end_ == RunEnd::kPointLimit) return;
  for (std::uint32_t depth = 0; depth <= cpu.depth; ++depth) {
    ContextView& context = view.contexts.emplace_back();
    context.kind = cpu.contexts[depth].kind;
    context.number = cpu.contexts[depth].number;
    context.frames.resize(32);
    context.frames.resize(walk(cpu.contexts[depth], context.frames.data(), 32));
    if (const PointFrame* const frame = cpu.contexts[depth].frame) context.call = site_of(hook_code_at(*frame));
  }
  for (std::uint32_t i = 0; i < cpu.watches.count; ++i) {
    const std::uint64_t address = cpu.watches.addresses[i];
    if (is_stack_address(address) || is_engine_memory(offset_of(address))) continue;
    view.watches.push_back(offset_of(address));
  }
}

void MachineImpl::view_profile() {
  profile_.operation_starts.resize(profile_.cpus.size());
  for (std::uint32_t cpu = 0; cpu < cpu_count_; ++cpu) {
    profile_.operation_starts[cpu] = cpus_[cpu]->operation_starts;
  }
  view_.profile = &profile_;
}

void MachineImpl::fill_view() {
  if (views_.size() < cpu_count_) views_.resize(cpu_count_);  // never less: the vectors inside keep their memory
  for (std::uint32_t i = 0; i < cpu_count_; ++i) view_cpu(*cpus_[i], views_[i]);
  view_ = {};
  view_.end = end_;
  view_.cpus = {views_.data(), cpu_count_};
  view_.directives = {directives_.data(), directive_count_};
  view_.directives_overflowed = directives_overflowed_;
  if (raw_failure_.what != nullptr) {
    failure_ = {};
    failure_.what = raw_failure_.what;
    failure_.is_statement = raw_failure_.is_statement;
    failure_.cpu = CpuId(raw_failure_.cpu);
    if (raw_failure_.file != nullptr) {
      failure_.where = raw_failure_.file;
      if (raw_failure_.line != 0) failure_.where += ":" + std::to_string(raw_failure_.line);
    }
    failure_.frames.assign(raw_failure_.frames, raw_failure_.frames + raw_failure_.frame_count);
    failure_.access = bad_access_;
    view_.failure = &failure_;
  }
  view_races();
  if (end_ == RunEnd::kCompleted) view_.locks = locks_.graph();
  if (options_.trace) {
    if (!trace_.steps.empty()) note_states();
    view_.trace = &trace_;
  }
  if (options_.profile) view_profile();
  view_.points = total_points_;
  view_.switches = switches_;
  view_.interrupts_raised = raised_;
  view_.interrupts_taken = taken_;
  view_.migrations_taken = migrations_taken_;
  view_.migrations_dropped = migrations_dropped_;
  view_.migrations_pending = 0;
  for (std::uint32_t i = 0; i < cpu_count_; ++i) view_.migrations_pending += cpus_[i]->interrupts.migrations_waiting();
}

}  // namespace gridlock
