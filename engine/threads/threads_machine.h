// The second machine: each virtual cpu is a thread of the operating system on a core of the host, and ThreadSanitizer
// watches real parallelism. It finds what no switch at a point can show: reorderings of the hardware, accesses between
// points that meet, code that takes its points for the only places where others run. It proves nothing: what it sees is
// run again on the fiber machine, in the order in which it was recorded (strategy/recorded.h).
//
// *Not deterministic*, and the only part of the engine that is not: the same scenario and seed run differently each
// time.
//
// Kept apart from engine/machine because nothing of a run is shared: there is no order of the cpus, no proof, no trace
// and no race judge here; only the gate, the rules of interrupts and the memory are the same.
//
// May include: base, model, hook, machine.
#pragma once

#include <pthread.h>

#include <memory>
#include <vector>

#include "engine/base/error.h"
#include "engine/threads/order_log.h"
#include "engine/threads/run_state.h"

namespace gridlock {

// When a run counts as hung, if nobody changes anything: a run takes micro- to milliseconds.
struct WatchLimits {
  std::uint32_t suspect_ms = 300;     // the run has lasted so long: from now on changes are looked for
  std::uint32_t spin_points = 4000;   // of each cpu that is awake, without a change by anybody: a hang
  std::uint32_t no_point_ms = 2000;   // or so much processor time of a cpu without a point
  std::uint32_t give_up_ms = 20'000;  // things do change, but it does not end
};

struct ThreadsRun {
  // kCompleted, kAssertion, kInvariant, kMemoryError; kSanitizerReport: ThreadSanitizer saw a race; kSelfLoops: nobody
  // can be seen to go on; kPointLimit: neither that nor an end.
  RunView view;
  // False: threads of the target stand somewhere for good. Nothing more can be run, the process must end.
  bool is_reusable = true;
  RecordedOrder order;
  std::vector<Directive> applied;  // interrupts, deferrals and migrations, at the points where they were taken in
  bool no_point = false;           // kSelfLoops: some cpu computes without passing a point
};

class ThreadsMachine final : private Spawner {
 public:
  // Maps the target's memory, unless the fiber machine of this process has: then that one must not run anything between
  // two runs of this one without wiping, and nothing at all while a run goes on. ERRORS: as Machine::create.
  [[nodiscard]] static Result<std::unique_ptr<ThreadsMachine>> create(WatchLimits limits = {});
  ~ThreadsMachine();

  // Runs `scenario`, legal under the target's schema. `seed` draws delays and random interrupts. The result and all it
  // points to live until the next call. A crash of the target crashes the process.
  [[nodiscard]] const ThreadsRun& run(const gl_target& target, const Scenario& scenario, std::uint32_t variant,
                                      std::uint64_t seed);

 private:
  struct Slot {
    pthread_t thread{};
    std::atomic<int> thread_id = 0;
    bool exists = false;
  };
  enum class Settled : std::uint8_t { kGoOn, kAtRest, kStuck };

  explicit ThreadsMachine(WatchLimits limits);
  static void* thread_main(void* argument);
  ThreadCpu* spawn(void (*entry)(void*), void* argument) override;
  void make_thread(std::uint32_t cpu);
  void begin(const gl_target& target, const Scenario& scenario, std::uint32_t variant, std::uint64_t seed);
  [[nodiscard]] RunEnd watch();
  [[nodiscard]] Settled settle();
  [[nodiscard]] bool conditions_asked_again(std::uint64_t activity);
  [[nodiscard]] bool ends_deferrals();
  [[nodiscard]] bool advances_time();
  [[nodiscard]] bool nobody_changes_anything();
  void check_at_rest();
  void dump_stacks();
  void fill_view(RunEnd end);

  WatchLimits limits_;
  RunState run_;
  std::unique_ptr<ThreadCpu> host_cpu_;
  std::array<Slot, kCpusMax> slots_;
  SpinLock spawn_lock_;
  std::vector<int> cores_;  // that this process may use
  // Of the observation that goes on: points of each cpu and its processor time when it began.
  bool observes_ = false;
  std::array<std::uint32_t, kCpusMax> points_then_{};
  std::array<std::uint64_t, kCpusMax> processor_ns_then_{};
  bool no_point_ = false;

  ThreadsRun result_;
  std::vector<CpuView> views_;
  Failure failure_;
  RaceReport race_;
};

}  // namespace gridlock
