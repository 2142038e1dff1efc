// Expected: livelock; with -DFIXED ok.
//
// A routing loop. Two routers pass a packet on until it is where it belongs; two administrators move that place, each
// by writing it into both routers' tables. Where their writes interleave, each router takes the packet to be the other
// one's, and it goes back and forth for ever, both always busy. A lock around a change keeps the tables in step.
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

enum { kRouters = 2 };

#ifdef FIXED
static pthread_mutex_t administration = PTHREAD_MUTEX_INITIALIZER;
#endif
static atomic_int homes[kRouters];  // where the packet belongs, as each router knows it
static atomic_bool has_packet[kRouters];
static atomic_bool delivered;

static void move_home(int home) {
#ifdef FIXED
  pthread_mutex_lock(&administration);
#endif
  for (int i = 0; i < kRouters; i++) homes[i] = home;
#ifdef FIXED
  pthread_mutex_unlock(&administration);
#endif
}

static void* administrate(void* unused) {
  move_home(1);
  return unused;
}

static void* route(void* packet) {
  const int me = (int)((atomic_bool*)packet - has_packet);
  while (!delivered) {
    if (!atomic_exchange(&has_packet[me], false)) {
      sched_yield();
    } else if (homes[me] == me) {
      delivered = true;
    } else {
      has_packet[1 - me] = true;
    }
  }
  return NULL;
}

int main(void) {
  pthread_t routers[kRouters];
  pthread_t administrator;
  pthread_create(&administrator, NULL, administrate, NULL);
  move_home(0);
  has_packet[1] = true;
  for (int i = 0; i < kRouters; i++) pthread_create(&routers[i], NULL, route, &has_packet[i]);
  for (int i = 0; i < kRouters; i++) pthread_join(routers[i], NULL);
  pthread_join(administrator, NULL);
  return 0;
}
