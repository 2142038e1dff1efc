// Expected: ok.
//
// A pipeline over bounded queues with timeouts: producers, workers that look rates up in a table under a shared mutex
// while a clerk changes it, and a logger thread. An ordinary C++20 program of some size. It prints totals and sorted
// lines, so its output is the same under every schedule; timeouts may pass at any time and are tried again.
//
// May include: the standard library.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using std::chrono::milliseconds;

enum class Outcome { kDone, kTimeout, kClosed };

// A queue of at most N entries. Who cannot go on waits for as long as it likes; closed, it gives out what it holds.
template <typename Value, std::size_t N>
class BoundedQueue {
 public:
  Outcome push_for(Value& value, milliseconds patience) {
    std::unique_lock guard(lock_);
    if (!not_full_.wait_for(guard, patience, [this] { return closed_ || count_ < N; })) return Outcome::kTimeout;
    if (closed_) return Outcome::kClosed;
    slots_[(first_ + count_++) % N] = std::move(value);
    most_ = std::max(most_, count_);
    guard.unlock();
    not_empty_.notify_one();
    return Outcome::kDone;
  }

  Outcome pop_until(Value& value, std::chrono::steady_clock::time_point end) {
    std::unique_lock guard(lock_);
    if (!not_empty_.wait_until(guard, end, [this] { return closed_ || count_ > 0; })) return Outcome::kTimeout;
    if (count_ == 0) return Outcome::kClosed;
    value = std::move(slots_[first_]);
    first_ = (first_ + 1) % N;
    count_--;
    guard.unlock();
    not_full_.notify_one();
    return Outcome::kDone;
  }

  void close() {
    {
      const std::lock_guard guard(lock_);
      closed_ = true;
    }
    not_empty_.notify_all();
    not_full_.notify_all();
  }

  // True if it never held more than it may.
  [[nodiscard]] bool was_bounded() {
    const std::lock_guard guard(lock_);
    return most_ <= N;
  }

 private:
  std::mutex lock_;
  std::condition_variable not_full_;
  std::condition_variable not_empty_;
  std::array<Value, N> slots_{};
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  std::size_t most_ = 0;
  bool closed_ = false;
};

// Lines of all threads, taken up by a thread of its own, which ends when the log is closed.
class Logger {
 public:
  Logger() : thread_([this] { collect(); }) {}
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  void write(std::string line) {
    while (lines_.push_for(line, milliseconds(20)) == Outcome::kTimeout) {
    }
  }

  // Every line that was written, sorted. Nobody may write any more.
  std::vector<std::string> finish() {
    lines_.close();
    thread_.join();
    std::sort(collected_.begin(), collected_.end());
    return std::move(collected_);
  }

  [[nodiscard]] bool was_bounded() { return lines_.was_bounded(); }

 private:
  void collect() {
    std::string line;
    for (;;) {
      switch (lines_.pop_until(line, std::chrono::steady_clock::now() + milliseconds(50))) {
        case Outcome::kDone:
          collected_.push_back(std::move(line));
          break;
        case Outcome::kTimeout:
          break;
        case Outcome::kClosed:
          return;
      }
    }
  }

  BoundedQueue<std::string, 2> lines_;
  std::vector<std::string> collected_;  // of the thread until it ends
  std::thread thread_;
};

// Prices in force. All of a change is seen, or nothing: each price is net and tax, and their sum stays what it is.
class PriceTable {
 public:
  struct Price {
    int net;
    int tax;
  };

  explicit PriceTable(std::map<std::string, Price> prices) : prices_(std::move(prices)) {}

  // What the item costs. Throws where it is not known.
  int total(const std::string& item) {
    std::shared_lock guard(lock_, std::defer_lock);
    while (!guard.try_lock_for(milliseconds(2))) timeouts_++;
    const auto found = prices_.find(item);
    if (found == prices_.end()) throw std::out_of_range("no price for " + item);
    return found->second.net + found->second.tax;
  }

  // Moves a part of every net price to its tax.
  void raise_tax(int by) {
    const std::unique_lock guard(lock_);
    for (auto& [item, price] : prices_) {
      price.net -= by;
      price.tax += by;
    }
    version_++;
  }

  [[nodiscard]] int version() {
    const std::shared_lock guard(lock_);
    return version_;
  }

 private:
  std::shared_timed_mutex lock_;
  std::map<std::string, Price> prices_;
  int version_ = 0;
  std::atomic<unsigned> timeouts_{0};  // depends on the schedule: never printed
};

struct Order {
  int number = 0;
  std::string item;
  int count = 0;
};

using Orders = BoundedQueue<std::unique_ptr<Order>, 2>;

// Puts the orders from `first` on in; gives the queue as long as it takes, and says nothing of it.
void produce(Orders& orders, int first, const std::vector<std::pair<std::string, int>>& wishes) {
  int number = first;
  for (const auto& [item, count] : wishes) {
    auto order = std::make_unique<Order>(Order{number++, item, count});
    Outcome outcome = Outcome::kTimeout;
    for (auto patience = milliseconds(1); outcome == Outcome::kTimeout;
         patience = std::min(2 * patience, milliseconds(64))) {
      outcome = orders.push_for(order, patience);
    }
    if (outcome == Outcome::kClosed) throw std::logic_error("the queue was closed too early");
  }
}

struct Totals {
  std::atomic<int> revenue{0};
  std::atomic<int> filled{0};
  std::atomic<int> refused{0};
};

void fill(const Order& order, PriceTable& prices, Totals& totals, Logger& log) {
  const std::string name = "order " + std::to_string(order.number);
  try {
    const int price = prices.total(order.item) * order.count;
    totals.revenue += price;
    totals.filled++;
    log.write(name + ": " + order.item + " for " + std::to_string(price));
  } catch (const std::out_of_range& unknown) {
    totals.refused++;
    log.write(name + ": " + unknown.what());
  }
}

void work(Orders& orders, PriceTable& prices, Totals& totals, Logger& log) {
  std::unique_ptr<Order> order;
  for (;;) {
    const Outcome outcome = orders.pop_until(order, std::chrono::steady_clock::now() + milliseconds(10));
    if (outcome == Outcome::kClosed) return;
    if (outcome == Outcome::kDone) fill(*order, prices, totals, log);
    order.reset();
  }
}

void change_prices(PriceTable& prices) {
  for (int i = 1; i <= 2; i++) {
    prices.raise_tax(i);
    std::this_thread::sleep_for(milliseconds(1));
  }
}

}  // namespace

int main() {
  PriceTable prices({{"bolt", {8, 2}}, {"gear", {50, 10}}, {"nut", {4, 1}}});
  Totals totals;
  Orders orders;
  Logger log;
  std::vector<std::thread> workers;
  for (int i = 0; i < 2; i++) workers.emplace_back([&] { work(orders, prices, totals, log); });
  std::thread clerk(change_prices, std::ref(prices));
  std::thread retail([&] { produce(orders, 10, {{"bolt", 2}, {"cog", 1}}); });
  produce(orders, 20, {{"gear", 1}, {"nut", 5}});
  retail.join();
  orders.close();
  for (std::thread& worker : workers) worker.join();
  clerk.join();
  const bool bounded = orders.was_bounded() && log.was_bounded();
  for (const std::string& line : log.finish()) std::printf("%s\n", line.c_str());
  std::printf("%d filled, %d refused, revenue %d\n", totals.filled.load(), totals.refused.load(),
              totals.revenue.load());
  std::printf("prices changed %d times, queues %s\n", prices.version(), bounded ? "bounded" : "overrun");
  return bounded ? 0 : 1;
}
