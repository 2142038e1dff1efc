// Expected: data-race; with -DFIXED ok.
//
// A ring buffer for one producer and one consumer, without locks. The producer fills a slot and moves the tail on; the
// tail is stored relaxed, so that nothing orders the slot before it: the consumer may see the new tail and the old
// slot. Processors with weak order do it, and compilers may.
#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

enum { kSlots = 2, kMessages = 4 };

#ifdef FIXED
#define PUBLISH memory_order_release
#else
#define PUBLISH memory_order_relaxed
#endif

static struct {
  _Atomic unsigned head;  // moved by the consumer
  _Atomic unsigned tail;  // moved by the producer
  int slots[kSlots];
} ring;

static bool put(int message) {
  const unsigned tail = atomic_load_explicit(&ring.tail, memory_order_relaxed);
  if (tail - atomic_load_explicit(&ring.head, memory_order_acquire) == kSlots) return false;
  ring.slots[tail % kSlots] = message;
  atomic_store_explicit(&ring.tail, tail + 1, PUBLISH);
  return true;
}

static bool take(int* message) {
  const unsigned head = atomic_load_explicit(&ring.head, memory_order_relaxed);
  if (atomic_load_explicit(&ring.tail, memory_order_acquire) == head) return false;
  *message = ring.slots[head % kSlots];
  atomic_store_explicit(&ring.head, head + 1, memory_order_release);
  return true;
}

static void* produce(void* unused) {
  for (int i = 0; i < kMessages; i++) {
    while (!put(i)) sched_yield();
  }
  return unused;
}

static void* consume(void* unused) {
  for (int i = 0; i < kMessages; i++) {
    int message = -1;
    while (!take(&message)) sched_yield();
    assert(message == i);
  }
  return unused;
}

int main(void) {
  pthread_t producer;
  pthread_t consumer;
  pthread_create(&producer, NULL, produce, NULL);
  pthread_create(&consumer, NULL, consume, NULL);
  pthread_join(producer, NULL);
  pthread_join(consumer, NULL);
  return 0;
}
