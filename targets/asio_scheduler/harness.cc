// Boost.Asio's scheduler, what io_context and thread_pool are made of, as Debian's package has it: cpus post
// operations, start some that a device completes, and run, poll and stop the scheduler beside each other. README.md
// says what is checked.
//
// May include: engine/hook, the standard library, Boost.Asio.
#include <boost/asio/execution_context.hpp>
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"
#include "engine/hook/handover.h"
#include "engine/hook/oracles.h"
#include "engine/hook/replace_new.h"
#include "engine/hook/thread_locals.h"
#include "targets/asio_scheduler/posix.h"
#include "targets/asio_scheduler/reactor.h"

namespace {

namespace asio = boost::asio;
using Scheduler = asio::detail::scheduler;
using Reactor = asio::detail::interrupt_reactor;
using Operations = asio::detail::op_queue<asio::detail::scheduler_operation>;

// In the order of kVariants.
enum Variant : unsigned { kRunOneContinues, kRestartsEarly, kForgetsInterrupts, kSharedResult, kAsShipped };
constexpr gl_variant_entry kVariants[] = {
    {"run-one-continues",
     "as shipped, handlers continue under run_one too: what follows is queued and nobody is woken: a bug of Asio",
     "deadlock"},
    {"restarts-early", "who stops the scheduler restarts it while others still run it: misuse by the harness",
     "deadlock"},
    {"forgets-interrupts", "the reactor forgets an interrupt that comes before it waits: a broken reactor", "deadlock"},
    {"shared-result", "handlers of all cpus write one variable, without a strand: misuse by the harness", "data-race"},
    {"as-shipped", "the package's headers; what follows under run_one and its like is posted and no continuation",
     "ok"},
    {},
};

// In the order of kParameters.
enum Parameter : unsigned { kHasReactor };
constexpr gl_parameter_entry kParameters[] = {{"reactor", 0, 1, 0, 1}, {}};

constexpr int kManyThreads = -1;  // BOOST_ASIO_CONCURRENCY_HINT_DEFAULT

struct State {
  asio::execution_context context;
  Scheduler scheduler{context, kManyThreads, false};
  Reactor* reactor = nullptr;
  oracle::Handover posted{oracle::Order::kFirstInFirstOut};
  oracle::Handover started{oracle::Order::kAny};  // with the device, or by a handler
  std::uint32_t result = 0;                       // of all handlers, in the variant that shares it

  futex::Mutex runners_mutex{*posix::sleepers};
  std::uint32_t runners = 0;                         // calls of run and its like that have not returned
  bool runs_all[oracle::Handover::kMakersMax] = {};  // by cpu: in a call that goes on while there is something to do
};
State* state;

// Completes once; its handler may post another to follow it on the same thread.
struct Operation : asio::detail::scheduler_operation {
  Operation(oracle::Handover& from, std::uint32_t number, std::uint32_t followers)
      : scheduler_operation(complete), handover(&from), item(number), to_follow(followers) {}

  static void complete(void* owner, scheduler_operation* base, const boost::system::error_code&, std::size_t);

  oracle::Handover* handover;
  std::uint32_t item;
  std::uint32_t to_follow;
};

// nullptr: this cpu has made all that it may.
Operation* make(oracle::Handover& handover, std::uint32_t followers) {
  const std::uint32_t item = handover.make();
  return item == oracle::Handover::kNone ? nullptr : new Operation(handover, item, followers);
}

void post(oracle::Handover& handover, std::uint32_t followers, bool is_continuation) {
  Operation* const operation = make(handover, followers);
  if (operation == nullptr) return;
  const std::uint32_t item = operation->item;
  state->scheduler.post_immediate_completion(operation, is_continuation);
  handover.pushed(item);
}

void Operation::complete(void* owner, scheduler_operation* base, const boost::system::error_code&, std::size_t) {
  auto* const operation = static_cast<Operation*>(base);
  GL_PROMISE(owner == &state->scheduler, "asio: an operation is completed by its scheduler");
  operation->handover->takes(operation->item);
  const std::uint32_t to_follow = operation->to_follow;
  delete operation;  // before the handler runs, as Asio's own operations do
  if (gl_variant() == kSharedResult) state->result = state->result + 1;
  if (to_follow == 0) return;
  const bool is_continuation = state->runs_all[gl_this_cpu()] || gl_variant() == kRunOneContinues;
  post(state->started, to_follow - 1, is_continuation);
}

void post_some(const std::uint32_t* arguments) {
  for (std::uint32_t i = 0; i < arguments[0]; ++i) post(state->posted, 0, false);
}

void post_chain(const std::uint32_t* arguments) {
  post(state->posted, arguments[0], false);
}

enum Vector : unsigned { kDevice };

void device() {
  if (state->reactor != nullptr) state->reactor->device();
}

// Several that a device completes, whose interrupt comes to the cpu that started them.
void start(const std::uint32_t* arguments) {
  if (state->reactor == nullptr) return;
  for (std::uint32_t i = 0; i < arguments[0]; ++i) {
    Operation* const operation = make(state->started, 0);
    if (operation == nullptr) break;
    const std::uint32_t item = operation->item;
    state->scheduler.work_started();
    state->reactor->start(item, operation);
    state->started.pushed(item);
  }
  gl_send_ipi(gl_this_cpu(), kDevice);
}

// What was started and is not ready completes now, as cancelled.
void cancel(const std::uint32_t*) {
  if (state->reactor == nullptr) return;
  Operations operations;
  state->reactor->cancel(operations);
  state->scheduler.post_deferred_completions(operations);
}

void stop(const std::uint32_t*) {
  state->scheduler.stop();
  if (gl_variant() == kRestartsEarly) state->scheduler.restart();
}

// A stopped scheduler may be restarted when no call of run is unfinished, and only then.
void begin_to_run() {
  state->runners_mutex.lock();
  if (state->runners++ == 0) state->scheduler.restart();
  state->runners_mutex.unlock();
}
void end_to_run() {
  state->runners_mutex.lock();
  --state->runners;
  state->runners_mutex.unlock();
}
template <class Call>
void run_by(Call call) {
  begin_to_run();
  boost::system::error_code error;
  call(error);
  end_to_run();
}
template <class Call>
void run_all_by(Call call) {
  state->runs_all[gl_this_cpu()] = true;
  run_by(call);
  state->runs_all[gl_this_cpu()] = false;
}

void run(const std::uint32_t*) {
  run_all_by([](auto& error) { state->scheduler.run(error); });
}
void poll(const std::uint32_t*) {
  run_all_by([](auto& error) { state->scheduler.poll(error); });
}
void run_one(const std::uint32_t*) {
  run_by([](auto& error) { state->scheduler.run_one(error); });
}
void run_one_for(const std::uint32_t* arguments) {
  run_by([arguments](auto& error) { state->scheduler.wait_one(arguments[0], error); });
}
void poll_one(const std::uint32_t*) {
  run_by([](auto& error) { state->scheduler.poll_one(error); });
}

constexpr gl_operation_entry kOperations[] = {{"post", post_some, {{"count", 1, 3}}},
                                              {"post_chain", post_chain, {{"followers", 1, 3}}},
                                              {"start", start, {{"count", 1, 3}}},
                                              {"cancel", cancel, {}},
                                              {"run", run, {}},
                                              {"run_one", run_one, {}},
                                              {"run_one_for", run_one_for, {{"usec", 1, 200}}},
                                              {"poll", poll, {}},
                                              {"poll_one", poll_one, {}},
                                              {"stop", stop, {}},
                                              {}};

constexpr gl_vector_entry kVectors[] = {{"device", device, true}, {}};

std::uint32_t operations_left() {
  return state->posted.count() + state->started.count();
}

bool counts_its_work() {
  return static_cast<std::uint32_t>(static_cast<long>(state->scheduler.outstanding_work_)) == operations_left();
}

// Each operation that has not completed is queued or waits for its device, and so is the scheduler's task.
bool has_all_operations() {
  const Scheduler& scheduler = state->scheduler;
  std::uint32_t queued = 0;
  bool has_task = false;
  for (const auto* operation = scheduler.op_queue_.front_; operation != nullptr; operation = operation->next_) {
    const bool is_task = operation == &scheduler.task_operation_;
    has_task |= is_task;
    queued += !is_task;
  }
  const std::uint32_t pending = state->reactor == nullptr ? 0 : state->reactor->pending();
  return queued + pending == operations_left() && has_task == (state->reactor != nullptr);
}

constexpr gl_invariant_entry kInvariants[] = {{"outstanding work is what was not completed", counts_its_work, nullptr},
                                              {"what was not completed is queued", has_all_operations, nullptr},
                                              {}};

void setup() {
  thread_locals::begin_run();
  posix::begin_run();
  Reactor::forgets_interrupts = gl_variant() == kForgetsInterrupts;
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  Scheduler& scheduler = state->scheduler;
  if (gl_parameter(kHasReactor) != 0 || gl_variant() == kForgetsInterrupts) {
    scheduler.init_task();
    state->reactor = scheduler.task_;
    state->reactor->name();
  }
  auto& mutex = scheduler.mutex_.mutex_.mutex_;
  auto& event = scheduler.wakeup_event_.event_;
  gl_name(&mutex, sizeof(mutex), "mutex_");
  gl_name(&event.cond_, sizeof(event.cond_), "wakeup_event_.cond_");
  gl_name(&event.state_, sizeof(event.state_), "wakeup_event_.state_");
  gl_name(&scheduler.outstanding_work_, sizeof(scheduler.outstanding_work_), "outstanding_work_");
  gl_name(&scheduler, sizeof(scheduler), "scheduler");
  state->runners_mutex.name("runners_mutex");
}

}  // namespace

extern "C" const gl_target gl_target_asio_scheduler;

const gl_target gl_target_asio_scheduler = {
    .name = "asio-scheduler",
    .summary = "Boost.Asio's scheduler, unmodified",
    .models = "Debian's libboost-dev: boost/asio/detail/scheduler.hpp, of io_context and thread_pool",
    .cpus_minimum = 2,
    .cpus_maximum = oracle::Handover::kMakersMax,
    .variants = kVariants,
    .parameters = kParameters,
    .operations = kOperations,
    .vectors = kVectors,
    .invariants = kInvariants,
    .setup = setup,
};
