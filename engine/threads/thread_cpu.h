// One virtual cpu on a thread of its own: its gate, its interrupts, the contexts nested on its stack, its log.
//
// What differs from the fiber machine's Cpu: others send it interrupts at any time, into a mailbox that it empties at
// its points; and it may be told to wait, never to run.
//
//     mailbox <--send_ipi-- other cpus          Interrupts (own thread only)
//        |  receive(), at each point and round of a wait  |
//        +------------------------------------------------+--> take_interrupts() where they are enabled
//
// May include: base, model, hook, machine.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

#include "engine/machine/gate.h"
#include "engine/machine/interrupts.h"
#include "engine/machine/parallel_cpu.h"
#include "engine/machine/sanitizer.h"
#include "engine/threads/order_log.h"
#include "engine/threads/perturbation.h"
#include "engine/threads/run_state.h"

namespace gridlock {

// What a cpu does, for the host that looks whether anything can still happen.
enum class ThreadActivity : std::uint8_t { kRunning, kWaiting, kIdle, kEnded };

// The stack of one context, as it was found by the dump (engine/threads/stack_dump.h).
struct DumpedContext {
  ContextView::Kind kind = ContextView::Kind::kTask;
  std::uint32_t number = 0;
  std::uint32_t frame_count = 0;
  Site frames[kFailureFramesMax] = {};
};

class ThreadCpu final : public PointGate, public ParallelCpu {
 public:
  // Handlers over handlers; one more stays pending.
  static constexpr std::uint32_t kNestingMax = 8;

  ThreadCpu(RunState& run, std::uint32_t id);

  // ---- host or, for a cpu that another creates, that one; while this cpu rests ----
  // What the next start() runs: its program, or `entry`.
  void assign_program() { entry_ = nullptr; }
  void assign_entry(void (*entry)(void*), void* argument);
  // Virtual time counts the cpu from now on, though its thread has not begun.
  void forget_points() { points_ = 0; }
  // Lets the thread go. The caller has counted the cpu as awake.
  void start();

  // ---- host, when the run has ended ----
  [[nodiscard]] const OrderLog& log() const { return log_; }
  // What was done to it besides delays: interrupts, deferrals, migrations, by directive or at random.
  [[nodiscard]] std::span<const Directive> applied() const { return {applied_.data(), applied_count_}; }
  [[nodiscard]] void* flag_object() { return &flag_object_; }
  // As far as it can be told of a cpu whose stacks have been dumped, or that has come to rest.
  [[nodiscard]] CpuView view() const;

  // ---- its own thread ----
  // Runs what start() lets go and takes interrupts in between, until RunState::quitting.
  void live();
  // Writes down the stacks of its contexts, from the registers that a signal found. Async-signal safe.
  void dump(std::uint64_t instruction, std::uint64_t frame_pointer);
  [[nodiscard]] bool is_dumped() const { return dumped_count_.load() != 0; }

  // ---- any thread ----
  [[nodiscard]] std::uint32_t points() const { return points_.load(std::memory_order_relaxed); }
  [[nodiscard]] ThreadActivity activity() const { return activity_.load(); }
  // Its entry has returned, in this run and not in an earlier one.
  [[nodiscard]] bool has_ended() const {
    return prepared_.load() == started_.load() && activity() == ThreadActivity::kEnded;
  }
  [[nodiscard]] std::uint64_t deadline() const { return deadline_.load(); }
  [[nodiscard]] std::uint64_t wait_rounds() const { return wait_rounds_.load(); }
  [[nodiscard]] bool has_mail() const { return mailbox_.load() != 0; }
  // It has put off an interrupt, and nothing else keeps it.
  [[nodiscard]] bool holds_back_interrupt() const { return holds_.load(); }
  void post(std::uint32_t vector);
  WakeWord& wake_word() { return wake_word_; }
  [[nodiscard]] std::uint32_t priority() const { return priority_.load(std::memory_order_relaxed); }

  // ---- ParallelCpu ----
  void point(PointFrame* frame) override;
  [[nodiscard]] unsigned this_cpu() const override { return id_; }
  [[nodiscard]] unsigned cpu_count() const override { return run_.scenario->cpu_count(); }
  [[nodiscard]] unsigned variant() const override { return run_.variant; }
  [[nodiscard]] std::uint32_t parameter(unsigned index) const override;
  [[nodiscard]] void* allocate(std::size_t size, std::size_t align, const void* hook_frame) override;
  void release(void* block, const void* hook_frame) override;
  [[nodiscard]] bool irqs_enabled() const override { return mode_ == Mode::kHost || interrupts_.enabled(); }
  void set_interrupts(bool enabled) override;
  [[nodiscard]] bool irq_pending() const override { return (interrupts_.pending() | mailbox_.load()) != 0; }
  [[nodiscard]] bool in_irq() const override;
  [[nodiscard]] bool in_interrupt() const override { return depth_ > 0; }
  void send_ipi(unsigned cpu, unsigned vector, const void* hook_frame) override;
  void raise_softirq(unsigned number, const void* hook_frame) override;
  [[nodiscard]] bool wait(bool (*ready)(void*), void* argument, bool irq_ends, std::uint64_t ticks,
                          const void* hook_frame) override;
  [[nodiscard]] std::uint64_t now() override;
  [[nodiscard]] unsigned create_cpu(void (*entry)(void*), void* argument, const void* hook_frame) override;
  [[nodiscard]] bool cpu_ended(unsigned cpu) override;
  void step_begins() override;
  void step_ends() override;
  [[noreturn]] void fail(RunEnd end, const char* what, const char* file, int line, const void* hook_frame) override;
  void sanitizer_reported(const RawRace& race) override;
  [[nodiscard]] Site site_of(std::uint64_t code_address) const override { return code_address - run_.load_bias; }
  [[nodiscard]] std::uint64_t stack_boundary() const override { return contexts_[depth_].boundary; }

 private:
  // Who calls the hooks: setup and checks on the host's thread, a wait's condition, or the cpu's own code.
  enum class Mode : std::uint8_t { kHost, kWatching, kRun };

  struct Context {
    ContextView::Kind kind = ContextView::Kind::kTask;
    std::uint32_t number = 0;
    std::uint64_t boundary = 0;            // frame pointer of the engine function that called into the target
    const void* interrupted_at = nullptr;  // the hook's frame at which a handler came in over this context
    bool* wait_interrupted = nullptr;      // of the innermost wait of this context
  };
  struct Wait {
    bool (*ready)(void*) = nullptr;
    void* argument = nullptr;
    bool irq_ends = false;
    bool interrupted = false;
    std::uint64_t deadline = kNoLimit;
  };
  static constexpr std::uint32_t kRecentMax = 8;
  static constexpr std::uint32_t kAppliedMax = 256;

  // thread_cpu.cc
  void prepare();
  void run_program();
  void idle(std::uint32_t started);
  void meet_the_others();
  void note_point(const PointFrame& frame);
  void observe(const PointFrame& frame);
  void park();

  // thread_interrupts.cc
  void receive();
  void obey_directives(std::uint32_t point);
  void inject(std::uint32_t point);
  void apply(std::uint32_t point, Action action, std::uint32_t a, std::uint32_t b);
  void take_interrupts();
  void run_handler(ContextView::Kind kind, std::uint32_t number, Interrupts::Migration migration);
  void call_handler(ContextView::Kind kind, std::uint32_t number, Interrupts::Migration migration);
  void run_softirqs();
  void enter_context(ContextView::Kind kind, std::uint32_t number);
  void exit_context();

  // thread_waiting.cc
  [[nodiscard]] bool is_over(Wait& wait, bool& by_time);
  void sleep_a_round(std::uint32_t round);
  void set_asleep(ThreadActivity activity);
  void set_awake();
  void hold_back(std::uint32_t nanoseconds);
  void let_others_pass();
  [[nodiscard]] bool somebody_above_runs() const;

  RunState& run_;
  const std::uint32_t id_;
  Mode mode_ = Mode::kHost;

  std::atomic<std::uint32_t> started_ = 0;   // how often start() was called
  std::atomic<std::uint32_t> prepared_ = 0;  // for which of them the thread has made itself ready
  void (*entry_)(void*) = nullptr;           // of a cpu that another created; nullptr: it runs a program
  void* entry_argument_ = nullptr;

  Interrupts interrupts_;
  std::uint32_t deferral_epoch_ = 0;
  std::uint32_t depth_ = 0;
  std::uint32_t step_depth_ = 0;
  std::array<Context, kNestingMax + 1> contexts_;
  std::array<sanitizer::Context, kNestingMax + 1> sanitizer_contexts_;
  std::uint32_t sanitizer_contexts_made_ = 0;
  // Their addresses stand in ThreadSanitizer's eyes for the interrupt flag and for what is on its way to a handler.
  std::uint64_t flag_object_ = 0, ipi_object_ = 0, softirq_object_ = 0;

  Perturbation perturbation_;
  OrderLog log_;
  std::vector<Directive> applied_;
  std::uint32_t applied_count_ = 0;
  std::array<std::uint64_t, kRecentMax> recent_{};  // addresses of the latest accesses, while a hang is suspected
  std::uint32_t recent_count_ = 0;

  // For the dump: the hook's frame while the engine has the thread, else nullptr.
  std::atomic<const void*> stands_at_ = nullptr;
  std::array<DumpedContext, kNestingMax + 1> dumped_;
  std::atomic<std::uint32_t> dumped_count_ = 0;

  std::atomic<std::uint32_t> points_ = 0;
  std::atomic<std::uint32_t> priority_ = 0;
  std::atomic<ThreadActivity> activity_ = ThreadActivity::kIdle;
  std::atomic<std::uint64_t> wait_rounds_ = 0;
  std::atomic<std::uint64_t> deadline_ = kNoLimit;
  std::atomic<bool> holds_ = false;
  // On a line of its own: others write it.
  alignas(64) std::atomic<std::uint64_t> mailbox_ = 0;
  WakeWord wake_word_;
};

}  // namespace gridlock
