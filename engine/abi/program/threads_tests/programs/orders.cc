// What orders accesses and what does not. In `ordered_*` no schedule has a race; in `race_*` the accesses of a plain
// variable race, and in the default schedule they are made in an order that a model with one edge too many would call
// ordered. A thread gives way to others by sleeping, which orders nothing.
//
// May include: hook.
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <ctime>

#include "engine/abi/program/threads_tests/programs/programs.h"

namespace {

// What the threads of a program share; on the stack of main, which is judged.
struct Shared {
  int value = 0;
  std::atomic<int> flag{0};
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_t other_mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
  pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
  pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_barrier_t barrier;
  pthread_spinlock_t spin;
  sem_t semaphore;
};

template <typename Work>
pthread_t start(Work& work) {
  pthread_t thread;
  pthread_create(
      &thread, nullptr,
      [](void* argument) -> void* {
        (*static_cast<Work*>(argument))();
        return nullptr;
      },
      &work);
  return thread;
}

// Two threads; the second begins when the first has ended or waits.
template <typename First, typename Second>
void run_both(First first, Second second) {
  const pthread_t one = start(first);
  const pthread_t two = start(second);
  pthread_join(one, nullptr);
  pthread_join(two, nullptr);
}

// The same, with one of them main: it goes first.
template <typename First, typename Second>
void run_beside(First first, Second second) {
  const pthread_t two = start(second);
  first();
  pthread_join(two, nullptr);
}

void give_way() {
  usleep(100);
}

// ---- mutexes ----

void ordered_mutex(const uint32_t*) {
  Shared shared;
  const auto add = [&] {
    pthread_mutex_lock(&shared.mutex);
    ++shared.value;
    pthread_mutex_unlock(&shared.mutex);
  };
  run_both(add, add);
}
void ordered_trylock(const uint32_t*) {
  Shared shared;
  const auto add = [&] {
    if (pthread_mutex_trylock(&shared.mutex) != 0) return;
    ++shared.value;
    pthread_mutex_unlock(&shared.mutex);
  };
  run_both(add, add);
}
void race_other_mutex(const uint32_t*) {
  Shared shared;
  run_both(
      [&] {
        pthread_mutex_lock(&shared.mutex);
        shared.value = 1;
        pthread_mutex_unlock(&shared.mutex);
      },
      [&] {
        pthread_mutex_lock(&shared.other_mutex);
        shared.value = 2;
        pthread_mutex_unlock(&shared.other_mutex);
      });
}
void race_failed_trylock(const uint32_t*) {
  Shared shared;
  run_beside(
      [&] {
        pthread_mutex_lock(&shared.mutex);
        shared.value = 1;
        give_way();
        pthread_mutex_unlock(&shared.mutex);
      },
      [&] {
        if (pthread_mutex_trylock(&shared.mutex) != 0) shared.value = 2;
      });
}
void race_timed_out_lock(const uint32_t*) {
  Shared shared;
  run_beside(
      [&] {
        pthread_mutex_lock(&shared.mutex);
        shared.value = 1;
        give_way();
        pthread_mutex_unlock(&shared.mutex);
      },
      [&] {
        constexpr timespec kLongAgo = {1, 0};
        if (pthread_mutex_timedlock(&shared.mutex, &kLongAgo) != 0) shared.value = 2;
      });
}
// What comes after the unlock is not ordered by it.
void race_after_unlock(const uint32_t*) {
  Shared shared;
  const auto add = [&] {
    pthread_mutex_lock(&shared.mutex);
    pthread_mutex_unlock(&shared.mutex);
    shared.value = 1;
  };
  run_both(add, add);
}
void race_destroy(const uint32_t*) {
  Shared shared;
  run_both(
      [&] {
        pthread_mutex_lock(&shared.mutex);
        pthread_mutex_unlock(&shared.mutex);
      },
      [&] { pthread_mutex_destroy(&shared.mutex); });
}
void ordered_destroy(const uint32_t*) {
  Shared shared;
  run_both(
      [&] {
        pthread_mutex_lock(&shared.mutex);
        pthread_mutex_unlock(&shared.mutex);
      },
      [&] {
        pthread_mutex_lock(&shared.mutex);
        pthread_mutex_unlock(&shared.mutex);
      });
  pthread_mutex_destroy(&shared.mutex);
}
void ordered_spin(const uint32_t*) {
  Shared shared;
  pthread_spin_init(&shared.spin, 0);
  const auto add = [&] {
    pthread_spin_lock(&shared.spin);
    ++shared.value;
    pthread_spin_unlock(&shared.spin);
  };
  run_both(add, add);
}

// ---- condition variables ----

void ordered_cond(const uint32_t*) {
  Shared shared;
  bool ready = false;
  run_beside(
      [&] {
        give_way();
        pthread_mutex_lock(&shared.mutex);
        ready = true;
        shared.value = 1;
        pthread_cond_broadcast(&shared.cond);
        pthread_mutex_unlock(&shared.mutex);
      },
      [&] {
        pthread_mutex_lock(&shared.mutex);
        while (!ready) pthread_cond_wait(&shared.cond, &shared.mutex);
        pthread_mutex_unlock(&shared.mutex);
        shared.value = 2;
      });
}
// What the signaller does after its last unlock, before the signal.
void race_signal(const uint32_t*) {
  Shared shared;
  run_beside(
      [&] {
        give_way();
        shared.value = 1;
        pthread_cond_signal(&shared.cond);
      },
      [&] {
        pthread_mutex_lock(&shared.mutex);
        pthread_cond_wait(&shared.cond, &shared.mutex);
        pthread_mutex_unlock(&shared.mutex);
        shared.value = 2;
      });
}

// ---- read-write locks ----

void ordered_rwlock(const uint32_t*) {
  Shared shared;
  const auto write = [&] {
    pthread_rwlock_wrlock(&shared.rwlock);
    ++shared.value;
    pthread_rwlock_unlock(&shared.rwlock);
  };
  const auto read = [&] {
    pthread_rwlock_rdlock(&shared.rwlock);
    GL_ASSERT(shared.value >= 0);
    pthread_rwlock_unlock(&shared.rwlock);
  };
  run_both(write, read);
  run_both(read, write);
  run_both(write, write);
}
void race_two_readers(const uint32_t*) {
  Shared shared;
  const auto write = [&] {
    pthread_rwlock_rdlock(&shared.rwlock);
    ++shared.value;
    pthread_rwlock_unlock(&shared.rwlock);
  };
  run_both(write, write);
}

// ---- barriers, semaphores, once ----

void ordered_barrier(const uint32_t*) {
  Shared shared;
  int side[2] = {};
  pthread_barrier_init(&shared.barrier, nullptr, 2);
  const auto work = [&](int who) {
    for (int round = 0; round < 3; ++round) {
      side[who] = round;
      pthread_barrier_wait(&shared.barrier);
      GL_ASSERT(side[1 - who] == round);
      pthread_barrier_wait(&shared.barrier);
    }
  };
  run_both([&] { work(0); }, [&] { work(1); });
  pthread_barrier_destroy(&shared.barrier);
}
// The one that completes the barrier goes on, and comes again; the other leaves only then.
void race_beyond_barrier(const uint32_t*) {
  Shared shared;
  pthread_barrier_init(&shared.barrier, nullptr, 2);
  run_both(
      [&] {
        pthread_barrier_wait(&shared.barrier);
        shared.value = 1;
        pthread_barrier_wait(&shared.barrier);
      },
      [&] {
        pthread_barrier_wait(&shared.barrier);
        shared.value = 2;
        pthread_barrier_wait(&shared.barrier);
      });
}
void ordered_sem(const uint32_t*) {
  Shared shared;
  sem_init(&shared.semaphore, 0, 0);
  run_beside(
      [&] {
        shared.value = 1;
        sem_post(&shared.semaphore);
      },
      [&] {
        sem_wait(&shared.semaphore);
        shared.value = 2;
      });
}
// A wait orders nothing for those who post later.
void race_sem_wait(const uint32_t*) {
  Shared shared;
  sem_init(&shared.semaphore, 0, 1);
  run_both(
      [&] {
        shared.value = 1;
        sem_wait(&shared.semaphore);
      },
      [&] {
        sem_post(&shared.semaphore);
        shared.value = 2;
      });
}
void race_failed_trywait(const uint32_t*) {
  Shared shared;
  sem_init(&shared.semaphore, 0, 1);
  run_both(
      [&] {
        shared.value = 1;
        sem_wait(&shared.semaphore);
      },
      [&] {
        if (sem_trywait(&shared.semaphore) != 0) shared.value = 2;
      });
}
int* value_of_once;
void ordered_once(const uint32_t*) {
  Shared shared;
  value_of_once = &shared.value;
  const auto read = [&] {
    pthread_once(&shared.once, [] {
      *value_of_once = 1;
      give_way();
      *value_of_once = 2;
    });
    GL_ASSERT(shared.value == 2);
  };
  run_both(read, read);
}
template <int>
int slow_static(int* value) {
  static const int made = [&] {
    *value = 1;
    give_way();
    return ++*value;
  }();
  return made;
}
void ordered_static_local(const uint32_t*) {
  Shared shared;
  const auto read = [&] {
    static_cast<void>(slow_static<2>(&shared.value));
    GL_ASSERT(shared.value == 2);
  };
  run_both(read, read);
}

// ---- threads ----

void ordered_create_and_join(const uint32_t*) {
  Shared shared;
  shared.value = 1;
  auto add = [&] { ++shared.value; };
  for (int i = 0; i < 3; ++i) pthread_join(start(add), nullptr);
  programs::say(shared.value);
}
void race_with_creator(const uint32_t*) {
  Shared shared;
  run_beside([&] { shared.value = 1; }, [&] { shared.value = 2; });
}
void race_failed_join(const uint32_t*) {
  Shared shared;
  auto work = [&] {
    shared.value = 1;
    usleep(1000);
  };
  const pthread_t other = start(work);
  give_way();
  if (pthread_tryjoin_np(other, nullptr) != 0) shared.value = 2;
  pthread_join(other, nullptr);
}
void race_sleep(const uint32_t*) {
  Shared shared;
  run_both([&] { shared.value = 1; },
           [&] {
             usleep(1000);
             shared.value = 2;
           });
}
void race_futex(const uint32_t*) {
  Shared shared;
  run_beside(
      [&] {
        give_way();
        shared.value = 1;
        shared.flag.store(1, std::memory_order_relaxed);
        syscall(SYS_futex, &shared.flag, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
      },
      [&] {
        while (shared.flag.load(std::memory_order_relaxed) == 0) {
          syscall(SYS_futex, &shared.flag, FUTEX_WAIT_PRIVATE, 0, nullptr, nullptr, 0);
        }
        shared.value = 2;
      });
}
void ordered_futex(const uint32_t*) {
  Shared shared;
  run_beside(
      [&] {
        give_way();
        shared.value = 1;
        shared.flag.store(1, std::memory_order_release);
        syscall(SYS_futex, &shared.flag, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
      },
      [&] {
        while (shared.flag.load(std::memory_order_acquire) == 0) {
          syscall(SYS_futex, &shared.flag, FUTEX_WAIT_PRIVATE, 0, nullptr, nullptr, 0);
        }
        shared.value = 2;
      });
}

}  // namespace

const gl_operation_entry programs::order_programs[] = {
    PROGRAM(ordered_mutex),       PROGRAM(ordered_trylock),      PROGRAM(race_other_mutex),
    PROGRAM(race_failed_trylock), PROGRAM(race_timed_out_lock),  PROGRAM(race_after_unlock),
    PROGRAM(race_destroy),        PROGRAM(ordered_destroy),      PROGRAM(ordered_spin),
    PROGRAM(ordered_cond),        PROGRAM(race_signal),          PROGRAM(ordered_rwlock),
    PROGRAM(race_two_readers),    PROGRAM(ordered_barrier),      PROGRAM(race_beyond_barrier),
    PROGRAM(ordered_sem),         PROGRAM(race_sem_wait),        PROGRAM(race_failed_trywait),
    PROGRAM(ordered_once),        PROGRAM(ordered_static_local), PROGRAM(ordered_create_and_join),
    PROGRAM(race_with_creator),   PROGRAM(race_failed_join),     PROGRAM(race_sleep),
    PROGRAM(race_futex),          PROGRAM(ordered_futex),        {},
};
