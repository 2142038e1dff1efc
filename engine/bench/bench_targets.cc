// A ticket lock; eight run queues whose cpus enqueue, pick, steal and kick each other; cpus that visit their
// neighbours; and bare accesses.
#include "engine/bench/bench_targets.h"

#include <atomic>
#include <new>

namespace {

template <typename T>
T* make() {
  return new (gl_alloc(sizeof(T), alignof(T))) T();
}

// ---- ticket ----
struct Ticket {
  std::atomic<std::uint16_t> next{0}, owner{0};
  std::uint32_t counter = 0;
};
Ticket* ticket;

void ticket_setup() {
  ticket = make<Ticket>();
}
void ticket_section(const std::uint32_t*) {
  const std::uint16_t mine = ticket->next.fetch_add(1, std::memory_order_relaxed);
  while (ticket->owner.load(std::memory_order_acquire) != mine) gl_cpu_relax();
  ++ticket->counter;
  ticket->owner.store(static_cast<std::uint16_t>(mine + 1), std::memory_order_release);
}
// Takes a ticket and leaves: whoever comes next spins for ever.
void ticket_abandon(const std::uint32_t*) {
  ticket->next.fetch_add(1, std::memory_order_relaxed);
}

// ---- run queues ----
constexpr unsigned kQueues = 8;
constexpr unsigned kTasksMax = 16;

struct RunQueue {
  alignas(64) std::atomic<std::uint32_t> locked{0};
  std::atomic<std::uint32_t> running_count{0};
  std::uint32_t tasks[kTasksMax] = {};
  std::uint32_t count = 0;
};
struct Queues {
  RunQueue queues[kQueues];
  std::atomic<std::uint32_t> kicks{0};
};
Queues* run_queues;

void run_queue_setup() {
  run_queues = make<Queues>();
}
unsigned long lock(RunQueue& queue) {
  const unsigned long flags = gl_irq_save();
  while (queue.locked.exchange(1, std::memory_order_acquire) != 0) {
    while (queue.locked.load(std::memory_order_relaxed) != 0) gl_cpu_relax();
  }
  return flags;
}
void unlock(RunQueue& queue, unsigned long flags) {
  queue.running_count.store(queue.count, std::memory_order_relaxed);
  queue.locked.store(0, std::memory_order_release);
  gl_irq_restore(flags);
}
void enqueue(RunQueue& queue, std::uint32_t task) {
  const unsigned long flags = lock(queue);
  if (queue.count < kTasksMax) queue.tasks[queue.count++] = task;
  unlock(queue, flags);
}
std::uint32_t dequeue(RunQueue& queue) {
  const unsigned long flags = lock(queue);
  const std::uint32_t task = queue.count != 0 ? queue.tasks[--queue.count] : 0;
  unlock(queue, flags);
  return task;
}
RunQueue& busiest() {
  unsigned best = 0;
  std::uint32_t most = 0;
  for (unsigned cpu = 0; cpu < gl_cpu_count() && cpu < kQueues; ++cpu) {
    const std::uint32_t count = run_queues->queues[cpu].running_count.load(std::memory_order_relaxed);
    if (count > most) best = cpu, most = count;
  }
  return run_queues->queues[best];
}
// Wakes a task on a neighbour and kicks it, then runs one of its own or one that it steals.
void run_queue_turn(const std::uint32_t* arguments) {
  const unsigned neighbour = (gl_this_cpu() + arguments[0]) % gl_cpu_count();
  enqueue(run_queues->queues[neighbour], arguments[0] + 1);
  gl_send_ipi(neighbour, 0);
  if (dequeue(run_queues->queues[gl_this_cpu()]) == 0) static_cast<void>(dequeue(busiest()));
}
void run_queue_kick() {
  run_queues->kicks.fetch_add(1, std::memory_order_relaxed);
}

// ---- neighbours ----
constexpr unsigned kNeighboursMax = 64;
struct Neighbour {
  alignas(64) std::atomic<std::uint32_t> locked{0};
  std::uint32_t visits = 0;
};
Neighbour* neighbours;

void neighbours_setup() {
  neighbours = static_cast<Neighbour*>(gl_alloc(gl_cpu_count() * sizeof(Neighbour), alignof(Neighbour)));
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) new (&neighbours[cpu]) Neighbour();
}
void visit_neighbour(const std::uint32_t*) {
  Neighbour& neighbour = neighbours[(gl_this_cpu() + 1) % gl_cpu_count()];
  while (neighbour.locked.exchange(1, std::memory_order_acquire) != 0) gl_cpu_relax();
  ++neighbour.visits;
  neighbour.locked.store(0, std::memory_order_release);
}

// ---- accesses ----
// More words than the machine's eye for periods is long.
constexpr unsigned kWords = 2048;
struct Words {
  std::atomic<std::uint32_t> word{0};
  std::uint32_t plain = 0;
  std::atomic<std::uint32_t> table[kWords]{};
};
Words* words;
void words_setup() {
  words = make<Words>();
}
void loads(const std::uint32_t* arguments) {
  for (std::uint32_t i = 0; i < arguments[0]; ++i) words->table[i % kWords].load(std::memory_order_relaxed);
}
void polls(const std::uint32_t* arguments) {
  for (std::uint32_t i = 0; i < arguments[0]; ++i) words->word.load(std::memory_order_relaxed);
}
void stores(const std::uint32_t* arguments) {
  for (std::uint32_t i = 0; i < arguments[0]; ++i) words->word.store(i, std::memory_order_release);
}
void fetch_adds(const std::uint32_t* arguments) {
  for (std::uint32_t i = 0; i < arguments[0]; ++i) words->word.fetch_add(1, std::memory_order_acq_rel);
}
void plain_accesses(const std::uint32_t* arguments) {
  for (std::uint32_t i = 0; i < arguments[0]; ++i) {
    ++words->plain;
    asm volatile("" ::: "memory");
  }
}

const gl_variant_entry variants[] = {{"only", "", "ok"}, {}};
const gl_operation_entry ticket_operations[] = {{"section", ticket_section, {}}, {"abandon", ticket_abandon, {}}, {}};
const gl_operation_entry run_queue_operations[] = {{"turn", run_queue_turn, {{"distance", 0, kQueues - 1}}}, {}};
const gl_vector_entry run_queue_vectors[] = {{"kick", run_queue_kick, false}, {}};
const gl_operation_entry neighbours_operations[] = {{"visit_neighbour", visit_neighbour, {}}, {}};
// In the order of enum Accesses.
const gl_operation_entry access_operations[] = {
    {"load", loads, {{"rounds", 0, UINT32_MAX}}},           {"poll", polls, {{"rounds", 0, UINT32_MAX}}},
    {"store", stores, {{"rounds", 0, UINT32_MAX}}},         {"fetch_add", fetch_adds, {{"rounds", 0, UINT32_MAX}}},
    {"plain", plain_accesses, {{"rounds", 0, UINT32_MAX}}}, {}};

const gl_target ticket_target = {.name = "bench-ticket",
                                 .cpus_minimum = 1,
                                 .cpus_maximum = 64,
                                 .variants = variants,
                                 .operations = ticket_operations,
                                 .setup = ticket_setup};
const gl_target run_queue_target = {.name = "bench-run-queue",
                                    .cpus_minimum = 1,
                                    .cpus_maximum = kQueues,
                                    .variants = variants,
                                    .operations = run_queue_operations,
                                    .vectors = run_queue_vectors,
                                    .setup = run_queue_setup};
const gl_target neighbours_target = {.name = "bench-neighbours",
                                     .cpus_minimum = 1,
                                     .cpus_maximum = kNeighboursMax,
                                     .variants = variants,
                                     .operations = neighbours_operations,
                                     .setup = neighbours_setup};
const gl_target access_target = {.name = "bench-accesses",
                                 .cpus_minimum = 1,
                                 .cpus_maximum = 64,
                                 .variants = variants,
                                 .operations = access_operations,
                                 .setup = words_setup};

}  // namespace

extern "C" const bench_targets::Targets bench_target_table = {&ticket_target, &run_queue_target, &neighbours_target,
                                                              &access_target};
