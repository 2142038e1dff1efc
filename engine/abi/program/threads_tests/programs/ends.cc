// How threads end: returning, pthread_exit, cancellation; what runs then, and in which order.
//
// May include: hook.
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <setjmp.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "engine/abi/program/threads_tests/programs/programs.h"

using programs::say;

// What the macros of pthread_cleanup_push are in C.
extern "C" {
void __pthread_register_cancel(__pthread_unwind_buf_t*);
void __pthread_unregister_cancel(__pthread_unwind_buf_t*);
[[noreturn]] void __pthread_unwind_next(__pthread_unwind_buf_t*);
int __sigsetjmp(__jmp_buf_tag*, int) __attribute__((returns_twice));
}

namespace {

struct Says {
  explicit Says(long value) : value_(value) {}
  ~Says() { say(value_); }
  long value_;
};

struct Shared {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
  sem_t started;
  sem_t never;
};

void join_and_say(pthread_t thread) {
  void* result = nullptr;
  say(pthread_join(thread, &result));
  say(reinterpret_cast<long>(result));
}

__attribute__((noinline)) void leave_deeply(int depth) {
  const Says says(depth);
  if (depth == 0) pthread_exit(reinterpret_cast<void*>(77L));
  leave_deeply(depth - 1);
  say(-1);
}

void end_by_exit(const uint32_t*) {
  pthread_t thread;
  pthread_create(
      &thread, nullptr,
      [](void*) -> void* {
        thread_local const Says at_the_end(9);
        static_cast<void>(at_the_end.value_);
        leave_deeply(2);
        return nullptr;
      },
      nullptr);
  join_and_say(thread);
}

// Starts a thread, lets it come to where it waits, and cancels it.
void cancel_in(void* (*work)(void*)) {
  Shared shared;
  sem_init(&shared.started, 0, 0);
  sem_init(&shared.never, 0, 0);
  pthread_t thread;
  pthread_create(&thread, nullptr, work, &shared);
  sem_wait(&shared.started);
  usleep(10'000);
  const int canceled = pthread_cancel(thread);
  join_and_say(thread);
  say(canceled);
}

void cancel_in_sem_wait(const uint32_t*) {
  cancel_in([](void* argument) -> void* {
    const Says says(5);
    Shared& shared = *static_cast<Shared*>(argument);
    sem_post(&shared.started);
    sem_wait(&shared.never);
    say(-1);
    return nullptr;
  });
}
void cancel_in_cond_wait(const uint32_t*) {
  cancel_in([](void* argument) -> void* {
    Shared& shared = *static_cast<Shared*>(argument);
    struct Unlocks {
      pthread_mutex_t* mutex;
      ~Unlocks() { say(pthread_mutex_unlock(mutex)); }
    };
    pthread_mutex_lock(&shared.mutex);
    const Unlocks unlocks{&shared.mutex};
    sem_post(&shared.started);
    for (;;) pthread_cond_wait(&shared.cond, &shared.mutex);
  });
}
void cancel_in_sleep(const uint32_t*) {
  cancel_in([](void* argument) -> void* {
    const Says says(6);
    sem_post(&static_cast<Shared*>(argument)->started);
    sleep(3600);
    say(-1);
    return nullptr;
  });
}
void cancel_when_enabled(const uint32_t*) {
  cancel_in([](void* argument) -> void* {
    const Says says(7);
    Shared& shared = *static_cast<Shared*>(argument);
    say(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, nullptr));
    sem_post(&shared.started);
    usleep(50'000);
    pthread_testcancel();
    say(8);
    say(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, nullptr));
    pthread_testcancel();
    say(-1);
    return nullptr;
  });
}

// As pthread_cleanup_push and pop in C, around what `body` does.
__attribute__((noinline)) void with_cleanup(long value, void (*body)(void*), void* argument) {
  __pthread_unwind_buf_t buffer;
  if (__sigsetjmp(reinterpret_cast<__jmp_buf_tag*>(buffer.__cancel_jmp_buf), 0) != 0) {
    say(value);
    __pthread_unwind_next(&buffer);
  }
  __pthread_register_cancel(&buffer);
  body(argument);
  __pthread_unregister_cancel(&buffer);
}
void cancel_with_cleanup(const uint32_t*) {
  cancel_in([](void* argument) -> void* {
    with_cleanup(1, [](void*) {}, nullptr);
    with_cleanup(
        2,
        [](void* outer) {
          with_cleanup(
              3,
              [](void* inner) {
                sem_post(&static_cast<Shared*>(inner)->started);
                sem_wait(&static_cast<Shared*>(inner)->never);
              },
              outer);
        },
        argument);
    say(-1);
    return nullptr;
  });
}

// The process ends when its last thread does.
void end_main_first(const uint32_t*) {
  pthread_t thread;
  pthread_create(
      &thread, nullptr,
      [](void*) -> void* {
        usleep(100);
        say(4);
        return nullptr;
      },
      nullptr);
  pthread_detach(thread);
  pthread_exit(nullptr);
}

thread_local int* last_of_thread;
thread_local int of_thread = 3;
// An address into what was a thread's own.
void use_dead_thread_local(const uint32_t*) {
  static int* stale;
  pthread_t thread;
  pthread_create(
      &thread, nullptr,
      [](void*) -> void* {
        last_of_thread = &of_thread;
        stale = last_of_thread;
        return nullptr;
      },
      nullptr);
  pthread_join(thread, nullptr);
  *stale = 4;
}

}  // namespace

const gl_operation_entry programs::end_programs[] = {
    PROGRAM(end_by_exit),     PROGRAM(cancel_in_sem_wait),    PROGRAM(cancel_in_cond_wait),
    PROGRAM(cancel_in_sleep), PROGRAM(cancel_when_enabled),   PROGRAM(cancel_with_cleanup),
    PROGRAM(end_main_first),  PROGRAM(use_dead_thread_local), {},
};
