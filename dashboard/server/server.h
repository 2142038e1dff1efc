// The web server of the service: pages, JSON API (dashboard/openapi.json), events and metrics on one port.
//
// It listens on loopback unless it is told otherwise; beyond loopback, writing needs a token. guard.h says who may ask,
// limits.h has every bound.
//
// Thread safe. May include: base, store.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dashboard/server/api.h"
#include "dashboard/server/limits.h"
#include "dashboard/server/live_status.h"
#include "dashboard/server/request_observer.h"
#include "dashboard/server/server_clock.h"
#include "engine/base/error.h"
#include "engine/store/store.h"

namespace gridlock::dashboard {

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;               // 0: any that is free
  std::filesystem::path static_folder;  // dashboard/static: index.html and its modules
  std::filesystem::path openapi;        // dashboard/openapi.json
  std::string token;                    // for writing; must be there beyond loopback
  std::vector<std::string> host_names;  // by which clients may call the server, besides localhost and IP addresses
  ServedBy served_by;
  Limits limits;
  RequestObserver* observer = nullptr;  // outlives the server
};

class Server {
 public:
  // Binds the port; nothing is answered before listen(). `store` and `live` outlive the server.
  // ERRORS: an address beyond loopback without a token; the port is taken; the pages cannot be read.
  [[nodiscard]] static Result<std::unique_ptr<Server>> create(store::Store& store, const LiveStatus& live,
                                                              std::function<std::string()> metrics_text,
                                                              ServerClock clock, ServerOptions options);
  ~Server();  // as stop()
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Answers from now on, in threads of its own. To be called once.
  void listen();
  [[nodiscard]] std::uint16_t port() const;
  // "http://127.0.0.1:8080/"
  [[nodiscard]] std::string url() const;
  // Tells all listeners of a finding that is new or has changed; returns at once. REQUIRES: the store has it.
  void announce(store::FindingId finding);
  // Closes all connections and waits for the threads. Not from several threads at once.
  void stop();

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace gridlock::dashboard
