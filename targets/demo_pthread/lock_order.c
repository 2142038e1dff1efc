// Expected: deadlock and lock-order; with -DFIXED ok.
//
// Lock-order deadlock. A transfer locks the account that it takes from, then the one that it gives to. Two transfers in
// opposite directions wait for each other for ever. Runs that go well show it too: both orders were taken.
#include <assert.h>
#include <pthread.h>

struct account {
  pthread_mutex_t lock;
  long balance;
};

static struct account savings = {PTHREAD_MUTEX_INITIALIZER, 100};
static struct account giro = {PTHREAD_MUTEX_INITIALIZER, 100};

static void transfer(struct account* from, struct account* to, long amount) {
  struct account* first = from;
  struct account* second = to;
#ifdef FIXED
  if (first > second) {
    first = to;
    second = from;
  }
#endif
  pthread_mutex_lock(&first->lock);
  pthread_mutex_lock(&second->lock);
  from->balance -= amount;
  to->balance += amount;
  pthread_mutex_unlock(&second->lock);
  pthread_mutex_unlock(&first->lock);
}

static void* save(void* unused) {
  transfer(&giro, &savings, 30);
  return unused;
}

static void* spend(void* unused) {
  transfer(&savings, &giro, 10);
  return unused;
}

int main(void) {
  pthread_t saver;
  pthread_t spender;
  pthread_create(&saver, NULL, save, NULL);
  pthread_create(&spender, NULL, spend, NULL);
  pthread_join(saver, NULL);
  pthread_join(spender, NULL);
  assert(savings.balance == 120 && giro.balance == 80);
  return 0;
}
