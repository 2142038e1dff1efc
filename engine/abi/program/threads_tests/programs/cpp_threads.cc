// What the standard C++ library has for threads, each with one result whatever the schedule.
//
// May include: hook.
#include <atomic>
#include <barrier>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <future>
#include <latch>
#include <mutex>
#include <queue>
#include <semaphore>
#include <shared_mutex>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "engine/abi/program/threads_tests/programs/programs.h"

using namespace std::chrono_literals;
using programs::say;

namespace {

void cpp_mutex(const uint32_t*) {
  std::mutex mutex;
  std::recursive_mutex recursive;
  std::timed_mutex timed;
  int sum = 0;
  const auto work = [&](int amount) {
    const std::lock_guard first(mutex);
    const std::lock_guard outer(recursive);
    const std::lock_guard inner(recursive);
    if (timed.try_lock_for(1h)) {
      sum += amount;
      timed.unlock();
    }
  };
  std::thread one(work, 3), two(work, 4);
  one.join();
  two.join();
  say(sum);
  std::mutex left, right;
  std::thread both([&] {
    const std::scoped_lock locks(left, right);
    ++sum;
  });
  {
    const std::scoped_lock locks(right, left);
    ++sum;
  }
  both.join();
  say(sum);
}

void cpp_queue(const uint32_t*) {
  std::mutex mutex;
  std::condition_variable filled;
  std::condition_variable_any emptied;
  std::queue<int> queue;
  long sum = 0;
  std::thread consumer([&] {
    for (int i = 0; i < 4; ++i) {
      std::unique_lock lock(mutex);
      filled.wait(lock, [&] { return !queue.empty(); });
      sum += queue.front();
      queue.pop();
      emptied.notify_one();
    }
  });
  for (int i = 1; i <= 4; ++i) {
    std::unique_lock lock(mutex);
    emptied.wait(lock, [&] { return queue.size() < 2; });
    queue.push(i);
    filled.notify_one();
  }
  consumer.join();
  say(sum);
}

void cpp_timeout(const uint32_t*) {
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  const auto before = std::chrono::steady_clock::now();
  say(never.wait_for(lock, 2ms) == std::cv_status::timeout);
  say(std::chrono::steady_clock::now() - before >= 2ms);
  std::this_thread::sleep_for(3ms);
  say(std::chrono::steady_clock::now() - before >= 5ms);
  say(never.wait_until(lock, std::chrono::system_clock::now() + 1ms) == std::cv_status::timeout);
}

void cpp_future(const uint32_t*) {
  std::promise<int> promise;
  std::future<int> promised = promise.get_future();
  std::thread keeper([&] { promise.set_value(5); });
  std::future<int> computed = std::async(std::launch::async, [] { return 6; });
  say(promised.get());
  say(computed.get());
  keeper.join();
}

void cpp_future_exception(const uint32_t*) {
  std::packaged_task<int(int)> task([](int value) -> int {
    if (value == 0) throw std::runtime_error("nothing");
    return value;
  });
  std::future<int> failed = task.get_future();
  std::thread worker(std::move(task), 0);
  try {
    static_cast<void>(failed.get());
    say(-1);
  } catch (const std::runtime_error& error) {
    say(std::string(error.what()) == "nothing");
  }
  worker.join();
}

void cpp_once(const uint32_t*) {
  std::once_flag flag;
  int calls = 0;
  int failures = 0;
  const auto call = [&] {
    try {
      std::call_once(flag, [&] {
        if (++calls == 1) throw std::runtime_error("try again");
      });
    } catch (const std::runtime_error&) {
      ++failures;
    }
  };
  std::thread one(call);
  one.join();
  std::thread two(call), three(call);
  two.join();
  three.join();
  say(calls);
  say(failures);
}

int make_static() {
  static std::atomic<int> made;
  made = made + 1;
  return 17;
}
template <int>
int static_local() {
  static const int value = make_static();
  return value;
}
void cpp_static_local(const uint32_t*) {
  std::atomic<int> sum{0};
  std::thread one([&] { sum += static_local<1>(); });
  std::thread two([&] { sum += static_local<1>(); });
  one.join();
  two.join();
  say(sum);
}

void cpp_shared_mutex(const uint32_t*) {
  std::shared_mutex mutex;
  std::shared_timed_mutex timed;
  int value = 0;
  std::atomic<int> seen{0};
  const auto read = [&] {
    const std::shared_lock lock(mutex);
    seen += value >= 0 ? 1 : 0;
  };
  const auto write = [&] {
    const std::unique_lock lock(mutex);
    ++value;
  };
  std::thread one(read), two(write), three(read);
  one.join();
  two.join();
  three.join();
  say(timed.try_lock_shared_for(1ms));
  say(timed.try_lock_for(1ms));
  say(seen);
  say(value);
}

void cpp_atomic_wait(const uint32_t*) {
  std::atomic<int> small{0};
  std::atomic<long> large{0};
  std::thread waiter([&] {
    small.wait(0);
    large.wait(0);
    small = 2;
    small.notify_all();
  });
  small = 1;
  small.notify_one();
  large = 1;
  large.notify_all();
  small.wait(1);
  say(small);
  waiter.join();
}

void cpp_semaphores(const uint32_t*) {
  std::counting_semaphore<4> items(0);
  std::binary_semaphore done(0);
  int got = 0;
  std::thread taker([&] {
    for (int i = 0; i < 3; ++i) {
      items.acquire();
      ++got;
    }
    done.release();
  });
  items.release(2);
  items.release();
  say(done.try_acquire_for(1h));
  say(got);
  taker.join();
  say(items.try_acquire());
}

void cpp_latch_and_barrier(const uint32_t*) {
  std::latch ready(2);
  int rounds = 0;
  std::barrier meet(2, [&]() noexcept { ++rounds; });
  int side[2] = {};
  const auto work = [&](int who) {
    ready.arrive_and_wait();
    for (int i = 0; i < 2; ++i) {
      ++side[who];
      meet.arrive_and_wait();
      if (side[1 - who] < i + 1) side[who] = -100;
      meet.arrive_and_wait();
    }
  };
  std::thread one(work, 0), two(work, 1);
  one.join();
  two.join();
  say(side[0]);
  say(side[1]);
  say(rounds);
}

void cpp_jthread(const uint32_t*) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::atomic<int> stopped{0};
  {
    std::jthread worker([&](std::stop_token stop) {
      std::unique_lock lock(mutex);
      changed.wait(lock, stop, [] { return false; });
      ++stopped;
    });
    std::stop_callback callback(worker.get_stop_token(), [&] { ++stopped; });
    worker.request_stop();
  }
  say(stopped);
}

thread_local int counter = 40;
struct Counted {
  explicit Counted(std::atomic<int>* ends) : ends_(ends) {}
  ~Counted() { ++*ends_; }
  std::atomic<int>* ends_;
};

void cpp_thread_local(const uint32_t*) {
  counter = 40;
  std::atomic<int> ends{0};
  std::atomic<int> sum{0};
  const auto work = [&] {
    thread_local const Counted counted(&ends);
    ++counter;
    std::this_thread::yield();
    ++counter;
    sum += counter;
  };
  std::thread one(work), two(work);
  one.join();
  two.join();
  say(sum);
  say(ends);
  say(counter);
}

void throw_across_points(std::atomic<int>& word, int value) {
  try {
    ++word;
    throw value;
  } catch (int) {
    ++word;
    std::this_thread::yield();
    throw;
  }
}

void cpp_exceptions(const uint32_t*) {
  std::atomic<int> word{0};
  std::atomic<int> sum{0};
  const auto work = [&](int value) {
    for (int i = 0; i < 2; ++i) {
      try {
        throw_across_points(word, value);
      } catch (int caught) {
        ++word;
        sum += caught == value && std::uncaught_exceptions() == 0 ? 1 : 100;
      }
    }
  };
  std::thread one(work, 1), two(work, 2);
  one.join();
  two.join();
  say(sum);
}

void cpp_errno(const uint32_t*) {
  std::atomic<int> word{0};
  std::atomic<int> wrong{0};
  const auto work = [&](int value) {
    errno = value;
    for (int i = 0; i < 3; ++i) {
      ++word;
      if (errno != value) ++wrong;
    }
  };
  std::thread one(work, 11), two(work, 22);
  one.join();
  two.join();
  say(wrong);
}

void cpp_processors(const uint32_t*) {
  say(std::thread::hardware_concurrency() > 0);
}

}  // namespace

const gl_operation_entry programs::cpp_programs[] = {
    PROGRAM(cpp_mutex),
    PROGRAM(cpp_queue),
    PROGRAM(cpp_timeout),
    PROGRAM(cpp_future),
    PROGRAM(cpp_future_exception),
    PROGRAM(cpp_once),
    PROGRAM(cpp_static_local),
    PROGRAM(cpp_shared_mutex),
    PROGRAM(cpp_atomic_wait),
    PROGRAM(cpp_semaphores),
    PROGRAM(cpp_latch_and_barrier),
    PROGRAM(cpp_jthread),
    PROGRAM(cpp_thread_local),
    PROGRAM(cpp_exceptions),
    PROGRAM(cpp_errno),
    PROGRAM(cpp_processors),
    {},
};
