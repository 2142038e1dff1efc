#include "engine/cli/listen_address.h"

#include <gtest/gtest.h>

namespace gridlock {
namespace {

TEST(ListenAddressTest, WhatIsNoAddressAndPortIsRefused) {
  for (const char* text : {"", "7420", "127.0.0.1", ":7420", "127.0.0.1:", "127.0.0.1:-1", "127.0.0.1:65536",
                           "127.0.0.1:80x", "::1:7420", "[]:7420", "[127.0.0.1]:7420", "[::1]"}) {
    const auto parsed = parse_listen_address(text);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_NE(parsed.error().message().find("--listen takes ADDRESS:PORT"), std::string::npos) << text;
  }
}

TEST(ListenAddressTest, AddressAndPortAreToldApart) {
  EXPECT_EQ(parse_listen_address("127.0.0.1:7420").value(), (ListenAddress{"127.0.0.1", 7420}));
  EXPECT_EQ(parse_listen_address("localhost:0").value(), (ListenAddress{"localhost", 0}));
  EXPECT_EQ(parse_listen_address("[::1]:65535").value(), (ListenAddress{"::1", 65535}));
}

}  // namespace
}  // namespace gridlock
