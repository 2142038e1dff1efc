#include "dashboard/server/connections.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace gridlock::dashboard {
namespace {

// How long a deadline may be missed by.
constexpr int kPollMs = 250;

}  // namespace

Result<std::unique_ptr<Connections>> Connections::start(const Limits& limits, std::function<Moment()> steady,
                                                        Serve serve) {
  const int wake = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake < 0) return failure("start the web server", "eventfd", std::strerror(errno));
  return std::unique_ptr<Connections>(new Connections(limits, std::move(steady), std::move(serve), wake));
}

Connections::Connections(const Limits& limits, std::function<Moment()> steady, Serve serve, int wake)
    : limits_(limits), steady_(std::move(steady)), serve_(std::move(serve)), wake_(wake) {
  for (std::size_t i = 0; i < limits_.workers; ++i) workers_.emplace_back([this] { work(); });
  waiter_ = std::thread([this] { wait_and_proceed(); });
}

Connections::~Connections() {
  stop();
  ::close(wake_);
}

void Connections::adopt(int socket) {
  auto connection = std::make_unique<Connection>(socket, limits_, steady_());
  if (open_.fetch_add(1) >= limits_.connections_max) {
    --open_;
    return;
  }
  const std::lock_guard lock(mutex_);
  arrived_.push_back(std::move(connection));
  wake();
}

bool Connections::take_seat() {
  std::size_t taken = seats_taken_;
  while (taken < limits_.listeners_max) {
    if (seats_taken_.compare_exchange_weak(taken, taken + 1)) return true;
  }
  return false;
}

void Connections::tell(std::string event) {
  if (!anybody_listens()) return;
  const std::lock_guard lock(mutex_);
  events_.push_back(std::move(event));
  if (events_.size() > limits_.announcements_max) events_.pop_front();
  wake();
}

void Connections::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  requests_wait_.notify_all();
  wake();
  for (std::thread& worker : workers_) {
    if (worker.joinable()) worker.join();
  }
  if (waiter_.joinable()) waiter_.join();
  // One that was adopted while the threads ended.
  const std::lock_guard lock(mutex_);
  arrived_.clear();
  requests_.clear();
}

// The waiting thread.
void Connections::wait_and_proceed() {
  Held held;
  while (collect(held)) {
    const Moment now = steady_();
    ready_.resize(held.size(), false);
    for (std::size_t i = 0; i < held.size(); ++i) {
      if (ready_[i]) held[i]->proceed(now);
      held[i]->check_time(now);
    }
    tell_listeners(held, now);
    pass_on(held);
    let_go(held);
    wait_for_sockets(held);
  }
}

// Takes what has arrived to those held; false when all is to end.
bool Connections::collect(Held& held) {
  const std::lock_guard lock(mutex_);
  std::ranges::move(arrived_, std::back_inserter(held));
  arrived_.clear();
  return !stopping_;
}

void Connections::tell_listeners(Held& held, Moment now) {
  std::deque<std::string> events;
  {
    const std::lock_guard lock(mutex_);
    events.swap(events_);
  }
  for (const std::string& event : events) {
    for (const auto& connection : held) connection->tell(event, now);
  }
}

// Whole requests go to the workers.
void Connections::pass_on(Held& held) {
  const std::lock_guard lock(mutex_);
  for (auto& connection : held) {
    if (!connection->has_request()) continue;
    connection->begin_serving();
    requests_.push_back(std::move(connection));
    requests_wait_.notify_one();
  }
  std::erase(held, nullptr);
}

// Drops those that are closed, and, when clients let too many bytes lie, those that let most of them lie.
void Connections::let_go(Held& held) {
  std::size_t waiting = 0;
  for (const auto& connection : held) waiting += connection->waiting();
  const bool too_much = waiting > limits_.waiting_bytes_max;
  const std::size_t share = waiting / std::max<std::size_t>(held.size(), 1);
  std::erase_if(held, [&](const std::unique_ptr<Connection>& connection) {
    const bool goes = connection->state() == Connection::State::kClosed ||
                      (too_much && connection->waiting() >= share && connection->waiting() > 0);
    if (goes) {
      --open_;
      if (connection->listens()) --seats_taken_;
    }
    return goes;
  });
}

void Connections::wait_for_sockets(const Held& held) {
  std::vector<pollfd> sockets = {{wake_, POLLIN, 0}};
  for (const auto& connection : held) sockets.push_back({connection->socket(), connection->awaited(), 0});
  const int count = ::poll(sockets.data(), sockets.size(), kPollMs);
  ready_.assign(held.size(), false);
  if (count <= 0) return;
  for (std::size_t i = 0; i < held.size(); ++i) ready_[i] = sockets[i + 1].revents != 0;
  if (sockets.front().revents == 0) return;
  std::uint64_t woken = 0;
  [[maybe_unused]] const auto bytes = ::read(wake_, &woken, sizeof woken);
}

// A worker.
void Connections::work() {
  while (auto connection = next_request()) {
    Served served = serve_(connection->head(), connection->body());
    connection->answer(std::move(served.bytes), served.then, steady_());
    const std::lock_guard lock(mutex_);
    arrived_.push_back(std::move(connection));
    wake();
  }
}

std::unique_ptr<Connection> Connections::next_request() {
  std::unique_lock lock(mutex_);
  requests_wait_.wait(lock, [&] { return stopping_ || !requests_.empty(); });
  if (stopping_) return nullptr;
  auto connection = std::move(requests_.front());
  requests_.pop_front();
  return connection;
}

void Connections::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto bytes = ::write(wake_, &one, sizeof one);
}

}  // namespace gridlock::dashboard
