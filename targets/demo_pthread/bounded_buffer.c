// Expected: assertion; with -DFIXED ok.
//
// A bounded buffer whose consumers wait with `if` where it has to be `while`. A consumer that is woken takes the lock
// again only after another one may have come by and taken what it was woken for.
#include <assert.h>
#include <pthread.h>

enum { kSlots = 2, kConsumers = 2 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t not_empty = PTHREAD_COND_INITIALIZER;
static pthread_cond_t not_full = PTHREAD_COND_INITIALIZER;
static int slots[kSlots];
static int count;

static void put(int item) {
  pthread_mutex_lock(&lock);
  while (count == kSlots) pthread_cond_wait(&not_full, &lock);
  slots[count++] = item;
  pthread_cond_signal(&not_empty);
  pthread_mutex_unlock(&lock);
}

static int take(void) {
  pthread_mutex_lock(&lock);
#ifdef FIXED
  while (count == 0) pthread_cond_wait(&not_empty, &lock);
#else
  if (count == 0) pthread_cond_wait(&not_empty, &lock);
#endif
  assert(count > 0);
  const int item = slots[--count];
  pthread_cond_signal(&not_full);
  pthread_mutex_unlock(&lock);
  return item;
}

static void* produce(void* unused) {
  for (int i = 0; i < kConsumers; i++) put(i);
  return unused;
}

static void* consume(void* taken) {
  *(int*)taken = take();
  return NULL;
}

int main(void) {
  pthread_t producer;
  pthread_t consumers[kConsumers];
  int taken[kConsumers];
  for (int i = 0; i < kConsumers; i++) pthread_create(&consumers[i], NULL, consume, &taken[i]);
  pthread_create(&producer, NULL, produce, NULL);
  pthread_join(producer, NULL);
  for (int i = 0; i < kConsumers; i++) pthread_join(consumers[i], NULL);
  assert(taken[0] + taken[1] == 1);
  return 0;
}
