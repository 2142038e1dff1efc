#include "dashboard/server/http_server.h"

#include <fcntl.h>
#include <httplib.h>
#include <netinet/tcp.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "dashboard/server/connections.h"

namespace gridlock::dashboard {
namespace {

// Of connections that the kernel keeps until they are accepted. The library's own five make a browser wait a second.
constexpr int kBacklog = 256;
constexpr std::string_view kEventStream = "text/event-stream";
// What an event stream begins with: how soon a page that lost it comes back.
constexpr std::string_view kStreamHead = "retry: 2000\n\n";

// The request in memory that the library reads, and the answer that it writes.
class RequestStream final : public httplib::Stream {
 public:
  explicit RequestStream(std::string_view head) : left_(head) {}
  [[nodiscard]] std::string take_answer() { return std::move(answer_); }

  bool is_readable() const override { return !left_.empty(); }
  bool is_writable() const override { return true; }
  ssize_t read(char* bytes, std::size_t size) override {
    const std::size_t count = left_.copy(bytes, size);
    left_.remove_prefix(count);
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char* bytes, std::size_t size) override {
    answer_.append(bytes, size);
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return INVALID_SOCKET; }

 private:
  std::string_view left_;
  std::string answer_;
};

// What the library accepts it hands on at once, in its own thread.
class AtOnce final : public httplib::TaskQueue {
 public:
  void enqueue(std::function<void()> task) override { task(); }
  void shutdown() override {}
};

Method method_of(const std::string& name) {
  if (name == "GET") return Method::kGet;
  if (name == "HEAD") return Method::kHead;
  if (name == "POST") return Method::kPost;
  return Method::kOther;
}

Request request_of(const httplib::Request& from) {
  Request request{.method = method_of(from.method), .target = from.target, .body = from.body};
  const std::array<std::pair<const char*, std::optional<std::string>*>, 6> headers = {
      {{"Host", &request.host},
       {"Origin", &request.origin},
       {"Content-Type", &request.content_type},
       {"Authorization", &request.authorization},
       {"X-Gridlock", &request.x_gridlock},
       {"If-None-Match", &request.if_none_match}}};
  for (const auto& [name, value] : headers) {
    const std::size_t count = from.get_header_value_count(name);
    if (count > 0) *value = from.get_header_value(name);
    if (count > 1) request.ambiguous = true;
  }
  return request;
}

// No page may be framed, run a script or style that is not a file of ours, or load anything from elsewhere.
void set_security_headers(httplib::Response& response) {
  response.set_header("Content-Security-Policy",
                      "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
                      "frame-ancestors 'none'");
  response.set_header("X-Content-Type-Options", "nosniff");
  response.set_header("Referrer-Policy", "no-referrer");
  response.set_header("X-Frame-Options", "DENY");
  response.set_header("Cross-Origin-Resource-Policy", "same-origin");
  response.set_header("Cross-Origin-Opener-Policy", "same-origin");
}

bool begin_stream(std::size_t, httplib::DataSink& sink) {
  sink.write(kStreamHead.data(), kStreamHead.size());
  sink.done();
  return true;
}

void put_answer(Answer answer, httplib::Response& response) {
  response.status = answer.status;
  for (const auto& [name, value] : answer.headers) response.set_header(name, value);
  if (answer.listens) {
    response.set_content_provider(std::string(kEventStream), begin_stream);
  } else if (!answer.content_type.empty()) {
    response.body = std::move(answer.body);
    response.set_header("Content-Type", answer.content_type);
  }
}

void set_accepted_options(int socket) {
  const int yes = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  ::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) | O_NONBLOCK);
  ::fcntl(socket, F_SETFD, FD_CLOEXEC);
}

// The library lets two servers share a port silently; this one does not.
void set_listening_options(socket_t socket) {
  const int yes = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  ::fcntl(socket, F_SETFD, FD_CLOEXEC);
}

class Library final : public httplib::Server {
 public:
  Library(HttpServer::Answerer answerer, std::size_t requests_max) : answerer_(std::move(answerer)) {
    new_task_queue = [] { return new AtOnce; };
    set_socket_options(set_listening_options);
    set_keep_alive_max_count(requests_max);
    set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      handle(request, response);
      return HandlerResponse::Handled;
    });
    // What the library refuses by itself, a request line with a method that it does not know, has no body.
    set_error_handler([](const httplib::Request&, httplib::Response& response) {
      if (!response.body.empty()) return;
      set_security_headers(response);
      put_answer(error_answer({response.status, "bad-request", "The request cannot be read.", {}}), response);
    });
  }

  void use(Connections* connections) { connections_ = connections; }
  [[nodiscard]] bool widen_backlog() { return ::listen(svr_sock_, kBacklog) == 0; }
  // Ends listen_after_bind(), which closes the socket, whether it has begun or not; stop() of the library misses one
  // that is about to begin.
  void end_accepting() { ::shutdown(svr_sock_, SHUT_RDWR); }
  // REQUIRES: listen_after_bind() has not been called.
  void close_port() { ::close(svr_sock_); }

  Served serve(std::string_view head, std::string_view body) {
    RequestStream stream(head);
    bool closed = false;
    bool listens = false;
    const bool done = process_request(stream, false, closed, [&](httplib::Request& request) {
      request.body = body;
      request.ranges.clear();                    // all answers are whole
      request.headers.erase("Accept-Encoding");  // compressing costs more than loopback does, and clients choose it
      request.progress = [&](std::uint64_t, std::uint64_t) { return listens = true; };  // see handle()
    });
    const auto then = listens           ? Connection::Then::kListen
                      : done && !closed ? Connection::Then::kNextRequest
                                        : Connection::Then::kLeave;
    return {stream.take_answer(), then};
  }

 private:
  void handle(const httplib::Request& from, httplib::Response& response) {
    Answer answer = answered(request_of(from));
    set_security_headers(response);
    // The one way from here to serve(): the library's request has no field of ours, and `progress` is a client's.
    if (answer.listens) from.progress(0, 0);
    put_answer(std::move(answer), response);
  }

  Answer answered(const Request& request) {
    try {
      return answerer_(request);
    } catch (const std::exception& error) {
      spdlog::error("an answer failed: {}", error.what());
      return error_answer({500, "internal", "The server failed at this request; its log says how.", {}});
    }
  }

  bool process_and_close_socket(socket_t socket) override {
    set_accepted_options(socket);
    connections_->adopt(socket);
    return true;
  }

  HttpServer::Answerer answerer_;
  Connections* connections_ = nullptr;
};

}  // namespace

struct HttpServer::Impl {
  Impl(Answerer answerer, const Limits& limits) : library(std::move(answerer), limits.requests_max) {}

  Library library;
  std::uint16_t port = 0;
  std::unique_ptr<Connections> connections;
  std::thread accepting;
  bool stopped = false;
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpServer::~HttpServer() {
  stop();
}

Result<std::unique_ptr<HttpServer>> HttpServer::bind(const std::string& address, std::uint16_t port,
                                                     const Limits& limits, const ServerClock& clock,
                                                     Answerer answerer) {
  auto impl = std::make_unique<Impl>(std::move(answerer), limits);
  Library& library = impl->library;
  const int bound = port == 0 ? library.bind_to_any_port(address) : library.bind_to_port(address, port) ? port : -1;
  if (bound <= 0 || !library.widen_backlog()) {
    return failure("listen", address + ":" + std::to_string(port),
                   std::string(std::strerror(errno)) + "; give another with --listen ADDRESS:PORT");
  }
  impl->port = static_cast<std::uint16_t>(bound);
  auto connections = Connections::start(limits, clock.steady, [&library](std::string_view head, std::string_view body) {
    return library.serve(head, body);
  });
  if (!connections) return std::unexpected(connections.error());
  impl->connections = *std::move(connections);
  library.use(impl->connections.get());
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

std::uint16_t HttpServer::port() const {
  return impl_->port;
}

void HttpServer::listen() {
  impl_->accepting = std::thread([this] { impl_->library.listen_after_bind(); });
}

void HttpServer::stop() {
  if (std::exchange(impl_->stopped, true)) return;
  if (impl_->accepting.joinable()) {
    impl_->library.end_accepting();
    impl_->accepting.join();
  } else {
    impl_->library.close_port();
  }
  impl_->connections->stop();
}

bool HttpServer::take_seat() {
  return impl_->connections->take_seat();
}

void HttpServer::tell(std::string event) {
  impl_->connections->tell(std::move(event));
}

bool HttpServer::anybody_listens() const {
  return impl_->connections->anybody_listens();
}

}  // namespace gridlock::dashboard
