// Waits that end wrongly or never: what a schedule finds, beside what no schedule finds in the correct twin; and the
// misuse that ends a run.
//
// May include: hook.
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <ctime>

#include "engine/abi/program/threads_tests/programs/programs.h"

using programs::say;

namespace {

struct Shared {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_t other_mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
  std::atomic<bool> ready{false};
  int waiting = 0;
  int winner = 0;
};

pthread_t start(void* (*work)(void*), Shared& shared) {
  pthread_t thread;
  pthread_create(&thread, nullptr, work, &shared);
  return thread;
}

// ---- waiting for a flag, in four ways ----

template <bool kSignalsUnderMutex, bool kAsksAgain>
void wait_for_flag() {
  Shared shared;
  const pthread_t waiter = start(
      [](void* argument) -> void* {
        Shared& mine = *static_cast<Shared*>(argument);
        pthread_mutex_lock(&mine.mutex);
        if (kAsksAgain) {
          while (!mine.ready) pthread_cond_wait(&mine.cond, &mine.mutex);
        } else if (!mine.ready) {
          pthread_cond_wait(&mine.cond, &mine.mutex);
        }
        GL_ASSERT(mine.ready);
        pthread_mutex_unlock(&mine.mutex);
        return nullptr;
      },
      shared);
  if (kSignalsUnderMutex) pthread_mutex_lock(&shared.mutex);
  shared.ready = true;
  pthread_cond_signal(&shared.cond);
  if (kSignalsUnderMutex) pthread_mutex_unlock(&shared.mutex);
  pthread_join(waiter, nullptr);
}
void wait_correctly(const uint32_t*) {
  wait_for_flag<true, true>();
}
void wait_lost_signal(const uint32_t*) {
  wait_for_flag<false, true>();
}
void wait_if(const uint32_t*) {
  wait_for_flag<true, false>();
}

// ---- one signal, two waiters ----

void* wait_once(void* argument) {
  Shared& shared = *static_cast<Shared*>(argument);
  pthread_mutex_lock(&shared.mutex);
  const int me = ++shared.waiting;
  pthread_cond_wait(&shared.cond, &shared.mutex);
  if (shared.winner == 0) shared.winner = me;
  pthread_mutex_unlock(&shared.mutex);
  return nullptr;
}
void signal_one_of_two(const uint32_t*) {
  Shared shared;
  const pthread_t one = start(wait_once, shared);
  const pthread_t two = start(wait_once, shared);
  for (bool all_wait = false; !all_wait;) {
    usleep(10);
    pthread_mutex_lock(&shared.mutex);
    all_wait = shared.waiting == 2;
    if (all_wait) pthread_cond_signal(&shared.cond);
    pthread_mutex_unlock(&shared.mutex);
  }
  for (bool has_won = false; !has_won;) {
    usleep(10);
    pthread_mutex_lock(&shared.mutex);
    has_won = shared.winner != 0;
    pthread_mutex_unlock(&shared.mutex);
  }
  say(shared.winner);
  pthread_cond_signal(&shared.cond);
  pthread_join(one, nullptr);
  pthread_join(two, nullptr);
}

// A signal is not for who comes to wait later.
void signal_then_wait(const uint32_t*) {
  Shared shared;
  pthread_cond_signal(&shared.cond);
  pthread_mutex_lock(&shared.mutex);
  pthread_cond_wait(&shared.cond, &shared.mutex);
  pthread_mutex_unlock(&shared.mutex);
}

// ---- deadlocks ----

void deadlock_relock(const uint32_t*) {
  Shared shared;
  pthread_mutex_lock(&shared.mutex);
  pthread_mutex_lock(&shared.mutex);
}
void deadlock_two_orders(const uint32_t*) {
  Shared shared;
  const pthread_t other = start(
      [](void* argument) -> void* {
        Shared& mine = *static_cast<Shared*>(argument);
        pthread_mutex_lock(&mine.other_mutex);
        pthread_mutex_lock(&mine.mutex);
        pthread_mutex_unlock(&mine.mutex);
        pthread_mutex_unlock(&mine.other_mutex);
        return nullptr;
      },
      shared);
  pthread_mutex_lock(&shared.mutex);
  pthread_mutex_lock(&shared.other_mutex);
  pthread_mutex_unlock(&shared.other_mutex);
  pthread_mutex_unlock(&shared.mutex);
  pthread_join(other, nullptr);
}
void deadlock_semaphore(const uint32_t*) {
  sem_t semaphore;
  sem_init(&semaphore, 0, 0);
  sem_wait(&semaphore);
}
void deadlock_join(const uint32_t*) {
  Shared shared;
  pthread_mutex_lock(&shared.mutex);
  const pthread_t other = start(
      [](void* argument) -> void* {
        pthread_mutex_lock(&static_cast<Shared*>(argument)->mutex);
        return nullptr;
      },
      shared);
  pthread_join(other, nullptr);
}
void deadlock_barrier(const uint32_t*) {
  pthread_barrier_t barrier;
  pthread_barrier_init(&barrier, nullptr, 2);
  pthread_barrier_wait(&barrier);
}

// ---- time ----

// Only when time passes while main still runs.
void timeout_first(const uint32_t*) {
  Shared shared;
  pthread_mutex_lock(&shared.mutex);
  const pthread_t other = start(
      [](void* argument) -> void* {
        timespec limit;
        clock_gettime(CLOCK_REALTIME, &limit);
        limit.tv_sec += 10;
        const int error = pthread_mutex_timedlock(&static_cast<Shared*>(argument)->mutex, &limit);
        GL_ASSERT(error != ETIMEDOUT);
        return nullptr;
      },
      shared);
  shared.ready = true;
  sched_yield();
  shared.ready = false;
  sched_yield();
  shared.ready = true;
  pthread_mutex_unlock(&shared.mutex);
  pthread_join(other, nullptr);
}

// ---- misuse ----

void misuse_unlock(const uint32_t*) {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_unlock(&mutex);
}
void misuse_unlock_of_another(const uint32_t*) {
  Shared shared;
  pthread_mutex_lock(&shared.mutex);
  const pthread_t other = start(
      [](void* argument) -> void* {
        pthread_mutex_unlock(&static_cast<Shared*>(argument)->mutex);
        return nullptr;
      },
      shared);
  pthread_join(other, nullptr);
}
void misuse_destroy(const uint32_t*) {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&mutex);
  pthread_mutex_destroy(&mutex);
}
void misuse_destroyed(const uint32_t*) {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_destroy(&mutex);
  pthread_mutex_lock(&mutex);
}
void misuse_wait(const uint32_t*) {
  Shared shared;
  pthread_cond_wait(&shared.cond, &shared.mutex);
}
void misuse_join_twice(const uint32_t*) {
  Shared shared;
  const pthread_t other = start([](void*) -> void* { return nullptr; }, shared);
  pthread_join(other, nullptr);
  pthread_join(other, nullptr);
}
void misuse_rwlock(const uint32_t*) {
  pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
  pthread_rwlock_unlock(&lock);
}
void misuse_spin(const uint32_t*) {
  pthread_spinlock_t lock;
  pthread_spin_init(&lock, 0);
  pthread_spin_unlock(&lock);
}
int recursive_static(int depth) {
  static const int value = depth > 9 ? depth : recursive_static(depth + 1);
  return value;
}
void misuse_static_local(const uint32_t*) {
  say(recursive_static(0));
}
void misuse_cancel_type(const uint32_t*) {
  pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, nullptr);
}

}  // namespace

const gl_operation_entry programs::wait_programs[] = {
    PROGRAM(wait_correctly),
    PROGRAM(wait_lost_signal),
    PROGRAM(wait_if),
    PROGRAM(signal_one_of_two),
    PROGRAM(signal_then_wait),
    PROGRAM(deadlock_relock),
    PROGRAM(deadlock_two_orders),
    PROGRAM(deadlock_semaphore),
    PROGRAM(deadlock_join),
    PROGRAM(deadlock_barrier),
    PROGRAM(timeout_first),
    PROGRAM(misuse_unlock),
    PROGRAM(misuse_unlock_of_another),
    PROGRAM(misuse_destroy),
    PROGRAM(misuse_destroyed),
    PROGRAM(misuse_wait),
    PROGRAM(misuse_join_twice),
    PROGRAM(misuse_rwlock),
    PROGRAM(misuse_spin),
    PROGRAM(misuse_static_local),
    PROGRAM(misuse_cancel_type),
    {},
};
