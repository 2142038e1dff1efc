// ADDRESS:PORT, as --listen takes it.
//
// May include: base.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/error.h"

namespace gridlock {

struct ListenAddress {
  std::string address;     // without the brackets of IPv6
  std::uint16_t port = 0;  // 0: any that is free
  bool operator==(const ListenAddress&) const = default;
};

// "127.0.0.1:7420", "localhost:0", "[::1]:7420". ERRORS: which part is missing or wrong.
[[nodiscard]] Result<ListenAddress> parse_listen_address(std::string_view text);

}  // namespace gridlock
