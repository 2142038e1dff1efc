// A run on real cores, the host's side: starts the cpus, waits until all is at rest or nothing can happen any more, and
// tells what was seen.
//
// May include: base, model, hook, machine.
#include "engine/threads/threads_machine.h"

#include <link.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "engine/base/check.h"
#include "engine/threads/stack_dump.h"
#include "engine/threads/thread_cpu.h"

namespace gridlock {

namespace {

// How long the host sleeps at most while cpus are awake.
constexpr std::uint32_t kWatchMicroseconds = 20'000;
// Between two looks at a run in which nobody is awake.
constexpr std::uint32_t kSettleMicroseconds = 30;
// For the conditions of all waits to be asked once more.
constexpr std::uint32_t kAskAgainMs = 100;
constexpr auto kCalibration = std::chrono::milliseconds(2);
// Change points are drawn over the length of the last run, within these bounds.
constexpr std::uint32_t kPointsExpectedMin = 16, kPointsExpectedMax = 4096;

using Clock = std::chrono::steady_clock;

std::uint32_t ms_since(Clock::time_point start) {
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start).count());
}

double calibrated_cycles_per_ns() {
  const auto start = Clock::now();
  const std::uint64_t stamp = time_stamp();
  while (Clock::now() - start < kCalibration) __builtin_ia32_pause();
  const auto cycles = static_cast<double>(time_stamp() - stamp);
  return cycles / static_cast<double>(std::chrono::nanoseconds(Clock::now() - start).count());
}

std::vector<int> usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cores;
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return cores;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(core, &set)) cores.push_back(core);
  }
  return cores;
}

// The first object that dl_iterate_phdr names is the program itself.
int take_first_address(dl_phdr_info* info, std::size_t, void* address) {
  *static_cast<std::uint64_t*>(address) = info->dlpi_addr;
  return 1;
}

template <typename Entry>
std::uint32_t count_named(const Entry* entries) {
  std::uint32_t count = 0;
  while (entries != nullptr && entries[count].name != nullptr) ++count;
  return count;
}

std::uint64_t external_vectors(const gl_target& target) {
  std::uint64_t set = 0;
  for (std::uint32_t vector = 0; vector < count_named(target.vectors); ++vector) {
    if (target.vectors[vector].external) set |= std::uint64_t{1} << vector;
  }
  return set;
}

std::uint64_t processor_ns(pthread_t thread) {
  clockid_t clock{};
  timespec time{};
  if (::pthread_getcpuclockid(thread, &clock) != 0 || ::clock_gettime(clock, &time) != 0) return 0;
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(time.tv_nsec);
}

RaceAccess view_of(const RawRace::Access& raw) {
  return {.is_write = raw.is_write, .is_atomic = raw.is_atomic, .frames = {raw.frames, raw.frames + raw.frame_count}};
}

}  // namespace

// ---- threads ----

ThreadsMachine::ThreadsMachine(WatchLimits limits) : limits_(limits) {}

Result<std::unique_ptr<ThreadsMachine>> ThreadsMachine::create(WatchLimits limits) {
  std::unique_ptr<ThreadsMachine> machine(new ThreadsMachine(limits));
  RunState& run = machine->run_;
  if (auto mapped = run.memory.map_or_share(); !mapped) return std::unexpected(mapped.error());
  ::dl_iterate_phdr(take_first_address, &run.load_bias);
  run.cycles_per_ns = calibrated_cycles_per_ns();
  run.spawner = machine.get();
  machine->cores_ = usable_cores();
  machine->host_cpu_ = std::make_unique<ThreadCpu>(run, 0);
  for (std::uint32_t id = 0; id < kCpusMax; ++id) run.cpus[id] = std::make_unique<ThreadCpu>(run, id);
  return machine;
}

ThreadsMachine::~ThreadsMachine() {
  if (!result_.is_reusable) return;  // its threads never come back, and the process is about to end
  run_.quitting = true;
  for (std::uint32_t id = 0; id < kCpusMax; ++id) {
    if (!slots_[id].exists) continue;
    run_.cpus[id]->start();
    ::pthread_join(slots_[id].thread, nullptr);
  }
}

namespace {
struct Birth {
  ThreadCpu* cpu;
  std::atomic<int>* thread_id;
};
}  // namespace

void* ThreadsMachine::thread_main(void* argument) {
  const Birth birth = *static_cast<Birth*>(argument);
  birth.thread_id->store(static_cast<int>(::syscall(SYS_gettid)));
  birth.cpu->live();
  return nullptr;
}

// On the cpu's fixed stack, so that what is an address of a stack, or of its guard, is told as on fibers.
void ThreadsMachine::make_thread(std::uint32_t cpu) {
  Slot& slot = slots_[cpu];
  if (slot.exists) return;
  Birth birth{run_.cpus[cpu].get(), &slot.thread_id};
  pthread_attr_t attributes;
  ::pthread_attr_init(&attributes);
  ::pthread_attr_setstack(&attributes, reinterpret_cast<void*>(stack_bottom(cpu)), kStackBytes);
  if (!cores_.empty()) {
    cpu_set_t core;
    CPU_ZERO(&core);
    CPU_SET(cores_[cpu % cores_.size()], &core);
    ::pthread_attr_setaffinity_np(&attributes, sizeof core, &core);
  }
  GRIDLOCK_CHECK(::pthread_create(&slot.thread, &attributes, thread_main, &birth) == 0);
  ::pthread_attr_destroy(&attributes);
  while (slot.thread_id.load() == 0) yield_core();
  slot.exists = true;
}

ThreadCpu* ThreadsMachine::spawn(void (*entry)(void*), void* argument) {
  spawn_lock_.lock();
  const std::uint32_t id = run_.cpu_count.load();
  ThreadCpu* cpu = nullptr;
  if (id < kCpusMax) {
    make_thread(id);
    cpu = run_.cpus[id].get();
    cpu->assign_entry(entry, argument);
    sanitizer::release(cpu->flag_object());  // what the creator did happens before what the new cpu does
    cpu->forget_points();
    run_.wakes_up();
    run_.cpu_count = id + 1;
    cpu->start();
  }
  spawn_lock_.unlock();
  return cpu;
}

// ---- a run ----

const ThreadsRun& ThreadsMachine::run(const gl_target& target, const Scenario& scenario, std::uint32_t variant,
                                      std::uint64_t seed) {
  GRIDLOCK_CHECK(result_.is_reusable && "a run on real cores after one whose threads are stuck");
  PointGate* const gate_before = current_gate;
  current_gate = host_cpu_.get();
  begin(target, scenario, variant, seed);
  RunEnd end = watch();
  result_.is_reusable = end == RunEnd::kCompleted;
  if (end == RunEnd::kSelfLoops || end == RunEnd::kPointLimit) dump_stacks();
  if (end == RunEnd::kCompleted) {
    for (std::uint32_t cpu = 0; cpu < run_.cpu_count; ++cpu) sanitizer::acquire(run_.cpus[cpu]->flag_object());
    check_at_rest();
    if (run_.failure.end != RunEnd::kCompleted) end = run_.failure.end;
    // Whatever else went wrong after a race may be its consequence.
    if (run_.raced) end = RunEnd::kSanitizerReport;
  }
  current_gate = gate_before;
  fill_view(end);
  return result_;
}

void ThreadsMachine::begin(const gl_target& target, const Scenario& scenario, std::uint32_t variant,
                           std::uint64_t seed) {
  const std::uint32_t count = scenario.cpu_count();
  GRIDLOCK_CHECK(count >= 1 && count <= kCpusMax);
  run_.target = &target;
  run_.scenario = &scenario;
  run_.variant = variant;
  run_.vector_count = count_named(target.vectors);
  run_.softirq_count = count_named(target.softirqs);
  run_.external_vectors = external_vectors(target);
  run_.manner = draw_manner(seed);
  run_.crowded = count > cores_.size();
  run_.directives.load(scenario);
  run_.memory.wipe();
  run_.time_offset = 0;
  run_.observing = run_.progress = false;
  run_.failing = run_.failed = run_.racing = run_.raced = false;
  run_.failure = {};
  observes_ = no_point_ = false;
  target.setup();
  run_.arrived = 0;
  run_.starters = count;
  run_.cpu_count = count;
  run_.awake = count;
  for (std::uint32_t cpu = 0; cpu < count; ++cpu) {
    make_thread(cpu);
    run_.cpus[cpu]->assign_program();
    sanitizer::release(run_.cpus[cpu]->flag_object());
    run_.cpus[cpu]->start();
  }
}

RunEnd ThreadsMachine::watch() {
  const auto start = Clock::now();
  for (;;) {
    const std::uint32_t word = run_.host.value();
    if (run_.failed) return run_.failure.end;
    if (run_.awake != 0) {
      run_.host.sleep(word, kWatchMicroseconds);
    } else {
      switch (settle()) {
        case Settled::kAtRest:
          return RunEnd::kCompleted;
        case Settled::kStuck:
          return RunEnd::kSelfLoops;
        case Settled::kGoOn:
          run_.host.sleep(run_.host.value(), kSettleMicroseconds);
      }
    }
    const std::uint32_t elapsed_ms = ms_since(start);
    if (elapsed_ms > limits_.suspect_ms && nobody_changes_anything()) return RunEnd::kSelfLoops;
    if (elapsed_ms > limits_.give_up_ms) return RunEnd::kPointLimit;
  }
}

// ---- nobody is awake ----

// What is still to come, in the order of the fiber machine's ending: deferrals end, then virtual time moves. Whatever
// is read here counts only if nobody woke up meanwhile.
ThreadsMachine::Settled ThreadsMachine::settle() {
  const std::uint64_t activity = run_.activity;
  bool anybody_waits = false;
  for (std::uint32_t cpu = 0; cpu < run_.cpu_count; ++cpu) {
    const ThreadCpu& each = *run_.cpus[cpu];
    if (each.has_mail() || each.activity() == ThreadActivity::kRunning) return Settled::kGoOn;
    anybody_waits = anybody_waits || each.activity() == ThreadActivity::kWaiting;
  }
  if (anybody_waits && !conditions_asked_again(activity)) return Settled::kGoOn;
  if (run_.awake != 0 || run_.activity != activity) return Settled::kGoOn;
  if (ends_deferrals()) return Settled::kGoOn;
  if (!anybody_waits) return Settled::kAtRest;
  return advances_time() ? Settled::kGoOn : Settled::kStuck;
}

// A condition may have been asked before the last store was made. Twice: the first answer may be an old one.
bool ThreadsMachine::conditions_asked_again(std::uint64_t activity) {
  std::array<std::uint64_t, kCpusMax> rounds;
  const std::uint32_t count = run_.cpu_count;
  for (std::uint32_t cpu = 0; cpu < count; ++cpu) rounds[cpu] = run_.cpus[cpu]->wait_rounds();
  const auto start = Clock::now();
  while (run_.activity == activity && ms_since(start) < kAskAgainMs) {
    bool all = true;
    for (std::uint32_t cpu = 0; cpu < count; ++cpu) {
      ThreadCpu& each = *run_.cpus[cpu];
      if (each.activity() != ThreadActivity::kWaiting || each.wait_rounds() >= rounds[cpu] + 2) continue;
      all = false;
      each.wake_word().wake();
    }
    if (all) return true;
    run_.host.sleep(run_.host.value(), kSettleMicroseconds);
  }
  return false;
}

bool ThreadsMachine::ends_deferrals() {
  bool any = false;
  for (std::uint32_t cpu = 0; cpu < run_.cpu_count; ++cpu) any = any || run_.cpus[cpu]->holds_back_interrupt();
  if (!any) return false;
  run_.deferral_epoch.fetch_add(1);
  for (std::uint32_t cpu = 0; cpu < run_.cpu_count; ++cpu) run_.cpus[cpu]->wake_word().wake();
  return true;
}

bool ThreadsMachine::advances_time() {
  std::uint64_t next = ParallelCpu::kNoLimit;
  for (std::uint32_t cpu = 0; cpu < run_.cpu_count; ++cpu) next = std::min(next, run_.cpus[cpu]->deadline());
  if (next == ParallelCpu::kNoLimit) return false;
  const std::uint64_t now = run_.now();
  if (next > now) run_.time_offset.fetch_add(next - now);
  for (std::uint32_t cpu = 0; cpu < run_.cpu_count; ++cpu) run_.cpus[cpu]->wake_word().wake();
  return true;
}

// ---- somebody is, for too long ----

// True if no cpu has changed a value, taken an interrupt or ended an operation while each that is awake has passed many
// points, or has computed for seconds without one. Counted in points and processor time, because a core that is busy
// with something else is no hang.
bool ThreadsMachine::nobody_changes_anything() {
  if (!observes_ || run_.progress.exchange(false)) {
    run_.observing = observes_ = true;
    run_.progress = false;
    for (std::uint32_t cpu = 0; cpu < run_.cpu_count; ++cpu) {
      points_then_[cpu] = run_.cpus[cpu]->points();
      processor_ns_then_[cpu] = processor_ns(slots_[cpu].thread);
    }
    return false;
  }
  // A run in which nobody is awake is settle's to judge.
  bool anybody_runs = false;
  no_point_ = false;
  for (std::uint32_t cpu = 0; cpu < run_.cpu_count; ++cpu) {
    if (run_.cpus[cpu]->activity() != ThreadActivity::kRunning) continue;
    anybody_runs = true;
    const std::uint32_t passed = run_.cpus[cpu]->points() - points_then_[cpu];
    if (passed >= limits_.spin_points) continue;
    const std::uint64_t computed_ns = processor_ns(slots_[cpu].thread) - processor_ns_then_[cpu];
    if (passed != 0 || computed_ns < limits_.no_point_ms * std::uint64_t{1'000'000}) return false;
    no_point_ = true;
  }
  return anybody_runs && !run_.progress;
}

void ThreadsMachine::dump_stacks() {
  run_.failing = true;
  std::vector<DumpedThread> threads;
  for (std::uint32_t cpu = 0; cpu < run_.cpu_count; ++cpu)
    threads.push_back({run_.cpus[cpu].get(), slots_[cpu].thread_id});
  stop_and_dump(threads);
}

// ---- what was seen ----

void ThreadsMachine::check_at_rest() {
  for (const gl_invariant_entry* entry = run_.target->invariants; entry != nullptr && entry->name != nullptr; ++entry) {
    if (entry->holds()) continue;
    run_.failure = {.end = RunEnd::kInvariant, .what = entry->name};
    return;
  }
}

void ThreadsMachine::fill_view(RunEnd end) {
  std::vector<const OrderLog*> logs;
  views_.clear();
  result_.applied.clear();
  RunView& view = result_.view;
  view = {.end = end};
  for (std::uint32_t cpu = 0; cpu < run_.cpu_count; ++cpu) {
    const ThreadCpu& each = *run_.cpus[cpu];
    logs.push_back(&each.log());
    views_.push_back(each.view());
    view.points += each.points();
    result_.applied.insert(result_.applied.end(), each.applied().begin(), each.applied().end());
  }
  run_.points_expected =
      std::clamp(static_cast<std::uint32_t>(view.points / run_.cpu_count), kPointsExpectedMin, kPointsExpectedMax);
  view.cpus = views_;
  result_.no_point = end == RunEnd::kSelfLoops && no_point_;
  result_.order.clear();
  if (end == RunEnd::kCompleted) return;
  result_.order = merge(logs);
  const ThreadFailure& failure = run_.failure;
  if (end == failure.end) {
    failure_ = {.what = failure.what,
                .cpu = CpuId(failure.cpu),
                .frames = {failure.frames, failure.frames + failure.frame_count}};
    if (failure.file != nullptr) failure_.where = std::string(failure.file) + ":" + std::to_string(failure.line);
    view.failure = &failure_;
  }
  if (end != RunEnd::kSanitizerReport) return;
  const RawRace& race = run_.race;
  race_ = {.accesses = {view_of(race.accesses[0]), view_of(race.accesses[1])},
           .on_stack = is_stack_address(race.address)};
  race_.offset = race_.on_stack ? 0 : race.address - kArenaBase;
  race_.bytes = race.bytes;
  view.race = &race_;
}

}  // namespace gridlock
