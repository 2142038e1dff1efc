#include "dashboard/server/server.h"

#include <chrono>
#include <fstream>
#include <iterator>
#include <utility>

#include "dashboard/server/events.h"
#include "dashboard/server/guard.h"
#include "dashboard/server/http_server.h"

namespace gridlock::dashboard {
namespace {

Result<std::string> read_openapi(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.is_open() || file.bad() || !Json::accept(text)) {
    return failure("read the API's description", path.string(), "it is not there or no JSON; install Gridlock anew");
  }
  return text;
}

// "[::1]" of "::1"; other addresses as they are.
std::string in_url(const std::string& address) {
  return address.contains(':') ? "[" + address + "]" : address;
}

}  // namespace

struct Server::Impl {
  ServerOptions options;
  AccessRules rules;
  ServerClock clock;
  // In the order in which they are made: each is used by those above it only after all are there, and not after stop().
  std::unique_ptr<Api> api;
  std::unique_ptr<HttpServer> http;
  std::unique_ptr<Events> events;

  Answer answer(const Request& request) {
    const Moment begin = clock.steady();
    RouteClass route = RouteClass::kRefused;
    Answer answer;
    if (const auto action = parse_request(request, rules)) {
      route = route_class(*action);
      answer = api->answer(*action, request);
    } else {
      answer = error_answer(action.error());
    }
    if (options.observer != nullptr) {
      const std::chrono::duration<double> seconds = clock.steady() - begin;
      options.observer->observe(route, answer.status, seconds.count());
    }
    return answer;
  }
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() {
  stop();
}

Result<std::unique_ptr<Server>> Server::create(store::Store& store, const LiveStatus& live,
                                               std::function<std::string()> metrics_text, ServerClock clock,
                                               ServerOptions options) {
  if (!is_loopback(options.address) && options.token.empty()) {
    return failure("listen", options.address, "beyond loopback writing needs a token; give one with --token-file FILE");
  }
  auto pages = StaticFiles::read(options.static_folder);
  if (!pages) return std::unexpected(pages.error());
  auto openapi = read_openapi(options.openapi);
  if (!openapi) return std::unexpected(openapi.error());

  auto impl = std::make_unique<Impl>();
  Impl* const parts = impl.get();
  parts->options = std::move(options);
  parts->rules = {parts->options.token, parts->options.host_names};
  parts->clock = clock;
  const Limits& limits = parts->options.limits;
  auto http = HttpServer::bind(parts->options.address, parts->options.port, limits, clock,
                               [parts](const Request& request) { return parts->answer(request); });
  if (!http) return std::unexpected(http.error());
  parts->http = *std::move(http);
  HttpServer* const server = parts->http.get();
  parts->api = std::make_unique<Api>(
      Api::Parts{.store = store,
                 .live = live,
                 .metrics_text = std::move(metrics_text),
                 .clock = clock,
                 .served_by = parts->options.served_by,
                 .pages = *std::move(pages),
                 .openapi = *std::move(openapi),
                 .limits = limits,
                 .take_seat = [server] { return server->take_seat(); },
                 .changed = [parts](store::FindingId finding) { parts->events->announce(finding); }});
  Api* const api = parts->api.get();
  parts->events = std::make_unique<Events>(
      Events::Parts{.anybody_listens = [server] { return server->anybody_listens(); },
                    .tell = [server](std::string event) { server->tell(std::move(event)); },
                    .forget_answers = [api] { api->forget_answers(); },
                    .finding_text = [api](store::FindingId finding) { return api->finding_text(finding); },
                    .status_text = [api] { return api->status_text(); },
                    .steady = clock.steady},
      limits);
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

void Server::listen() {
  impl_->http->listen();
}

std::uint16_t Server::port() const {
  return impl_->http->port();
}

std::string Server::url() const {
  return "http://" + in_url(impl_->options.address) + ":" + std::to_string(port()) + "/";
}

void Server::announce(store::FindingId finding) {
  impl_->events->announce(finding);
}

void Server::stop() {
  impl_->events->stop();
  impl_->http->stop();
}

}  // namespace gridlock::dashboard
