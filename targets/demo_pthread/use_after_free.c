// Expected: memory-error; with -DFIXED ok.
//
// Use of a freed object. A session is looked up under the lock of the table and used after the lock was given back; who
// closes it meanwhile frees it. With a reference that is taken under the lock it lives until the last one is put.
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct session {
  _Atomic int references;
  _Atomic long bytes;
};

static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;
static struct session* table;

static void put_session(struct session* session) {
  if (atomic_fetch_sub(&session->references, 1) == 1) free(session);
}

static void* receive(void* unused) {
  pthread_mutex_lock(&table_lock);
  struct session* session = table;
#ifdef FIXED
  if (session != NULL) atomic_fetch_add(&session->references, 1);
#endif
  pthread_mutex_unlock(&table_lock);
  if (session == NULL) return unused;
  atomic_fetch_add(&session->bytes, 1500);
#ifdef FIXED
  put_session(session);
#endif
  return unused;
}

static void* close_session(void* unused) {
  pthread_mutex_lock(&table_lock);
  struct session* session = table;
  table = NULL;
  pthread_mutex_unlock(&table_lock);
  put_session(session);
  return unused;
}

int main(void) {
  table = malloc(sizeof(*table));
  if (table == NULL) return 1;
  atomic_init(&table->references, 1);
  atomic_init(&table->bytes, 0);
  pthread_t receiver;
  pthread_t closer;
  pthread_create(&receiver, NULL, receive, NULL);
  pthread_create(&closer, NULL, close_session, NULL);
  pthread_join(receiver, NULL);
  pthread_join(closer, NULL);
  return 0;
}
