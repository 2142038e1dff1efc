// What every function returns: called in a run and natively, the results are the same.
//
// May include: hook.
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <threads.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <ctime>

#include "engine/abi/program/threads_tests/programs/programs.h"

using programs::say;

namespace {

constexpr timespec kLongAgo = {1, 0};
constexpr timespec kNoTime = {1, 1'000'000'000};

// ---- mutexes ----

void make_mutex(pthread_mutex_t& mutex, int type, bool robust = false) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  say(pthread_mutexattr_settype(&attributes, type));
  if (robust) say(pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST));
  say(pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT));
  say(pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_NONE));
  say(pthread_mutex_init(&mutex, &attributes));
  pthread_mutexattr_destroy(&attributes);
}

void* say_codes_of_another(void* argument) {
  auto* const mutex = static_cast<pthread_mutex_t*>(argument);
  say(pthread_mutex_trylock(mutex));
  say(pthread_mutex_timedlock(mutex, &kLongAgo));
  say(pthread_mutex_clocklock(mutex, CLOCK_MONOTONIC, &kLongAgo));
  say(pthread_mutex_timedlock(mutex, &kNoTime));
  return nullptr;
}

void ask_another(pthread_mutex_t& mutex, void* (*ask)(void*)) {
  pthread_t other;
  const int made = pthread_create(&other, nullptr, ask, &mutex);
  const int joined = pthread_join(other, nullptr);
  say(made);
  say(joined);
}

void codes_normal_mutex(const uint32_t*) {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  say(pthread_mutex_lock(&mutex));
  say(pthread_mutex_trylock(&mutex));
  say(pthread_mutex_timedlock(&mutex, &kLongAgo));
  ask_another(mutex, say_codes_of_another);
  say(pthread_mutex_unlock(&mutex));
  say(pthread_mutex_timedlock(&mutex, &kLongAgo));
  say(pthread_mutex_unlock(&mutex));
  say(pthread_mutex_timedlock(&mutex, &kNoTime));
  say(pthread_mutex_unlock(&mutex));
  say(pthread_mutex_consistent(&mutex));
  say(pthread_mutex_destroy(&mutex));
}

void codes_recursive_mutex(const uint32_t*) {
  pthread_mutex_t mutex;
  make_mutex(mutex, PTHREAD_MUTEX_RECURSIVE);
  say(pthread_mutex_unlock(&mutex));
  for (int i = 0; i < 3; ++i) say(pthread_mutex_lock(&mutex));
  say(pthread_mutex_trylock(&mutex));
  say(pthread_mutex_timedlock(&mutex, &kLongAgo));
  ask_another(mutex, say_codes_of_another);
  for (int i = 0; i < 4; ++i) say(pthread_mutex_unlock(&mutex));
  ask_another(mutex, [](void* argument) -> void* {
    say(pthread_mutex_trylock(static_cast<pthread_mutex_t*>(argument)));
    say(pthread_mutex_unlock(static_cast<pthread_mutex_t*>(argument)));
    return nullptr;
  });
  say(pthread_mutex_unlock(&mutex));
  ask_another(mutex, [](void* argument) -> void* {
    say(pthread_mutex_trylock(static_cast<pthread_mutex_t*>(argument)));
    say(pthread_mutex_unlock(static_cast<pthread_mutex_t*>(argument)));
    return nullptr;
  });
  say(pthread_mutex_destroy(&mutex));
}

void codes_errorcheck_mutex(const uint32_t*) {
  pthread_mutex_t mutex;
  make_mutex(mutex, PTHREAD_MUTEX_ERRORCHECK);
  say(pthread_mutex_unlock(&mutex));
  say(pthread_mutex_lock(&mutex));
  say(pthread_mutex_lock(&mutex));
  say(pthread_mutex_trylock(&mutex));
  say(pthread_mutex_timedlock(&mutex, &kLongAgo));
  ask_another(mutex, say_codes_of_another);
  ask_another(mutex, [](void* argument) -> void* {
    say(pthread_mutex_unlock(static_cast<pthread_mutex_t*>(argument)));
    return nullptr;
  });
  say(pthread_mutex_unlock(&mutex));
  say(pthread_mutex_destroy(&mutex));
}

void codes_robust_mutex(const uint32_t*) {
  pthread_mutex_t mutex;
  const auto die_with_it = [](void* argument) -> void* {
    say(pthread_mutex_lock(static_cast<pthread_mutex_t*>(argument)));
    return nullptr;
  };
  make_mutex(mutex, PTHREAD_MUTEX_NORMAL, true);
  say(pthread_mutex_consistent(&mutex));
  ask_another(mutex, die_with_it);
  say(pthread_mutex_lock(&mutex));
  say(pthread_mutex_consistent(&mutex));
  say(pthread_mutex_unlock(&mutex));
  say(pthread_mutex_unlock(&mutex));
  say(pthread_mutex_lock(&mutex));
  say(pthread_mutex_unlock(&mutex));
  ask_another(mutex, die_with_it);
  say(pthread_mutex_trylock(&mutex));
  say(pthread_mutex_unlock(&mutex));
  say(pthread_mutex_lock(&mutex));
  say(pthread_mutex_trylock(&mutex));
  say(pthread_mutex_destroy(&mutex));
}

// ---- condition variables ----

void codes_cond(const uint32_t*) {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
  say(pthread_cond_signal(&cond));
  say(pthread_cond_broadcast(&cond));
  say(pthread_mutex_lock(&mutex));
  say(pthread_cond_timedwait(&cond, &mutex, &kLongAgo));
  say(pthread_cond_timedwait(&cond, &mutex, &kNoTime));
  say(pthread_cond_clockwait(&cond, &mutex, CLOCK_MONOTONIC, &kLongAgo));
  say(pthread_cond_clockwait(&cond, &mutex, CLOCK_PROCESS_CPUTIME_ID, &kLongAgo));
  say(pthread_mutex_trylock(&mutex));
  say(pthread_mutex_unlock(&mutex));
  say(pthread_cond_destroy(&cond));
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  say(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC));
  say(pthread_cond_init(&cond, &attributes));
  timespec soon;
  say(clock_gettime(CLOCK_MONOTONIC, &soon));
  soon.tv_nsec = soon.tv_nsec / 2;
  say(pthread_mutex_lock(&mutex));
  say(pthread_cond_timedwait(&cond, &mutex, &soon));
  say(pthread_mutex_unlock(&mutex));
  say(pthread_cond_destroy(&cond));
  pthread_mutex_t checked;
  make_mutex(checked, PTHREAD_MUTEX_ERRORCHECK);
  pthread_cond_t other = PTHREAD_COND_INITIALIZER;
  say(pthread_cond_wait(&other, &checked));
  say(pthread_cond_destroy(&other));
}

// ---- the rest of pthread ----

void codes_rwlock(const uint32_t*) {
  pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
  say(pthread_rwlock_rdlock(&lock));
  say(pthread_rwlock_rdlock(&lock));
  say(pthread_rwlock_tryrdlock(&lock));
  say(pthread_rwlock_trywrlock(&lock));
  say(pthread_rwlock_timedwrlock(&lock, &kLongAgo));
  say(pthread_rwlock_clockwrlock(&lock, CLOCK_MONOTONIC, &kLongAgo));
  say(pthread_rwlock_timedwrlock(&lock, &kNoTime));
  for (int i = 0; i < 3; ++i) say(pthread_rwlock_unlock(&lock));
  say(pthread_rwlock_wrlock(&lock));
  say(pthread_rwlock_rdlock(&lock));
  say(pthread_rwlock_wrlock(&lock));
  say(pthread_rwlock_tryrdlock(&lock));
  say(pthread_rwlock_trywrlock(&lock));
  say(pthread_rwlock_timedrdlock(&lock, &kLongAgo));
  say(pthread_rwlock_unlock(&lock));
  say(pthread_rwlock_timedrdlock(&lock, &kLongAgo));
  say(pthread_rwlock_unlock(&lock));
  say(pthread_rwlock_clockrdlock(&lock, CLOCK_PROCESS_CPUTIME_ID, &kLongAgo));
  say(pthread_rwlock_destroy(&lock));
}

void codes_barrier(const uint32_t*) {
  pthread_barrier_t barrier;
  say(pthread_barrier_init(&barrier, nullptr, 0));
  say(pthread_barrier_init(&barrier, nullptr, 1));
  say(pthread_barrier_wait(&barrier));
  say(pthread_barrier_wait(&barrier));
  say(pthread_barrier_destroy(&barrier));
}

void codes_spin(const uint32_t*) {
  pthread_spinlock_t lock;
  say(pthread_spin_init(&lock, PTHREAD_PROCESS_PRIVATE));
  say(pthread_spin_lock(&lock));
  say(pthread_spin_trylock(&lock));
  say(pthread_spin_unlock(&lock));
  say(pthread_spin_trylock(&lock));
  say(pthread_spin_unlock(&lock));
  say(pthread_spin_destroy(&lock));
}

void say_errno(int result) {
  say(result);
  say(result == 0 ? 0 : errno);
}

void codes_sem(const uint32_t*) {
  sem_t semaphore;
  int value = -1;
  say_errno(sem_init(&semaphore, 0, UINT_MAX));
  say_errno(sem_init(&semaphore, 0, 2));
  say_errno(sem_wait(&semaphore));
  say_errno(sem_trywait(&semaphore));
  say_errno(sem_trywait(&semaphore));
  say_errno(sem_timedwait(&semaphore, &kLongAgo));
  say_errno(sem_clockwait(&semaphore, CLOCK_MONOTONIC, &kLongAgo));
  say_errno(sem_timedwait(&semaphore, &kNoTime));
  say_errno(sem_clockwait(&semaphore, CLOCK_PROCESS_CPUTIME_ID, &kLongAgo));
  say_errno(sem_post(&semaphore));
  say_errno(sem_getvalue(&semaphore, &value));
  say(value);
  say_errno(sem_destroy(&semaphore));
  say_errno(sem_init(&semaphore, 0, SEM_VALUE_MAX));
  say_errno(sem_post(&semaphore));
  say_errno(sem_destroy(&semaphore));
}

int destroyed_values = 0;

void codes_keys(const uint32_t*) {
  destroyed_values = 0;
  pthread_key_t first, second;
  say(pthread_key_create(&first, nullptr));
  say(pthread_getspecific(first) == nullptr);
  say(pthread_setspecific(first, &first));
  say(pthread_getspecific(first) == &first);
  say(pthread_key_delete(first));
  say(pthread_key_delete(first));
  say(pthread_setspecific(first, &first));
  say(pthread_key_create(&second, [](void* value) { destroyed_values += *static_cast<int*>(value); }));
  say(pthread_getspecific(second) == nullptr);
  pthread_t other;
  static int amount = 5;
  pthread_create(
      &other, nullptr,
      [](void* key) -> void* {
        pthread_setspecific(*static_cast<pthread_key_t*>(key), &amount);
        return nullptr;
      },
      &second);
  say(pthread_join(other, nullptr));
  say(destroyed_values);
  say(pthread_key_delete(second));
}

void* give_back(void* argument) {
  return argument;
}

void codes_join(const uint32_t*) {
  pthread_t other;
  void* result = nullptr;
  static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;  // the detached thread may outlive this call
  pthread_mutex_lock(&mutex);
  say(pthread_create(
      &other, nullptr,
      [](void* argument) -> void* {
        pthread_mutex_lock(static_cast<pthread_mutex_t*>(argument));
        pthread_mutex_unlock(static_cast<pthread_mutex_t*>(argument));
        pthread_exit(argument);
      },
      &mutex));
  say(pthread_tryjoin_np(other, &result));
  say(pthread_timedjoin_np(other, &result, &kLongAgo));
  say(pthread_clockjoin_np(other, &result, CLOCK_MONOTONIC, &kLongAgo));
  say(pthread_equal(other, pthread_self()));
  say(pthread_equal(pthread_self(), pthread_self()) != 0);
  pthread_mutex_unlock(&mutex);
  say(pthread_join(other, &result));
  say(result == &mutex);
  say(pthread_join(pthread_self(), nullptr));
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  say(pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED));
  pthread_mutex_lock(&mutex);
  say(pthread_create(
      &other, &attributes,
      [](void* argument) -> void* {
        pthread_mutex_lock(static_cast<pthread_mutex_t*>(argument));
        pthread_mutex_unlock(static_cast<pthread_mutex_t*>(argument));
        return nullptr;
      },
      &mutex));
  say(pthread_join(other, nullptr));
  say(pthread_detach(other));
  pthread_mutex_unlock(&mutex);
  pthread_attr_destroy(&attributes);
  pthread_mutex_lock(&mutex);
  pthread_mutex_unlock(&mutex);
  say(pthread_create(&other, nullptr, give_back, nullptr));
  say(pthread_detach(other));
}

void codes_attributes(const uint32_t*) {
  char name[16] = "";
  say(pthread_setname_np(pthread_self(), "0123456789abcdef"));
  say(pthread_getname_np(pthread_self(), name, 1));
  int old = -1;
  say(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old));
  say(old);
  say(pthread_setcancelstate(77, &old));
  say(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &old));
  say(old);
  say(pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, &old));
  say(old);
  say(pthread_setcanceltype(77, &old));
  int policy = -1;
  sched_param parameters = {.sched_priority = 9};
  say(pthread_getschedparam(pthread_self(), &policy, &parameters));
  say(policy);
  say(parameters.sched_priority);
}

void codes_sleep(const uint32_t*) {
  const timespec negative = {-1, 0};
  const timespec little = {0, 1000};
  say_errno(nanosleep(&little, nullptr));
  say_errno(nanosleep(&negative, nullptr));
  say_errno(nanosleep(&kNoTime, nullptr));
  say(clock_nanosleep(CLOCK_MONOTONIC, 0, &little, nullptr));
  say(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &kLongAgo, nullptr));
  say(clock_nanosleep(CLOCK_MONOTONIC, 0, &kNoTime, nullptr));
  say(clock_nanosleep(CLOCK_MONOTONIC, 0, &negative, nullptr));
  say(usleep(1));
  say(sleep(0));
  say(sched_yield());
  say(thrd_sleep(&little, nullptr));
  timespec time;
  say(timespec_get(&time, TIME_UTC));
  say(timespec_get(&time, 77));
}

// ---- C11 ----

void codes_c11(const uint32_t*) {
  mtx_t mutex;
  say(mtx_init(&mutex, 77));
  say(mtx_init(&mutex, mtx_timed));
  say(mtx_lock(&mutex));
  say(mtx_trylock(&mutex));
  say(mtx_timedlock(&mutex, &kLongAgo));
  say(mtx_timedlock(&mutex, &kNoTime));
  cnd_t cond;
  say(cnd_init(&cond));
  say(cnd_signal(&cond));
  say(cnd_broadcast(&cond));
  say(cnd_timedwait(&cond, &mutex, &kLongAgo));
  say(cnd_timedwait(&cond, &mutex, &kNoTime));
  cnd_destroy(&cond);
  say(mtx_unlock(&mutex));
  mtx_destroy(&mutex);
  say(mtx_init(&mutex, mtx_plain | mtx_recursive));
  say(mtx_lock(&mutex));
  say(mtx_trylock(&mutex));
  say(mtx_unlock(&mutex));
  say(mtx_unlock(&mutex));
  mtx_destroy(&mutex);
  thrd_t other;
  int result = 0;
  say(thrd_create(&other, [](void*) -> int { return -7; }, nullptr));
  say(thrd_join(other, &result));
  say(result);
  say(thrd_create(&other, [](void*) -> int { thrd_exit(9); }, nullptr));
  say(thrd_join(other, &result));
  say(result);
  say(thrd_equal(thrd_current(), thrd_current()) != 0);
  tss_t key;
  say(tss_create(&key, nullptr));
  say(tss_get(key) == nullptr);
  say(tss_set(key, &key));
  say(tss_get(key) == &key);
  tss_delete(key);
  static once_flag flag = ONCE_FLAG_INIT;
  static int calls = 0;
  flag = ONCE_FLAG_INIT;
  calls = 0;
  call_once(&flag, [] { ++calls; });
  call_once(&flag, [] { ++calls; });
  say(calls);
}

}  // namespace

const gl_operation_entry programs::code_programs[] = {
    PROGRAM(codes_normal_mutex),
    PROGRAM(codes_recursive_mutex),
    PROGRAM(codes_errorcheck_mutex),
    PROGRAM(codes_robust_mutex),
    PROGRAM(codes_cond),
    PROGRAM(codes_rwlock),
    PROGRAM(codes_barrier),
    PROGRAM(codes_spin),
    PROGRAM(codes_sem),
    PROGRAM(codes_keys),
    PROGRAM(codes_join),
    PROGRAM(codes_attributes),
    PROGRAM(codes_sleep),
    PROGRAM(codes_c11),
    {},
};
