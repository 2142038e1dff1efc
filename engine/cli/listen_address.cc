#include "engine/cli/listen_address.h"

#include <charconv>

namespace gridlock {
namespace {

std::unexpected<Error> refused(std::string_view text, std::string why) {
  return failure("listen", std::string(text), std::move(why) + "; --listen takes ADDRESS:PORT, such as 127.0.0.1:7420");
}

}  // namespace

Result<ListenAddress> parse_listen_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == text.npos) return refused(text, "there is no port");
  std::string_view address = text.substr(0, colon);
  const bool bracketed = address.starts_with('[') && address.ends_with(']');
  if (bracketed) address = address.substr(1, address.size() - 2);
  if (address.empty()) return refused(text, "there is no address");
  if (address.contains(':') != bracketed)
    return refused(text, "an address of IPv6 stands in brackets, and no other does");
  const std::string_view port = text.substr(colon + 1);
  ListenAddress parsed{std::string(address)};
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), parsed.port);
  if (error != std::errc() || end != port.data() + port.size())
    return refused(text, "the port is no number up to 65535");
  return parsed;
}

}  // namespace gridlock
