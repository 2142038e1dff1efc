// Expected: livelock; with -DFIXED ok.
//
// Two threads that are too polite. Each holds one lock and only tries the other; where that fails it gives its own back
// and begins again. In step they do so for ever, both always busy. An order of the locks needs no politeness.
#include <pthread.h>
#include <sched.h>

static pthread_mutex_t left = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t right = PTHREAD_MUTEX_INITIALIZER;
static int passed;

static void pass(pthread_mutex_t* own, pthread_mutex_t* other) {
  pthread_mutex_lock(own);
  while (pthread_mutex_trylock(other) != 0) {
    pthread_mutex_unlock(own);
    sched_yield();
    pthread_mutex_lock(own);
  }
  passed++;
  pthread_mutex_unlock(other);
  pthread_mutex_unlock(own);
}

static void* go_left(void* unused) {
  pass(&left, &right);
  return unused;
}

static void* go_right(void* unused) {
#ifdef FIXED
  pass(&left, &right);
#else
  pass(&right, &left);
#endif
  return unused;
}

int main(void) {
  pthread_t threads[2];
  pthread_create(&threads[0], NULL, go_left, NULL);
  pthread_create(&threads[1], NULL, go_right, NULL);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  return passed == 2 ? 0 : 1;
}
