// Expected: deadlock; with -DFIXED ok.
//
// Dining philosophers (Dijkstra, 1965). Each takes the fork to the left, then the one to the right; once all hold their
// left one nobody eats again. If the last one begins on the right, somebody always can. Forks are semaphores.
#include <assert.h>
#include <pthread.h>
#include <semaphore.h>

enum { kPhilosophers = 3 };

static sem_t forks[kPhilosophers];
static int meals[kPhilosophers];

static void* dine(void* seat) {
  const int me = (int)((int*)seat - meals);
  int first = me;
  int second = (me + 1) % kPhilosophers;
#ifdef FIXED
  if (first > second) {
    first = second;
    second = me;
  }
#endif
  sem_wait(&forks[first]);
  sem_wait(&forks[second]);
  meals[me]++;
  sem_post(&forks[second]);
  sem_post(&forks[first]);
  return NULL;
}

int main(void) {
  pthread_t philosophers[kPhilosophers];
  for (int i = 0; i < kPhilosophers; i++) sem_init(&forks[i], 0, 1);
  for (int i = 0; i < kPhilosophers; i++) pthread_create(&philosophers[i], NULL, dine, &meals[i]);
  for (int i = 0; i < kPhilosophers; i++) pthread_join(philosophers[i], NULL);
  for (int i = 0; i < kPhilosophers; i++) assert(meals[i] == 1);
  for (int i = 0; i < kPhilosophers; i++) sem_destroy(&forks[i]);
  return 0;
}
