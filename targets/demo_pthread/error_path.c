// Expected: hang; with -DFIXED ok.
//
// A spin lock that an error path does not give back. Where the device is busy, the request is refused and the lock of
// the queue stays taken: whoever comes next spins for ever.
#include <errno.h>
#include <pthread.h>

static pthread_spinlock_t queue_lock;
static pthread_spinlock_t device_lock;
static int queued;

static int submit(void) {
  pthread_spin_lock(&queue_lock);
  if (pthread_spin_trylock(&device_lock) != 0) {
#ifdef FIXED
    pthread_spin_unlock(&queue_lock);
#endif
    return EBUSY;
  }
  queued++;
  pthread_spin_unlock(&device_lock);
  pthread_spin_unlock(&queue_lock);
  return 0;
}

static void* user(void* unused) {
  submit();
  submit();
  return unused;
}

static void* reset_device(void* unused) {
  pthread_spin_lock(&device_lock);
  pthread_spin_unlock(&device_lock);
  return unused;
}

int main(void) {
  pthread_t threads[2];
  pthread_spin_init(&queue_lock, PTHREAD_PROCESS_PRIVATE);
  pthread_spin_init(&device_lock, PTHREAD_PROCESS_PRIVATE);
  pthread_create(&threads[0], NULL, user, NULL);
  pthread_create(&threads[1], NULL, reset_device, NULL);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  return 0;
}
