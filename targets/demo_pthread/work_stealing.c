// Expected: assertion; with -DFIXED ok.
//
// A work-stealing deque (Chase and Lev, 2005) of fixed size. The owner takes from the bottom, thieves from the top.
// Where one task is left both are after it, and the owner has to win it by compare-and-exchange as a thief does; here
// it just takes it, and the task runs twice.
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

enum { kTasks = 3, kThefts = 2, kNone = -1 };

static struct {
  _Atomic long top;
  _Atomic long bottom;
  _Atomic int tasks[kTasks];
} deque;
static _Atomic int times_run[kTasks];

static void push(int task) {
  const long bottom = atomic_load(&deque.bottom);
  atomic_store_explicit(&deque.tasks[bottom], task, memory_order_relaxed);
  atomic_store(&deque.bottom, bottom + 1);
}

static int pop(void) {
  const long last = atomic_load(&deque.bottom) - 1;
  atomic_store(&deque.bottom, last);
  long top = atomic_load(&deque.top);
  if (top > last) {
    atomic_store(&deque.bottom, top);
    return kNone;
  }
  int task = atomic_load_explicit(&deque.tasks[last], memory_order_relaxed);
#ifdef FIXED
  if (top == last) {
    if (!atomic_compare_exchange_strong(&deque.top, &top, top + 1)) task = kNone;
    atomic_store(&deque.bottom, last + 1);
  }
#endif
  return task;
}

static int steal(void) {
  long top = atomic_load(&deque.top);
  if (top >= atomic_load(&deque.bottom)) return kNone;
  const int task = atomic_load_explicit(&deque.tasks[top], memory_order_relaxed);
  return atomic_compare_exchange_strong(&deque.top, &top, top + 1) ? task : kNone;
}

static void run(int task) {
  if (task != kNone) times_run[task]++;
}

static void* work(void* unused) {
  for (int i = 0; i < kTasks; i++) push(i);
  for (int i = 0; i < kTasks; i++) run(pop());
  return unused;
}

static void* steal_some(void* unused) {
  for (int i = 0; i < kThefts; i++) run(steal());
  return unused;
}

int main(void) {
  pthread_t owner;
  pthread_t thief;
  pthread_create(&owner, NULL, work, NULL);
  pthread_create(&thief, NULL, steal_some, NULL);
  pthread_join(owner, NULL);
  pthread_join(thief, NULL);
  for (int i = 0; i < kTasks; i++) assert(times_run[i] == 1);
  return 0;
}
