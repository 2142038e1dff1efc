#include "dashboard/server/framing.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "dashboard/server/limits.h"

namespace gridlock::dashboard {
namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";

Framing refuse(int status, std::string_view why) {
  return {.state = Framing::State::kRefused, .status = status, .why = why};
}

bool is_token(std::string_view text) {
  const auto of_a_token = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").contains(c);
  };
  return !text.empty() && std::ranges::all_of(text, of_a_token);
}

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The line up to the next CRLF, which is taken off `rest` with it.
std::string_view take_line(std::string_view& rest) {
  const std::size_t end = rest.find("\r\n");
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 2);
  return line;
}

std::optional<Framing> fault_of_request_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return refuse(400, "The request line has not three parts.");
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!is_token(line.substr(0, first))) return refuse(400, "The method is no word.");
  if (target.size() > kTargetBytesMax) return refuse(414, "The address is too long.");
  if (target.empty()) return refuse(400, "There is no address.");
  if (target.contains(' ')) return refuse(400, "The address has a blank in it.");
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return refuse(505, "Only HTTP/1.1 and HTTP/1.0 are spoken here.");
  return std::nullopt;
}

// What the header lines say of the body.
struct BodyLength {
  std::optional<std::size_t> bytes;
};

std::optional<Framing> read_length(std::string_view value, BodyLength& length) {
  if (length.bytes) return refuse(400, "The length of the body is there twice.");
  std::size_t bytes = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), bytes);
  if (value.empty() || end != value.data() + value.size() || error == std::errc::invalid_argument) {
    return refuse(400, "The length of the body is no number.");
  }
  if (error != std::errc{} || bytes > kBodyBytesMax) return refuse(413, "The body is too long.");
  length.bytes = bytes;
  return std::nullopt;
}

std::optional<Framing> fault_of_header(std::string_view line, BodyLength& length) {
  if (line.size() > kLineBytesMax) return refuse(431, "A header line is too long.");
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
    return refuse(400, "A header line is not a name, a colon and a value.");
  }
  const std::string_view name = line.substr(0, colon);
  if (same_name(name, "transfer-encoding")) return refuse(411, "The length of the body must be said.");
  if (same_name(name, "expect")) return refuse(417, "The body has to be sent with the head.");
  if (same_name(name, "content-length")) return read_length(trimmed(line.substr(colon + 1)), length);
  return std::nullopt;
}

bool has_stray_characters(std::string_view head) {
  for (std::size_t at = 0; at < head.size(); ++at) {
    const char c = head[at];
    const bool ends_line = c == '\r' && at + 1 < head.size() && head[at + 1] == '\n';
    if (ends_line) {
      ++at;
    } else if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f) {
      return true;
    }
  }
  return false;
}

Framing frame_body(std::string_view head, std::size_t bytes_here) {
  if (has_stray_characters(head)) return refuse(400, "The head holds control characters.");
  std::string_view rest = head;
  if (const auto fault = fault_of_request_line(take_line(rest))) return *fault;
  BodyLength length;
  std::size_t headers = 0;
  while (rest != "\r\n") {
    if (++headers > kHeadersMax) return refuse(431, "There are too many header lines.");
    if (const auto fault = fault_of_header(take_line(rest), length)) return *fault;
  }
  const std::size_t body = length.bytes.value_or(0);
  const bool complete = bytes_here >= head.size() + body;
  return {.state = complete ? Framing::State::kComplete : Framing::State::kMore,
          .head_bytes = head.size(),
          .body_bytes = body};
}

}  // namespace

Framing frame_request(std::string_view bytes) {
  const std::size_t end = bytes.substr(0, kHeadBytesMax).find(kHeadEnd);
  if (end != std::string_view::npos) return frame_body(bytes.substr(0, end + kHeadEnd.size()), bytes.size());
  if (bytes.size() >= kHeadBytesMax) return refuse(431, "The head of the request is too long.");
  // A first line that has no end yet may already be too long for any address that is answered.
  if (!bytes.contains('\n') && bytes.size() > kTargetBytesMax + 64) return refuse(414, "The address is too long.");
  return {};
}

}  // namespace gridlock::dashboard
