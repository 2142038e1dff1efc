// Expected: crash; with -DFIXED ok.
//
// Time of check, time of use. The pointer is looked at and read again for its use, both times atomically; in between
// somebody logs out.
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

struct user {
  long id;
};

static struct user root = {1};
static _Atomic(struct user*) current = &root;
static _Atomic long audited;

static void* audit(void* unused) {
#ifdef FIXED
  const struct user* user = current;
  if (user != NULL) audited += user->id;
#else
  if (current != NULL) audited += atomic_load(&current)->id;
#endif
  return unused;
}

static void* log_out(void* unused) {
  current = NULL;
  return unused;
}

int main(void) {
  pthread_t auditor;
  pthread_t session;
  pthread_create(&auditor, NULL, audit, NULL);
  pthread_create(&session, NULL, log_out, NULL);
  pthread_join(auditor, NULL);
  pthread_join(session, NULL);
  return 0;
}
