// Expected: ok.
//
// A thread pool with futures, exceptions that come out of them, cancellation and a shutdown that waits: an ordinary
// C++20 program of some size. It prints what was computed, in the order of the jobs, so its output is the same under
// every schedule. What depends on the schedule (who did what, who waited) goes into totals that cannot differ.
//
// May include: the standard library.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <functional>
#include <future>
#include <latch>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

// Raised where a job is given to a pool that has been closed.
class PoolClosed : public std::logic_error {
 public:
  PoolClosed() : std::logic_error("the pool is closed") {}
};

// A call without arguments that may own what cannot be copied, such as a packaged task.
class Job {
 public:
  template <typename Call>
  explicit Job(Call call) : body_(std::make_unique<Body<Call>>(std::move(call))) {}

  void operator()(std::stop_token stop) { body_->run(std::move(stop)); }

 private:
  struct Base {
    virtual ~Base() = default;
    virtual void run(std::stop_token stop) = 0;
  };
  template <typename Call>
  struct Body final : Base {
    explicit Body(Call given) : call(std::move(given)) {}
    void run(std::stop_token stop) override { call(std::move(stop)); }
    Call call;
  };
  std::unique_ptr<Base> body_;
};

// Jobs that wait for a worker, in their order. Closed for new ones it still gives out those that it holds.
class JobQueue {
 public:
  void push(Job job) {
    {
      const std::lock_guard guard(lock_);
      if (closed_) throw PoolClosed();
      jobs_.push_back(std::move(job));
    }
    changed_.notify_one();
  }

  // The next job; nothing once the queue is closed and empty.
  std::optional<Job> pop() {
    std::unique_lock guard(lock_);
    changed_.wait(guard, [this] { return closed_ || !jobs_.empty(); });
    if (jobs_.empty()) return std::nullopt;
    std::optional<Job> job(std::move(jobs_.front()));
    jobs_.pop_front();
    return job;
  }

  void close() {
    {
      const std::lock_guard guard(lock_);
      closed_ = true;
    }
    changed_.notify_all();
  }

 private:
  std::mutex lock_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  bool closed_ = false;
};

thread_local unsigned jobs_of_this_thread = 0;

// Runs jobs on a fixed number of threads. A job is called with a stop token: that of the whole pool.
class ThreadPool {
 public:
  explicit ThreadPool(unsigned workers) : started_(workers) {
    for (unsigned i = 0; i < workers; i++) workers_.emplace_back([this] { work(); });
    started_.wait();
  }
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool() { finish(); }

  template <typename Call>
  auto submit(Call call) -> std::future<std::invoke_result_t<Call, std::stop_token>> {
    using Result = std::invoke_result_t<Call, std::stop_token>;
    std::packaged_task<Result(std::stop_token)> task(std::move(call));
    std::future<Result> result = task.get_future();
    queue_.push(Job(std::move(task)));
    return result;
  }

  // Asks the jobs that listen to their token to come to an end.
  void cancel() { stop_.request_stop(); }

  [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }

  // Takes no more jobs, does those that it has, and ends the workers.
  void finish() {
    queue_.close();
    workers_.clear();
  }

  [[nodiscard]] unsigned jobs_done() const { return done_.load(); }

 private:
  void work() {
    started_.count_down();
    while (std::optional<Job> job = queue_.pop()) {
      (*job)(stop_.get_token());
      jobs_of_this_thread++;
    }
    done_ += jobs_of_this_thread;
  }

  JobQueue queue_;
  std::stop_source stop_;
  std::latch started_;
  std::atomic<unsigned> done_{0};
  std::vector<std::jthread> workers_;  // last: joined before what they use is gone
};

// At most two sums are made at a time, and the most that were is remembered.
class Gauge {
 public:
  void enter() {
    {
      std::unique_lock guard(lock_);
      left_.wait(guard, [this] { return slots_ > 0; });
      slots_--;
    }
    const int now = ++inside_;
    int most = most_.load();
    while (now > most && !most_.compare_exchange_weak(most, now)) {
    }
  }
  void leave() {
    --inside_;
    {
      const std::lock_guard guard(lock_);
      slots_++;
    }
    left_.notify_one();
  }
  [[nodiscard]] bool was_kept() const { return most_ >= 1 && most_ <= 2 && inside_ == 0; }

 private:
  std::mutex lock_;
  std::condition_variable left_;
  int slots_ = 2;
  std::atomic<int> inside_{0};
  std::atomic<int> most_{0};
};

// The sum of the squares below `end`, in chunks that the pool computes at once.
long sum_of_squares(ThreadPool& pool, Gauge& gauge, long end, long chunk) {
  std::vector<std::future<long>> parts;
  for (long begin = 0; begin < end; begin += chunk) {
    parts.push_back(pool.submit([&gauge, begin, last = std::min(begin + chunk, end)](const std::stop_token&) {
      gauge.enter();
      long sum = 0;
      for (long i = begin; i < last; i++) sum += i * i;
      gauge.leave();
      return sum;
    }));
  }
  return std::accumulate(parts.begin(), parts.end(), 0L,
                         [](long sum, std::future<long>& part) { return sum + part.get(); });
}

int parse_digit(char digit) {
  if (digit < '0' || digit > '9') throw std::invalid_argument(std::string("no digit: ") + digit);
  return digit - '0';
}

// What each letter comes to, or why it is none: exceptions of the workers arrive here, each with its own text.
std::string parse_all(ThreadPool& pool, const std::string& letters) {
  std::vector<std::future<int>> digits;
  for (const char letter : letters) {
    digits.push_back(pool.submit([letter](const std::stop_token&) { return parse_digit(letter); }));
  }
  std::string line;
  for (std::future<int>& digit : digits) {
    try {
      line += "[" + std::to_string(digit.get()) + "]";
    } catch (const std::invalid_argument& error) {
      line += "[" + std::string(error.what()) + "]";
    }
  }
  return line;
}

// A job that never ends by itself: it sleeps until its token tells it to stop.
std::future<std::string> submit_endless(ThreadPool& pool) {
  return pool.submit([](const std::stop_token& stop) -> std::string {
    std::mutex lock;
    std::condition_variable_any asleep;
    std::unique_lock guard(lock);
    return asleep.wait(guard, stop, [] { return false; }) ? "woken" : "cancelled";
  });
}

// One thread sets a value, several wait for it with timeouts that may pass any number of times before it comes.
int wait_patiently() {
  std::promise<int> answer;
  const std::shared_future<int> shared = answer.get_future().share();
  std::vector<std::future<int>> waiting;
  for (int i = 1; i <= 2; i++) {
    waiting.push_back(std::async(std::launch::async, [shared, i] {
      for (int patience = 0; patience < 3; patience++) {
        if (shared.wait_for(std::chrono::milliseconds(5)) == std::future_status::ready) break;
      }
      return shared.get() * i;
    }));
  }
  answer.set_value(14);
  return waiting[0].get() + waiting[1].get();
}

std::string submit_too_late(ThreadPool& pool) {
  try {
    pool.submit([](const std::stop_token&) { return 0; });
    return "taken";
  } catch (const PoolClosed& refused) {
    return refused.what();
  }
}

std::string promise_that_is_broken() {
  std::future<int> result;
  {
    std::promise<int> forgotten;
    result = forgotten.get_future();
  }
  try {
    return std::to_string(result.get());
  } catch (const std::future_error& error) {
    return error.code() == std::future_errc::broken_promise ? "broken promise" : "another error";
  }
}

}  // namespace

int main() {
  Gauge gauge;
  ThreadPool pool(3);
  std::printf("squares below 20: %ld\n", sum_of_squares(pool, gauge, 20, 6));
  std::printf("at most two at a time: %s\n", gauge.was_kept() ? "yes" : "no");
  std::printf("digits of 4x2: %s\n", parse_all(pool, "4x2").c_str());
  std::future<std::string> endless = submit_endless(pool);
  int told = 0;
  const std::stop_callback count(pool.token(), [&told] { told++; });
  pool.cancel();
  pool.cancel();
  std::printf("endless job: %s, %d time\n", endless.get().c_str(), told);
  std::printf("answer: %d\n", wait_patiently());
  std::printf("forgotten: %s\n", promise_that_is_broken().c_str());
  pool.finish();
  std::printf("jobs done: %u\n", pool.jobs_done());
  std::printf("too late: %s\n", submit_too_late(pool).c_str());
  return 0;
}
