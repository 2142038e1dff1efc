// Expected: data-race; with -DFIXED ok.
//
// Double-checked locking. The first look at the pointer is without the lock, and nothing orders what the pointer leads
// to before it: a thread can see the pointer and not yet what it points to. An atomic pointer is all that is missing.
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

struct settings {
  int port;
  int backlog;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
#ifdef FIXED
static _Atomic(struct settings*) settings;
#else
static struct settings* settings;
#endif

static const struct settings* get_settings(void) {
  if (settings == NULL) {
    pthread_mutex_lock(&lock);
    if (settings == NULL) {
      struct settings* made = malloc(sizeof(*made));
      if (made == NULL) abort();
      made->port = 7420;
      made->backlog = 16;
      settings = made;
    }
    pthread_mutex_unlock(&lock);
  }
  return settings;
}

static void* serve(void* unused) {
  assert(get_settings()->port == 7420);
  assert(get_settings()->backlog == 16);
  return unused;
}

int main(void) {
  pthread_t servers[2];
  for (int i = 0; i < 2; i++) pthread_create(&servers[i], NULL, serve, NULL);
  for (int i = 0; i < 2; i++) pthread_join(servers[i], NULL);
  free((void*)get_settings());
  return 0;
}
