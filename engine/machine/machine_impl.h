// The machine's state and its parts. Split by what they own:
//
//     machine.cc       a run from setup to view; the host's loop
//     point.cc         what happens at a point: decisions, spins, switches, the countdown
//     delivery.cc      interrupts, softirqs, migrations, waits
//     ending.cc        nobody can run: deferrals, virtual time, the proofs of hang and livelock
//     judging.cc       what the race judge and ThreadSanitizer say of the target's accesses
//     locking.cc       which locks are held, as the harness tells it
//     recording.cc     the trace and the view
//     hooks.cc         gl_* on top of the functions below
//
// Functions marked "on the cpu" run on a cpu's stack: no allocation, no libc memory function (ThreadSanitizer
// intercepts them and sees a race), no exception. Functions marked "on the host" may do all of that.
//
// May include: base, model, feedback, hook, strategy, judge/race.
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "engine/base/hash.h"
#include "engine/judge/race/race_judge.h"
#include "engine/machine/arrival.h"
#include "engine/machine/cpu.h"
#include "engine/machine/fixed_memory.h"
#include "engine/machine/gate.h"
#include "engine/machine/lock_watch.h"
#include "engine/machine/machine.h"
#include "engine/machine/misjudged_sites.h"
#include "engine/machine/program_memory.h"
#include "engine/machine/raw_race.h"
#include "engine/machine/run_order.h"

namespace gridlock {

class MachineImpl final : public Machine, public PointGate, private race::Listener {
 public:
  [[nodiscard]] Result<void> initialise();
  ~MachineImpl() override;
  MachineImpl() { is_machine = true; }
  MachineImpl(const MachineImpl&) = delete;
  MachineImpl& operator=(const MachineImpl&) = delete;

  [[nodiscard]] const RunView& run(const gl_target& target, const Scenario& scenario, Strategy& strategy,
                                   const RunOptions& options) override;

  // The machine whose gate is current, or nullptr.
  [[nodiscard]] static MachineImpl* current() {
    return current_gate->is_machine ? static_cast<MachineImpl*>(current_gate) : nullptr;
  }

  // ---- for the hooks, on the cpu ----
  void point(PointFrame* frame);
  // The next point enters the machine. The points counted so far stay counted.
  void close_gate() {
    armed_ = armed_ - countdown + 1;
    countdown = 1;
  }
  [[nodiscard]] std::uint32_t this_cpu() const { return running_ == nullptr ? 0 : running_->id; }
  [[nodiscard]] bool on_cpu() const { return mode_ == Mode::kRun; }
  // True while code of the target runs on a cpu, or a hook that it called; not where the machine works for itself.
  [[nodiscard]] bool in_target() const { return mode_ == Mode::kRun && !is_working_; }
  // REQUIRES: on_cpu().
  [[nodiscard]] Cpu& cpu() { return *running_; }
  void set_interrupts(bool enabled, const void* hook_frame);  // without the point
  void send_ipi(std::uint32_t cpu, std::uint32_t vector, const void* hook_frame);
  void raise_softirq(std::uint32_t number, const void* hook_frame);
  // Evaluates the condition of a wait of the running cpu, and notes what it read as what the cpu waits for.
  [[nodiscard]] bool wait_is_over(WaitRecord& wait);
  // The events of the end of a wait. REQUIRES: wait_is_over() has just said so.
  void note_wait_done();
  [[nodiscard]] std::uint64_t now();
  [[nodiscard]] std::uint64_t read_clock();  // the same for the target, which may act on it
  void lock_acquired(const void* lock, const char* name, unsigned flags, const void* hook_frame);
  void lock_released(const void* lock, const void* hook_frame);
  void set_wait_limit(std::uint64_t ticks);  // of the next timed wait of the context that runs
  // The step that runs changes the word at `address`, which is not that of its point: who waits for it looks again.
  void word_changes(std::uint64_t address);
  // Moves virtual time to the earliest end of a timed wait. False if nobody waits for time.
  bool advance_time();
  // As if the entry of a cpu made by gl_cpu_create had returned. REQUIRES: in task context.
  [[noreturn]] void end_cpu() { leave_for_good(*running_); }
  // What the target has on the cpu's stack lies below this address.
  [[nodiscard]] std::uint64_t task_boundary() const { return running_->contexts[0].boundary; }
  std::uint32_t create_cpu(void (*entry)(void*), void* argument);
  [[nodiscard]] bool cpu_limit_reached() const { return cpu_count_ == kCpusMax; }
  [[nodiscard]] bool cpu_ended(std::uint32_t cpu);
  [[nodiscard]] bool has_cpu(std::uint32_t cpu) const { return cpu < cpu_count_; }
  [[nodiscard]] bool has_vector(std::uint32_t vector) const { return vector < vector_count_; }
  [[nodiscard]] bool has_softirq(std::uint32_t number) const { return number < softirq_count_; }
  // Ends the run. `hook_frame` is the frame pointer of the hook that the target called, or nullptr. The strings live
  // as long as the program.
  [[noreturn]] void fail(RunEnd end, const char* what, const char* file, int line, const void* hook_frame);
  // The same with a sentence of what happened, and where. REQUIRES: `frame_count` is at most kFailureFramesMax.
  [[noreturn]] void fail_at(RunEnd end, const char* what, const Site* frames, std::uint32_t frame_count);
  // Ends the run as one that is complete, whatever other cpus still do.
  [[noreturn]] void complete();
  // What is called from here on, up to the frame with this frame pointer, is the target's; the frame itself is the
  // engine's. For an operation that is engine code itself.
  void set_boundary(const void* frame) { running_->context().boundary = reinterpret_cast<std::uint64_t>(frame); }

  // Of the names of the locks that the cpu holds now, whatever their order; 0: it holds none.
  [[nodiscard]] std::uint32_t held_locks_hash(const Cpu& cpu) const { return locks_.held_hash(cpu.id); }

  // ---- for the hooks, anywhere ----
  [[nodiscard]] const Scenario& scenario() const { return *scenario_; }
  [[nodiscard]] std::uint32_t variant() const { return options_.variant; }
  // Zeroed memory of the arena, or nullptr if it is exhausted.
  [[nodiscard]] void* allocate(std::size_t size, std::size_t align);
  // Of a live block of this run; nothing if `block` is not the start of one.
  [[nodiscard]] std::optional<std::size_t> block_bytes(const void* block);
  // True if it is the start of a block that is dead.
  [[nodiscard]] bool was_block(const void* block);
  // False if `block` is not the start of a live block. `hook_frame` as in note().
  [[nodiscard]] bool release(void* block, const void* hook_frame);
  [[nodiscard]] bool traces() const { return options_.trace; }
  // True in a run that is made only to see how a race came about.
  [[nodiscard]] bool repeats() const { return repeats_; }
  void name_memory(std::uint64_t address, std::size_t size, const char* name);
  // An event of the running cpu for the trace; nothing if none is recorded. `hook_frame`: the frame pointer of the hook
  // that the target called, where there is one.
  void note(StepKind kind, std::uint32_t a = 0, std::uint32_t b = 0, const void* hook_frame = nullptr) {
    if (options_.trace && running_ != nullptr) record_event(*running_, kind, a, b, hook_frame);
  }
  // ThreadSanitizer's report, from inside the access that it is about. A finding ends the run at the next point.
  void sanitizer_reported(const RawRace& race);
  // True if ThreadSanitizer need not see a plain access by the call that returns to `code`.
  [[nodiscard]] bool is_misjudged(std::uint64_t code) const { return misjudged_sites_.contains(code); }

  // Frames of a context of a cpu, innermost first; for reports.
  [[nodiscard]] std::uint32_t walk(const Context& context, Site* frames, std::uint32_t frames_max) const;
  // The return addresses above the engine function with this frame pointer, up to the frame `boundary`.
  [[nodiscard]] std::uint32_t walk_from(const void* frame_pointer, std::uint64_t boundary, Site* frames,
                                        std::uint32_t frames_max) const;
  [[nodiscard]] Site site_of(std::uint64_t code_address) const { return code_address - load_bias; }
  [[nodiscard]] Site site_of_point(const PointFrame& frame) const;
  [[nodiscard]] Site site_of_cpu(const Cpu& cpu) const;

 private:
  // While one lives, the machine works for itself though it is on a cpu: what it allocates is the engine's own.
  class Work {
   public:
    explicit Work(MachineImpl& machine) : machine_(machine), before_(machine.is_working_) {
      machine.is_working_ = true;
    }
    ~Work() { machine_.is_working_ = before_; }
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;

   private:
    MachineImpl& machine_;
    bool before_;
  };

  class Recording;  // work on a trace, in recording.cc

  // Who calls the hooks: nobody's run (setup, checks), a wait's condition, or a cpu.
  enum class Mode : std::uint8_t { kHost, kWatching, kRun };

  // A failure as it is noted on the cpu, where no string may be made.
  struct RawFailure {
    const char* what = nullptr;
    const char* file = nullptr;
    int line = 0;
    bool is_statement = false;
    std::uint32_t cpu = 0;
    std::uint32_t frame_count = 0;
    Site frames[kFailureFramesMax] = {};
  };

  // machine.cc
  void begin(const gl_target& target, const Scenario& scenario, Strategy& strategy, const RunOptions& options);
  void host_loop();
  void run_once(const gl_target& target, const Scenario& scenario, Strategy& strategy, const RunOptions& options);
  void finish();
  Cpu& add_cpu(bool has_program);
  static void cpu_entry();
  void run_program(Cpu& cpu);
  [[noreturn]] void idle_for_ever(Cpu& cpu);
  void enter_from_host(Cpu& cpu);
  [[noreturn]] void leave_for_good(Cpu& cpu);
  void leave_to(Cpu& cpu, Cpu* next);
  void arrived_on(Cpu& cpu);
  static void begin_turn(Cpu& cpu);
  void check_at_rest();

  // point.cc
  void account();
  void arm();
  [[nodiscard]] std::int32_t points_to_next_look(Cpu& cpu);
  [[nodiscard]] bool is_asked_about(PointCode code) const;
  void pass(Cpu& cpu, PointFrame& frame);
  [[nodiscard]] bool sleeps(Cpu& cpu, StepKind kind);
  bool consult(Cpu& cpu);
  void apply(Cpu& cpu, const Decision& decision);
  void note_at_point(const Cpu& cpu, StepKind kind, std::uint32_t a = 0, std::uint32_t b = 0);
  [[nodiscard]] static bool is_time_to_observe(const Cpu& cpu, StepKind kind) {
    return kind == StepKind::kRelax || cpu.solo_points >= cpu.observe_at;
  }
  [[nodiscard]] static bool may_be_spinning(const Cpu& cpu, StepKind kind) {
    return cpu.observation.active() || is_time_to_observe(cpu, kind);
  }
  bool found_spinning(Cpu& cpu, const PointFrame& frame);
  [[nodiscard]] std::uint32_t solo_points_max() const;
  bool solo_limit_reached(Cpu& cpu);
  void leave(Cpu& cpu, bool unasked);
  std::uint32_t ask_ahead();
  void get_stuck(Cpu& cpu, CpuActivity activity);
  void wake(Cpu& cpu);
  void note_write(const Arrival& arrival);
  void rebuild_watched();
  void check_invariants_at_point();
  [[nodiscard]] bool holds_quietly(bool (*check)());
  [[noreturn]] void end_run(RunEnd end);

  // delivery.cc
  void raise(std::uint32_t cpu, std::uint32_t vector);
  void take_interrupts(Cpu& cpu);
  void run_handler(Cpu& cpu, ContextView::Kind kind, std::uint32_t number, Interrupts::Migration migration);
  void call_handler(ContextView::Kind kind, std::uint32_t number, Interrupts::Migration migration);
  void run_softirqs(Cpu& cpu);
  void enter_context(Cpu& cpu, ContextView::Kind kind, std::uint32_t number);
  void exit_context(Cpu& cpu);
  sanitizer::Context& sanitizer_context(Cpu& cpu, std::uint32_t depth);
  void wake_for_interrupt(Cpu& cpu);
  [[nodiscard]] bool wait_ends_by_interrupt(const Cpu& cpu, const WaitRecord& wait) const;

  // locking.cc
  [[nodiscard]] LockPlace lock_place(const void* hook_frame) const;
  void note_lock(StepKind kind, const void* lock, std::uint32_t flags, const void* hook_frame);
  void irqs_enabled_under_locks(const void* hook_frame);
  [[nodiscard]] bool comes_any_time(const Cpu& cpu, ContextView::Kind kind, std::uint32_t number) const;
  void ipi_sent(std::uint32_t cpu, std::uint32_t vector);
  void softirq_raised(std::uint32_t number);

  // ending.cc
  bool settle();
  bool end_all_deferrals();
  void prove_self_loops();
  void probe_round();
  void wake_everybody();
  [[nodiscard]] Hash128 state_hash() const;
  void add_cpu_state(Hasher& hasher, const Cpu& cpu) const;
  void look_for_cycle(Cpu& cpu, const PointFrame& frame);
  bool lets_in_who_was_left_out();

  // judging.cc
  [[nodiscard]] Result<void> initialise_judge();
  void note_hand_over(const Cpu& from, const Cpu& to);
  void observe_nobody() {
    interleavings = nullptr;
    judge = nullptr;
    race_judge_.nobody();
  }
  // What runs from here on is judged, and told by the feedback, as the context that the cpu is in.
  void observe_context(Cpu& cpu) {
    interleavings = options_.interleavings;
    if (interleavings != nullptr) interleavings->enter(cpu.id, cpu.depth);
    if (!options_.races) return;
    judge = &race_judge_;
    race_judge_.enter(race_judge_.strand(cpu.id, cpu.depth));
  }
  void race_found(const race::Race& race) override;
  [[noreturn]] void memory_fault(race::MemoryFault fault, bool write, std::uint64_t address,
                                 std::uint64_t bytes) override;
  void watched_access() override;
  void describe_here(RawRace::Access& access) const;
  void note_bad_access(bool write, std::uint64_t address, std::uint64_t bytes);
  void note_racing_access(std::uint32_t side, race::AccessKind kind, std::uint64_t address, std::uint64_t bytes);
  void repeat_for_first_access(const gl_target& target, const Scenario& scenario, const RunOptions& options);
  void view_races();

  // recording.cc
  void record_point(const Cpu& cpu, PointIndex index, const Arrival& arrival);
  void record_event(const Cpu& cpu, StepKind kind, std::uint32_t a, std::uint32_t b, const void* hook_frame,
                    Site call = 0);
  void note_condition_read(const PointFrame& frame);
  [[nodiscard]] bool is_engine_memory(std::uint64_t offset) const;
  void push_step(const Step& step);
  void note_states();
  void record_in_profile(const Cpu& cpu, const PointFrame& frame);
  void fill_view();
  void view_profile();
  void view_cpu(Cpu& cpu, CpuView& view) const;

  PointGate* previous_gate_ = nullptr;
  race::RaceJudge race_judge_;
  LockWatch locks_;
  FixedMemory memory_;
  const std::array<ProgramSection, 2> program_sections_ = program_sections();
  Fiber host_;
  sanitizer::Context host_context_;

  // What runs.
  const gl_target* target_ = nullptr;
  const Scenario* scenario_ = nullptr;
  Strategy* strategy_ = nullptr;
  RunOptions options_;
  std::uint32_t vector_count_ = 0;
  std::uint32_t softirq_count_ = 0;
  bool checks_at_points_ = false;
  bool looks_at_every_point_ = false;  // for checks, a trace or a profile

  // The run.
  Mode mode_ = Mode::kHost;
  bool is_working_ = false;  // see Work; of whatever stack runs
  std::int32_t armed_ = 0;   // what the countdown was set to
  Cpu* running_ = nullptr;
  Cpu* arriving_ = nullptr;  // whom a jump enters
  RunOrder order_;
  std::array<std::unique_ptr<Cpu>, kCpusMax> cpus_;
  std::uint32_t cpu_count_ = 0;
  std::uint64_t watchers_ = 0;  // bit per cpu: stuck until one of its watches changes
  bool watched_stale_ = false;  // `watched` may hold words that nobody waits for any more: slower, never wrong
  std::array<PendingAccess, kCpusMax> pending_{};
  std::uint64_t total_points_ = 0;
  std::uint64_t time_offset_ = 0;  // virtual time = points + this
  std::uint64_t switches_ = 0, raised_ = 0, taken_ = 0, migrations_taken_ = 0, migrations_dropped_ = 0;
  bool ended_ = false;
  RunEnd end_ = RunEnd::kCompleted;

  // The ending.
  bool probing_ = false;
  bool changed_ = false;             // a store changed a value since this was cleared (kept while it matters)
  bool clock_read_ = false;          // the target read virtual time since this was cleared
  std::uint64_t livelock_from_ = 0;  // total_points_ from which on a livelock is looked for
  struct Cycle {
    bool armed = false;
    bool second_order = false;
    std::uint64_t length = 0, limit = 0;
    std::uint32_t cpu = 0;
    std::uint64_t site = 0, stack = 0;
    Hash128 state;
    std::array<std::uint32_t, kCpusMax> points{};  // of each cpu, when it was armed
  } cycle_;

  // What is told.
  std::vector<Directive> directives_;  // kDirectivesMax of them, so that recording one neither grows nor allocates
  std::uint32_t directive_count_ = 0;
  bool directives_overflowed_ = false;
  Trace trace_;
  std::vector<std::string> shown_;     // by state of the target, what it showed last
  std::vector<Step> condition_reads_;  // of the wait condition that was evaluated last; empty if no trace is recorded
  RunProfile profile_;                 // as many cpus as ever were; RunView::profile has those of the run
  RawFailure raw_failure_;
  std::optional<BadAccess> bad_access_;
  Failure failure_;
  // A data race, or a report of ThreadSanitizer that the clocks cannot explain, ends the run at the next point.
  bool race_seen_ = false;
  RunEnd race_end_ = RunEnd::kDataRace;
  race::Race judged_race_;
  RawRace raw_race_;
  bool sanitizer_agrees_ = false;
  RawRace sanitizer_race_;
  std::uint64_t ordered_reports_ = 0;
  MisjudgedSites misjudged_sites_;  // of all runs
  RawRace first_ordered_report_;
  RaceReport race_;
  RaceReport ordered_report_;
  // The run is repeated to see how its first racing access came about.
  bool repeats_ = false;
  struct Watched {
    std::uint32_t cpu = 0, depth = 0, number = 0;
  } watched_;
  std::unique_ptr<Strategy> repeating_;
  Scenario repeated_;
  std::vector<CpuView> views_;
  RunView view_;
};

}  // namespace gridlock
