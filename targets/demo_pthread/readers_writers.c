// Expected: data-race; with -DFIXED ok.
//
// Readers that write. A lookup holds the lock for readers; where the cache does not know the key, it puts it in, "only
// a refresh". Two such lookups do it at once: one reads the key of the one and the value of the other.
#include <assert.h>
#include <pthread.h>

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static struct {
  long key;
  long square;
} cache;

static long square_of(long key) {
#ifdef FIXED
  pthread_rwlock_wrlock(&lock);
#else
  pthread_rwlock_rdlock(&lock);
#endif
  if (cache.key != key) {
    cache.key = key;
    cache.square = key * key;
  }
  const long square = cache.square;
  pthread_rwlock_unlock(&lock);
  return square;
}

static void* read_three(void* unused) {
  assert(square_of(3) == 9);
  return unused;
}

static void* read_four(void* unused) {
  assert(square_of(4) == 16);
  return unused;
}

int main(void) {
  pthread_t three;
  pthread_t four;
  pthread_create(&three, NULL, read_three, NULL);
  pthread_create(&four, NULL, read_four, NULL);
  pthread_join(three, NULL);
  pthread_join(four, NULL);
  return 0;
}
