// Who is told of each answer, for metrics: a class of routes and never an address, so that labels stay few.
//
// May include: nothing of the engine.
#pragma once

#include <cstdint>
#include <string_view>

namespace gridlock::dashboard {

enum class RouteClass : std::uint8_t { kPage, kStatic, kRead, kDownload, kWrite, kEvents, kMetrics, kHealth, kRefused };

// "page", "static", "read", "download", "write", "events", "metrics", "health", "refused".
[[nodiscard]] std::string_view route_class_name(RouteClass route);

class RequestObserver {
 public:
  virtual ~RequestObserver() = default;
  // `seconds`: from the whole request being here to the answer being ready. Called from many threads; must not block.
  virtual void observe(RouteClass route, int status, double seconds) noexcept = 0;
};

}  // namespace gridlock::dashboard
