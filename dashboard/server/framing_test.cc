#include "dashboard/server/framing.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dashboard/server/limits.h"

namespace gridlock::dashboard {
namespace {

using State = Framing::State;

struct Row {
  std::string bytes;
  int status;
};

TEST(Framing, WhatCannotBeARequestIsRefused) {
  const std::string get = "GET / HTTP/1.1\r\n";
  std::string many = get;
  for (std::size_t i = 0; i <= kHeadersMax; ++i) many += "A: b\r\n";
  const std::vector<Row> rows = {
      {"\r\n\r\n", 400},
      {"GET /\r\n\r\n", 400},
      {"GET  HTTP/1.1\r\n\r\n", 400},
      {"G@T / HTTP/1.1\r\n\r\n", 400},
      {"GET /a b HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/2.0\r\n\r\n", 505},
      {"GET / http/1.1\r\n\r\n", 505},
      {"GET /" + std::string(kTargetBytesMax, 'x') + " HTTP/1.1\r\n\r\n", 414},
      {"GET /" + std::string(kTargetBytesMax + 100, 'x'), 414},
      {get + "A b\r\n\r\n", 400},
      {get + ": b\r\n\r\n", 400},
      {get + "A : b\r\n\r\n", 400},
      {get + "A: b\r\n folded\r\n\r\n", 400},
      {get + "A: b\nC: d\r\n\r\n", 400},
      {get + "A: b\rC: d\r\n\r\n", 400},
      {get + std::string("A: b\0c\r\n\r\n", 10), 400},
      {get + "A: " + std::string(kLineBytesMax, 'x') + "\r\n\r\n", 431},
      {many + "\r\n", 431},
      {get + "A: " + std::string(kHeadBytesMax, 'x'), 431},
      {get + "Content-Length: -1\r\n\r\n", 400},
      {get + "Content-Length: +1\r\n\r\n", 400},
      {get + "Content-Length: 1x\r\n\r\n", 400},
      {get + "Content-Length: 0x10\r\n\r\n", 400},
      {get + "Content-Length:\r\n\r\n", 400},
      {get + "Content-Length: 1, 1\r\n\r\n", 400},
      {get + "Content-Length: 1\r\ncontent-length: 1\r\n\r\n", 400},
      {get + "Content-Length: 65537\r\n\r\n", 413},
      {get + "Content-Length: 99999999999999999999999\r\n\r\n", 413},
      {get + "Transfer-Encoding: chunked\r\n\r\n", 411},
      {get + "tRANSFER-eNCODING: identity\r\n\r\n", 411},
      {get + "Expect: 100-continue\r\n\r\n", 417},
  };
  for (const Row& row : rows) {
    const Framing framing = frame_request(row.bytes);
    EXPECT_EQ(framing.state, State::kRefused) << row.bytes.substr(0, 80);
    EXPECT_EQ(framing.status, row.status) << row.bytes.substr(0, 80);
    EXPECT_FALSE(framing.why.empty());
  }
}

TEST(Framing, ARequestEndsBehindItsBody) {
  const std::string head = "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length:  3 \r\n\r\n";
  const Framing whole = frame_request(head + "abcGET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(whole, (Framing{.state = State::kComplete, .head_bytes = head.size(), .body_bytes = 3}));
  EXPECT_EQ(frame_request("GET / HTTP/1.0\r\n\r\n").state, State::kComplete);
}

TEST(Framing, EveryProperBeginningWaitsForMore) {
  const std::string bytes = "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_EQ(frame_request(bytes.substr(0, length)).state, State::kMore) << length;
  }
  EXPECT_EQ(frame_request(bytes).state, State::kComplete);
}

}  // namespace
}  // namespace gridlock::dashboard
