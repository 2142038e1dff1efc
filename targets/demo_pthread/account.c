// Expected: assertion; with -DFIXED ok.
//
// Lost update. Clerks deposit into one account. Every access to the balance is under the account's lock, so there is no
// data race; but a clerk gives the lock back between reading the balance and writing the new one, and a deposit that
// another clerk makes meanwhile is lost.
#include <assert.h>
#include <pthread.h>

enum { kClerks = 2, kDeposits = 2 };

static struct {
  pthread_mutex_t lock;
  long balance;
} account = {PTHREAD_MUTEX_INITIALIZER, 100};

static void deposit(long amount) {
  pthread_mutex_lock(&account.lock);
  const long before = account.balance;
#ifndef FIXED
  pthread_mutex_unlock(&account.lock);
  pthread_mutex_lock(&account.lock);
#endif
  account.balance = before + amount;
  pthread_mutex_unlock(&account.lock);
}

static void* clerk(void* unused) {
  for (int i = 0; i < kDeposits; i++) deposit(10);
  return unused;
}

int main(void) {
  pthread_t clerks[kClerks];
  for (int i = 0; i < kClerks; i++) pthread_create(&clerks[i], NULL, clerk, NULL);
  for (int i = 0; i < kClerks; i++) pthread_join(clerks[i], NULL);
  assert(account.balance == 100 + 10 * kClerks * kDeposits);
  return 0;
}
