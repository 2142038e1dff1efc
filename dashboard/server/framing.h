// Where a request ends in the bytes that a connection has sent so far, and whether they can be one at all.
//
//     GET /findings?state=new HTTP/1.1\r\n     request line
//     Host: localhost:8080\r\n                 header lines
//     Content-Length: 2\r\n
//     \r\n
//     {}                                       body, of the length that was said
//
// The HTTP library sees a request only when all of it is here, so no client holds a thread by being slow, and the
// library's own reading, which has no bounds, reads from memory. What proxies and servers are known to read
// differently is refused: line ends other than CRLF, folded lines, two lengths, transfer encodings (411: the length
// has to be said).
//
// Pure. May include: nothing of the engine.
#pragma once

#include <cstddef>
#include <string_view>

namespace gridlock::dashboard {

struct Framing {
  enum class State { kMore, kComplete, kRefused } state = State::kMore;
  std::size_t head_bytes = 0;  // up to and with the empty line, once that is there
  std::size_t body_bytes = 0;  // as the head says
  int status = 0;              // with kRefused
  std::string_view why;        // with kRefused: a sentence
  bool operator==(const Framing&) const = default;
};

[[nodiscard]] Framing frame_request(std::string_view bytes);

}  // namespace gridlock::dashboard
