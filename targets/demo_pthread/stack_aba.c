// Expected: assertion; with -DFIXED ok.
//
// The ABA problem of a lock-free stack. A thread reads the head, A, and what is below it, B, and is held up. Another
// one takes A and B and puts A back. The head is A again, so the first one's compare-and-exchange succeeds and makes B
// the head, which is not in the stack any more. A count of changes beside the head tells the two As apart.
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>

enum { kNodes = 4 };  // node 0 means none

static _Atomic uint64_t head;  // low half: the node, high half: the count of changes
static _Atomic uint32_t below[kNodes];
static _Atomic int owners[kNodes];

static uint64_t changed_to(uint64_t old, uint32_t node) {
#ifdef FIXED
  return ((old >> 32) + 1) << 32 | node;
#else
  (void)old;
  return node;
#endif
}

static void push(uint32_t node) {
  uint64_t old = head;
  do {
    below[node] = (uint32_t)old;
  } while (!atomic_compare_exchange_weak(&head, &old, changed_to(old, node)));
}

static uint32_t pop(void) {
  uint64_t old = head;
  uint32_t node;
  do {
    node = (uint32_t)old;
    if (node == 0) return 0;
  } while (!atomic_compare_exchange_weak(&head, &old, changed_to(old, below[node])));
  return node;
}

static void* take_one(void* unused) {
  owners[pop()]++;
  return unused;
}

static void* take_two_and_put_one_back(void* unused) {
  const uint32_t first = pop();
  owners[pop()]++;
  if (first != 0) push(first);
  return unused;
}

int main(void) {
  for (uint32_t node = 1; node < kNodes; node++) push(node);
  pthread_t one;
  pthread_t other;
  pthread_create(&one, NULL, take_one, NULL);
  pthread_create(&other, NULL, take_two_and_put_one_back, NULL);
  pthread_join(one, NULL);
  pthread_join(other, NULL);
  for (uint32_t node = pop(); node != 0; node = pop()) owners[node]++;
  for (uint32_t node = 1; node < kNodes; node++) {
    if (owners[node] == 1) continue;
    printf("node %u has %d owners\n", node, owners[node]);
    return 1;
  }
  return 0;
}
