// moodycamel's ConcurrentQueue and BlockingConcurrentQueue, as Debian's package has them. The parameter `queue` says
// which, and whether producers have tokens: one harness with one oracle asks them all. README.md says what is checked.
//
// May include: engine/hook, the standard library, moodycamel's queue.
#include <concurrentqueue/blockingconcurrentqueue.h>
#include <concurrentqueue/concurrentqueue.h>
#include <semaphore.h>
#include <time.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"
#include "engine/hook/handover.h"
#include "engine/hook/thread_locals.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kSharedToken, kPostForgotten, kConsumers, kAsShipped };
constexpr gl_variant_entry kVariants[] = {
    {"shared-token", "one producer token is used by all: misuse by the harness", "data-race"},
    {"post-forgotten", "sem_post counts only if somebody sleeps already: a broken system", "assertion"},
    {"consumers-without-token", "as shipped: who empties a producer's block may not have seen others leave it, a bug",
     "data-race"},
    {"as-shipped", "the package's headers; it does not grow, and without tokens one cpu consumes", "ok"},
    {},
};

enum Queue : unsigned { kWithoutTokens, kWithTokens, kBlocking, kQueues };
// In the order of kParameters.
enum Parameter : unsigned { kQueue };
constexpr gl_parameter_entry kParameters[] = {{"queue", 0, kQueues - 1, 0, kQueues - 1}, {}};

unsigned kind() {
  if (gl_variant() == kSharedToken) return kWithTokens;
  if (gl_variant() == kPostForgotten) return kBlocking;
  if (gl_variant() == kConsumers) return kWithoutTokens;
  return gl_parameter(kQueue);
}

// All that can be small is, so that blocks are used up and given back, and tables grow, within a few items.
struct Traits : moodycamel::ConcurrentQueueDefaultTraits {
  static constexpr std::size_t BLOCK_SIZE = 2;
  static constexpr std::size_t EXPLICIT_INITIAL_INDEX_SIZE = 2;
  static constexpr std::size_t IMPLICIT_INITIAL_INDEX_SIZE = 2;
  static constexpr std::size_t INITIAL_IMPLICIT_PRODUCER_HASH_SIZE = 1;
  static constexpr std::uint32_t EXPLICIT_CONSUMER_CONSUMPTION_QUOTA_BEFORE_ROTATE = 2;
  static constexpr int MAX_SEMA_SPINS = 1;
  static void* malloc(std::size_t size) { return gl_alloc(size, alignof(std::max_align_t)); }
  static void free(void* block) {
    if (block != nullptr) gl_free(block);
  }
};

using Item = std::uint32_t;
using ConcurrentQueue = moodycamel::ConcurrentQueue<Item, Traits>;
using BlockingQueue = moodycamel::BlockingConcurrentQueue<Item, Traits>;

constexpr unsigned kCpusMax = oracle::Handover::kMakersMax;
constexpr std::uint32_t kBulkMax = 3;

struct State {
  oracle::Handover handover{oracle::Order::kFirstInFirstOut};
  ConcurrentQueue* queue = nullptr;
  BlockingQueue* blocking = nullptr;
  // Those of a cpu, made when it needs them first.
  moodycamel::ProducerToken* producers[kCpusMax] = {};
  moodycamel::ConsumerToken* consumers[kCpusMax] = {};
  moodycamel::ProducerToken* shared = nullptr;
};
State* state;

template <class T, class... Arguments>
T* make(Arguments&&... arguments) {
  return new (gl_alloc(sizeof(T), alignof(T))) T(static_cast<Arguments&&>(arguments)...);
}

// The semaphore of the system, in the memory of a sem_t.
struct Semaphore {
  std::atomic<std::uint32_t> count;
  std::atomic<std::uint32_t> sleepers{0};
};
static_assert(sizeof(Semaphore) <= sizeof(sem_t));
Semaphore& in(void* semaphore) {
  return *static_cast<Semaphore*>(semaphore);
}
bool can_take(void* semaphore) {
  return in(semaphore).count.load() != 0;
}
bool has_items(void*) {
  return state->handover.count() != 0;
}
bool take(void* semaphore) {
  std::uint32_t found = in(semaphore).count.load();
  while (found != 0) {
    if (in(semaphore).count.compare_exchange_strong(found, found - 1)) return true;
  }
  return false;
}

}  // namespace

// Of the target alone, which is linked apart. A wait has its time-out when all sleep and nobody needs the sleeper; if
// there is an item then, its wakeup was lost.
extern "C" {
int sem_init(sem_t* semaphore, int, unsigned value) noexcept {
  new (semaphore) Semaphore{.count = value};
  return 0;
}
int sem_destroy(sem_t*) noexcept {
  return 0;
}
int sem_post(sem_t* semaphore) noexcept {
  if (gl_variant() == kPostForgotten && in(semaphore).sleepers.load() == 0) return 0;
  in(semaphore).count.fetch_add(1);
  return 0;
}
int sem_trywait(sem_t* semaphore) noexcept {
  if (take(semaphore)) return 0;
  errno = EAGAIN;
  return -1;
}
int sem_timedwait(sem_t* semaphore, const timespec*) {
  while (!take(semaphore)) {
    in(semaphore).sleepers.fetch_add(1);
    const bool can = oracle::Sleep::until(can_take, has_items, semaphore);
    in(semaphore).sleepers.fetch_sub(1);
    if (can) continue;
    errno = ETIMEDOUT;
    return -1;
  }
  return 0;
}
int clock_gettime(clockid_t, timespec* time) noexcept {
  *time = {};
  return 0;
}
}

namespace {

moodycamel::ProducerToken& producer() {
  if (gl_variant() == kSharedToken) return *state->shared;
  moodycamel::ProducerToken*& mine = state->producers[gl_this_cpu()];
  if (mine == nullptr) mine = make<moodycamel::ProducerToken>(*state->queue);
  return *mine;
}
moodycamel::ConsumerToken& consumer() {
  moodycamel::ConsumerToken*& mine = state->consumers[gl_this_cpu()];
  if (mine == nullptr) mine = make<moodycamel::ConsumerToken>(*state->queue);
  return *mine;
}

// Whether the queue allocates blocks while it is used; otherwise it has those that it began with.
bool grows() {
  return gl_variant() == kConsumers;
}

// To `queue`, as `how` (a token, or nothing).
template <class Q, class... How>
bool enqueue_to(Q& queue, const Item* items, std::uint32_t count, How&... how) {
  if (grows()) return count == 1 ? queue.enqueue(how..., items[0]) : queue.enqueue_bulk(how..., items, count);
  return count == 1 ? queue.try_enqueue(how..., items[0]) : queue.try_enqueue_bulk(how..., items, count);
}

bool enqueue(const Item* items, std::uint32_t count) {
  if (kind() == kBlocking) return enqueue_to(*state->blocking, items, count);
  if (kind() == kWithTokens) return enqueue_to(*state->queue, items, count, producer());
  return enqueue_to(*state->queue, items, count);
}

std::size_t dequeue(Item* items, std::uint32_t max) {
  switch (kind()) {
    case kWithoutTokens:
      return max == 1 ? state->queue->try_dequeue(items[0]) : state->queue->try_dequeue_bulk(items, max);
    case kWithTokens:
      return max == 1 ? state->queue->try_dequeue(consumer(), items[0])
                      : state->queue->try_dequeue_bulk(consumer(), items, max);
    default:
      return max == 1 ? state->blocking->try_dequeue(items[0]) : state->blocking->try_dequeue_bulk(items, max);
  }
}

void push(const std::uint32_t* arguments) {
  Item items[kBulkMax];
  std::uint32_t count = 0;
  while (count < arguments[0]) {
    const std::uint32_t number = state->handover.make();
    if (number == oracle::Handover::kNone) break;
    items[count++] = number;
  }
  if (count == 0) return;
  if (enqueue(items, count)) {
    for (std::uint32_t i = 0; i < count; ++i) state->handover.pushed(items[i]);
  } else {
    while (count != 0) state->handover.withdraw(items[--count]);
  }
}

// Where a token is shared nobody pops, so that the race of the producers is all that goes wrong.
bool may_pop() {
  if (gl_variant() == kSharedToken) return false;
  return kind() == kWithTokens || gl_variant() == kConsumers || gl_this_cpu() == 0;
}

void take_all(const Item* items, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) state->handover.takes(items[i]);
}

// The queue may say that it is empty when it is not: producers are looked at one after the other.
void pop(const std::uint32_t* arguments) {
  if (!may_pop()) return;
  Item items[kBulkMax];
  take_all(items, dequeue(items, arguments[0]));
}

// The time of the time-out is over when all sleep.
void wait_and_pop(const std::uint32_t* arguments) {
  if (kind() != kBlocking || !may_pop()) return pop(arguments);
  constexpr std::int64_t kMicroseconds = 1;
  Item items[kBulkMax];
  if (arguments[0] == 1) {
    take_all(items, state->blocking->wait_dequeue_timed(items[0], kMicroseconds));
  } else {
    take_all(items, state->blocking->wait_dequeue_bulk_timed(items, arguments[0], kMicroseconds));
  }
}

// The cpu goes on as another thread, which the queue has not seen yet.
void end_thread(const std::uint32_t*) {
  thread_locals::end_thread();
  state->handover.become_another();
}

constexpr gl_operation_entry kOperations[] = {{"push", push, {{"count", 1, kBulkMax}}},
                                              {"pop", pop, {{"max", 1, kBulkMax}}},
                                              {"wait_and_pop", wait_and_pop, {{"max", 1, kBulkMax}}},
                                              {"end_thread", end_thread, {}},
                                              {}};

bool has_what_was_not_taken() {
  const std::size_t left = kind() == kBlocking ? state->blocking->size_approx() : state->queue->size_approx();
  return gl_variant() == kSharedToken || left == state->handover.count();
}

constexpr gl_invariant_entry kInvariants[] = {
    {"the queue has what was pushed and not taken", has_what_was_not_taken, nullptr}, {}};

void setup() {
  thread_locals::begin_run();
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  constexpr std::size_t kItemsAtFirst = 8;
  if (kind() == kBlocking) {
    state->blocking = make<BlockingQueue>(kItemsAtFirst);
  } else {
    state->queue = make<ConcurrentQueue>(kItemsAtFirst);
    if (gl_variant() == kSharedToken) state->shared = make<moodycamel::ProducerToken>(*state->queue);
  }
}

}  // namespace

extern "C" const gl_target gl_target_moodycamel_queue;

const gl_target gl_target_moodycamel_queue = {
    .name = "moodycamel-queue",
    .summary = "moodycamel's concurrent queue, with and without tokens and blocking, unmodified",
    .models = "Debian's libconcurrentqueue-dev: ConcurrentQueue, BlockingConcurrentQueue",
    .cpus_minimum = 2,
    .cpus_maximum = kCpusMax,
    .variants = kVariants,
    .parameters = kParameters,
    .operations = kOperations,
    .invariants = kInvariants,
    .setup = setup,
};
