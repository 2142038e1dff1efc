// Expected: hang; with -DFIXED ok.
//
// A spin lock that an error path does not give back. Where the device is busy, the request is refused and the lock of
// the queue stays taken: whoever comes next spins for ever.
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

static atomic_flag queue_lock = ATOMIC_FLAG_INIT;
static atomic_flag device_lock = ATOMIC_FLAG_INIT;
static int queued;

static void spin_lock(atomic_flag* lock) {
  while (atomic_flag_test_and_set_explicit(lock, memory_order_acquire)) {
  }
}

static void spin_unlock(atomic_flag* lock) {
  atomic_flag_clear_explicit(lock, memory_order_release);
}

static int submit(void) {
  spin_lock(&queue_lock);
  if (atomic_flag_test_and_set_explicit(&device_lock, memory_order_acquire)) {
#ifdef FIXED
    spin_unlock(&queue_lock);
#endif
    return EBUSY;
  }
  queued++;
  spin_unlock(&device_lock);
  spin_unlock(&queue_lock);
  return 0;
}

static void* user(void* unused) {
  submit();
  submit();
  return unused;
}

static void* reset_device(void* unused) {
  spin_lock(&device_lock);
  spin_unlock(&device_lock);
  return unused;
}

int main(void) {
  pthread_t threads[2];
  pthread_create(&threads[0], NULL, user, NULL);
  pthread_create(&threads[1], NULL, reset_device, NULL);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  return 0;
}
