// HTTP on a port: the library (cpp-httplib) accepts connections, parses whole requests and writes answers; sockets,
// time and bounds are `Connections`. Nothing else sees the library.
//
// May include: base.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "dashboard/server/answer.h"
#include "dashboard/server/limits.h"
#include "dashboard/server/request.h"
#include "dashboard/server/server_clock.h"
#include "engine/base/error.h"

namespace gridlock::dashboard {

class HttpServer {
 public:
  // Called by many threads at once.
  using Answerer = std::function<Answer(const Request&)>;

  // Binds; nothing is accepted before listen(). Port 0: any that is free.
  // ERRORS: the address is none of this machine, or the port is taken.
  [[nodiscard]] static Result<std::unique_ptr<HttpServer>> bind(const std::string& address, std::uint16_t port,
                                                                const Limits& limits, const ServerClock& clock,
                                                                Answerer answerer);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  // Answers requests from now on, in threads of its own. To be called once.
  void listen();
  // Closes everything and waits for the threads. No answerer runs after it. Not from several threads at once.
  void stop();

  // See Connections.
  [[nodiscard]] bool take_seat();
  void tell(std::string event);
  [[nodiscard]] bool anybody_listens() const;

 private:
  struct Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace gridlock::dashboard
