// All connections: one thread waits for all sockets at once, a few workers answer whole requests.
//
//     accepted --> waiting for a request --whole--> queue --> worker: Serve --> waiting ... or listening to events
//
// A client that is slow to send, slow to read or silent costs an entry of a list, never a thread.
//
// May include: base.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "dashboard/server/connection.h"
#include "dashboard/server/limits.h"
#include "dashboard/server/server_clock.h"
#include "engine/base/error.h"

namespace gridlock::dashboard {

struct Served {
  std::string bytes;  // of the answer, as they go out
  Connection::Then then = Connection::Then::kLeave;
};

class Connections {
 public:
  // Answers a whole request. Called by many threads; throws nothing.
  using Serve = std::function<Served(std::string_view head, std::string_view body)>;

  // ERRORS: no more file descriptors.
  [[nodiscard]] static Result<std::unique_ptr<Connections>> start(const Limits& limits, std::function<Moment()> steady,
                                                                  Serve serve);
  ~Connections();  // as stop()
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  // Takes the socket. One too many is closed at once.
  void adopt(int socket);

  // A seat for one more listener; false if all are taken. Serve asks for it before it says Then::kListen, and the seat
  // is free again when that connection is closed.
  [[nodiscard]] bool take_seat();
  // Sends to all that listen; returns at once.
  void tell(std::string event);
  [[nodiscard]] bool anybody_listens() const { return seats_taken_ > 0; }

  // Closes all connections and ends all threads; no Serve runs after it.
  void stop();

 private:
  using Held = std::vector<std::unique_ptr<Connection>>;

  Connections(const Limits& limits, std::function<Moment()> steady, Serve serve, int wake);
  void wait_and_proceed();
  bool collect(Held& held);
  void tell_listeners(Held& held, Moment now);
  void pass_on(Held& held);
  void let_go(Held& held);
  void wait_for_sockets(const Held& held);
  void work();
  std::unique_ptr<Connection> next_request();
  void wake();

  const Limits limits_;
  const std::function<Moment()> steady_;
  const Serve serve_;
  const int wake_;  // eventfd: something has changed for the waiting thread
  std::atomic<std::size_t> open_ = 0;
  std::atomic<std::size_t> seats_taken_ = 0;

  std::mutex mutex_;
  std::condition_variable requests_wait_;
  bool stopping_ = false;
  Held arrived_;                                      // new ones, and those that a worker is done with
  std::deque<std::unique_ptr<Connection>> requests_;  // at most connections_max
  std::deque<std::string> events_;                    // at most announcements_max

  std::vector<bool> ready_;  // of the waiting thread: which of those held can proceed
  std::vector<std::thread> workers_;
  std::thread waiter_;
};

}  // namespace gridlock::dashboard
