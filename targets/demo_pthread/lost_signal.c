// Expected: deadlock; with -DFIXED ok.
//
// Lost signal. The kitchen says that the meal is ready and signals, but not under the lock. The waiter holds it when it
// looks and is about to wait: the change and the signal both fall between the look and the wait, and nobody signals
// again.
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static atomic_bool ready;

static void* wait_for_meal(void* unused) {
  pthread_mutex_lock(&lock);
  while (!ready) pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
  return unused;
}

static void* cook(void* unused) {
#ifdef FIXED
  pthread_mutex_lock(&lock);
#endif
  ready = true;
#ifdef FIXED
  pthread_mutex_unlock(&lock);
#endif
  pthread_cond_signal(&changed);
  return unused;
}

int main(void) {
  pthread_t waiter;
  pthread_t kitchen;
  pthread_create(&waiter, NULL, wait_for_meal, NULL);
  pthread_create(&kitchen, NULL, cook, NULL);
  pthread_join(waiter, NULL);
  pthread_join(kitchen, NULL);
  return 0;
}
