// Expected: data-race; with -DFIXED ok.
//
// A plain counter that two threads increment: the shortest data race there is. The count comes out right in nearly
// every run, so a test of the result alone says nothing.
#include <pthread.h>
#include <stdio.h>

enum { kThreads = 2, kRounds = 3 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long hits;

static void* visit(void* unused) {
  for (int i = 0; i < kRounds; i++) {
#ifdef FIXED
    pthread_mutex_lock(&lock);
#endif
    hits++;
#ifdef FIXED
    pthread_mutex_unlock(&lock);
#endif
  }
  return unused;
}

int main(void) {
  pthread_t threads[kThreads];
  for (int i = 0; i < kThreads; i++) pthread_create(&threads[i], NULL, visit, NULL);
  for (int i = 0; i < kThreads; i++) pthread_join(threads[i], NULL);
  pthread_mutex_lock(&lock);
  printf("%ld hits\n", hits);
  pthread_mutex_unlock(&lock);
  return 0;
}
