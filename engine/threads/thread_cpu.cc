// A cpu's way through a run: from the common start through its program to its rest, and what happens at each point.
//
// May include: base, model, hook, machine.
#include "engine/threads/thread_cpu.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/machine/access_kind.h"
#include "engine/machine/arrival.h"
#include "engine/threads/frames.h"

namespace gridlock {

namespace {

// Points between two offers of the core to others, where there are more cpus than cores: a spin must not use up its
// time slice while whoever it waits for has none.
constexpr std::uint32_t kPointsPerYield = 64;
// How long a cpu spins for those that start later: about as long as it takes to wake a thread.
constexpr std::uint32_t kSpinsAtStart = 1000;
// A thread without work looks around this often all the same.
constexpr std::uint32_t kRestSleepMicroseconds = 100'000;

}  // namespace

ThreadCpu::ThreadCpu(RunState& run, std::uint32_t id) : run_(run), id_(id), applied_(kAppliedMax) {
  countdown = 0;
  parallel = this;
}

std::uint32_t ThreadCpu::parameter(unsigned index) const {
  GRIDLOCK_CHECK(index < run_.scenario->parameters.size());
  return run_.scenario->parameters[index];
}

void ThreadCpu::assign_entry(void (*entry)(void*), void* argument) {
  entry_ = entry;
  entry_argument_ = argument;
}

void ThreadCpu::start() {
  started_.fetch_add(1);
  wake_word_.wake();
}

// ---- on its own thread ----

void ThreadCpu::live() {
  current_gate = this;
  sanitizer::Stack stack;
  sanitizer::machine_created(stack, sanitizer_contexts_[0]);
  sanitizer_contexts_made_ = 1;
  for (std::uint32_t started = 0;;) {
    for (std::uint32_t word = wake_word_.value(); started_.load() == started; word = wake_word_.value()) {
      wake_word_.sleep(word, kRestSleepMicroseconds);
    }
    started = started_.load();
    if (run_.quitting) return;
    prepare();
    prepared_ = started;
    if (entry_ == nullptr) meet_the_others();
    run_program();
    if (entry_ == nullptr) {
      idle(started);
    } else {
      sanitizer::release(&flag_object_);
      activity_ = ThreadActivity::kEnded;
      run_.falls_asleep();
    }
    mode_ = Mode::kHost;
  }
}

void ThreadCpu::prepare() {
  activity_ = ThreadActivity::kRunning;
  interrupts_.reset();
  deferral_epoch_ = run_.deferral_epoch.load();
  depth_ = step_depth_ = 0;
  contexts_[0] = {};
  log_.clear();
  applied_count_ = 0;
  recent_count_ = 0;
  stands_at_ = nullptr;
  points_ = 0;
  wait_rounds_ = 0;
  deadline_ = kNoLimit;
  holds_ = false;
  if (entry_ == nullptr) mailbox_ = 0;
  perturbation_.begin(run_.manner, id_, run_.points_expected);
  priority_ = perturbation_.priority();
  sanitizer::acquire(&flag_object_);
  mode_ = Mode::kRun;
}

// Nobody goes before all are there: a thread takes longer to wake than a program to run. Who has waited for a while
// sleeps and does not offer its core: on a busy host that costs a time slice of somebody else's each time.
void ThreadCpu::meet_the_others() {
  if (run_.arrived.fetch_add(1) + 1 == run_.starters) {
    run_.start_line.wake();
    return;
  }
  for (std::uint32_t round = 0; run_.arrived.load() < run_.starters; ++round) {
    const std::uint32_t word = run_.start_line.value();
    if (round < kSpinsAtStart) {
      __builtin_ia32_pause();
    } else if (run_.arrived.load() < run_.starters) {
      run_.start_line.sleep(word, kRestSleepMicroseconds);
    }
  }
}

// The one frame between the engine and the target's code: its frame pointer is where walks of the stack end.
[[gnu::noinline]] void ThreadCpu::run_program() {
  contexts_[0].boundary = reinterpret_cast<std::uint64_t>(__builtin_frame_address(0));
  if (entry_ != nullptr) {
    entry_(entry_argument_);
    return;
  }
  for (const OperationCall& call : run_.scenario->programs[id_]) {
    const gl_operation_entry& operation = run_.target->operations[call.operation.value()];
    operation.run(call.arguments.data());
    run_.progress.store(true, std::memory_order_relaxed);
    if (!interrupts_.enabled()) {
      fail(RunEnd::kAssertion, "an operation returned with interrupts disabled", operation.name, 0, nullptr);
    }
  }
}

void ThreadCpu::point(PointFrame* frame) {
  countdown = 0;
  if (mode_ != Mode::kRun) return;
  stands_at_.store(reinterpret_cast<const void*>(frame->hook_frame), std::memory_order_relaxed);
  note_point(*frame);
  if (run_.failing.load(std::memory_order_relaxed)) park();
  if (step_depth_ == 0) {
    const std::uint32_t index = points();
    obey_directives(index);
    inject(index);
    if (!run_.observing.load(std::memory_order_relaxed)) hold_back(perturbation_.delay_ns());
    if (run_.crowded && index % kPointsPerYield == 0) yield_core();
    receive();
    take_interrupts();
  }
  stands_at_.store(nullptr, std::memory_order_relaxed);
}

void ThreadCpu::note_point(const PointFrame& frame) {
  points_.store(points() + 1, std::memory_order_relaxed);
  const StepKind kind = point_kind(static_cast<PointCode>(frame.code));
  log_.note(time_stamp(), frame.address, kind_writes(kind));
  if (run_.observing.load(std::memory_order_relaxed)) observe(frame);
}

// A store of what is there already changes nothing; what the target's data cannot tell counts as a change.
void ThreadCpu::observe(const PointFrame& frame) {
  if (frame.address == 0) return;
  recent_[recent_count_++ % kRecentMax] = frame.address;
  if (describe(frame).changes) run_.progress.store(true, std::memory_order_relaxed);
}

// The run has failed on another thread, and what this one would go on to do means nothing any more.
void ThreadCpu::park() {
  for (;;) wake_word_.sleep(wake_word_.value(), 1'000'000);
}

void ThreadCpu::fail(RunEnd end, const char* what, const char* file, int line, const void* hook_frame) {
  GRIDLOCK_CHECK(mode_ != Mode::kHost && "the setup or a check of a target failed an assertion");
  if (!run_.failing.exchange(true)) {
    ThreadFailure& failure = run_.failure;
    failure = {.end = end, .what = what, .file = file, .line = line, .cpu = id_};
    if (hook_frame != nullptr) {
      failure.frame_count = walk_frames(hook_frame, contexts_[depth_].boundary, run_.load_bias, failure.frames);
    }
    run_.failed = true;
    run_.host.wake();
  }
  park();
  __builtin_unreachable();
}

// Inside the access and under the runtime's locks: notes it and goes on. Of a run the first one counts.
void ThreadCpu::sanitizer_reported(const RawRace& race) {
  if (mode_ == Mode::kHost || run_.racing.exchange(true)) return;
  run_.race = race;
  run_.raced = true;
}

// ---- the target's memory ----

void* ThreadCpu::allocate(std::size_t size, std::size_t align, const void* hook_frame) {
  run_.memory_lock.lock();
  void* const block = run_.memory.allocate(size, align);
  run_.memory_lock.unlock();
  if (block == nullptr) fail(RunEnd::kAssertion, "the arena is exhausted", nullptr, 0, hook_frame);
  return block;
}

void ThreadCpu::release(void* block, const void* hook_frame) {
  std::size_t size = 0;
  run_.memory_lock.lock();
  const bool was_live = run_.memory.release(block, size);
  run_.memory_lock.unlock();
  if (!was_live) fail(RunEnd::kMemoryError, "double-free", nullptr, 0, hook_frame);
}

// ---- cpus that come and go ----

unsigned ThreadCpu::create_cpu(void (*entry)(void*), void* argument, const void* hook_frame) {
  ThreadCpu* const created = run_.spawner->spawn(entry, argument);
  if (created == nullptr) fail(RunEnd::kAssertion, "more than 64 cpus in one run", nullptr, 0, hook_frame);
  return created->id_;
}

bool ThreadCpu::cpu_ended(unsigned cpu) {
  if (cpu >= run_.cpu_count.load() || !run_.cpus[cpu]->has_ended()) return false;
  sanitizer::acquire(run_.cpus[cpu]->flag_object());
  return true;
}

// A loop that reads the clock may end without anybody else's help: it is no spin.
std::uint64_t ThreadCpu::now() {
  run_.progress.store(true, std::memory_order_relaxed);
  return run_.now();
}

// ---- for reports ----

void ThreadCpu::dump(std::uint64_t instruction, std::uint64_t frame_pointer) {
  const void* const stands_at = stands_at_.load(std::memory_order_relaxed);
  for (std::uint32_t depth = 0; depth <= depth_; ++depth) {
    const Context& context = contexts_[depth];
    DumpedContext& dumped = dumped_[depth];
    dumped = {.kind = context.kind, .number = context.number};
    const void* const frame = depth < depth_ ? context.interrupted_at : stands_at;
    if (frame != nullptr) {
      dumped.frame_count = walk_frames(frame, context.boundary, run_.load_bias, dumped.frames);
    } else if (depth == depth_ && activity_.load() == ThreadActivity::kRunning) {
      // In the target's own code, or in a hook on its way to the engine.
      const bool is_on_stack = frame_pointer >= stack_bottom(id_) && frame_pointer < context.boundary;
      if (is_on_stack) {
        dumped.frame_count = walk_frames(reinterpret_cast<const void*>(frame_pointer), context.boundary, run_.load_bias,
                                         dumped.frames + 1, kFailureFramesMax - 1);
      }
      // The symbolizer looks one byte in front of a return address.
      dumped.frames[0] = site_of(instruction + 1);
      ++dumped.frame_count;
    }
  }
  dumped_count_ = depth_ + 1;
}

CpuView ThreadCpu::view() const {
  CpuView view{.cpu = CpuId(id_), .irqs_enabled = interrupts_.enabled()};
  view.pending_vectors = interrupts_.pending() | mailbox_.load();
  view.points = PointIndex(points());
  switch (activity()) {
    case ThreadActivity::kRunning:
      view.activity = CpuActivity::kSpinning;
      break;
    case ThreadActivity::kWaiting:
      view.activity = CpuActivity::kWaiting;
      break;
    case ThreadActivity::kIdle:
      view.activity = CpuActivity::kIdle;
      return view;
    case ThreadActivity::kEnded:
      view.activity = CpuActivity::kEnded;
      return view;
  }
  for (std::uint32_t depth = 0; depth < dumped_count_.load(); ++depth) {
    const DumpedContext& dumped = dumped_[depth];
    view.contexts.push_back({dumped.kind, dumped.number, {dumped.frames, dumped.frames + dumped.frame_count}});
  }
  for (std::uint32_t i = 0; i < std::min(recent_count_, kRecentMax); ++i) {
    const bool in_arena = recent_[i] - kArenaBase < kArenaBytes;
    const std::uint64_t offset = recent_[i] - kArenaBase;
    if (in_arena && std::ranges::find(view.watches, offset) == view.watches.end()) view.watches.push_back(offset);
  }
  return view;
}

}  // namespace gridlock
