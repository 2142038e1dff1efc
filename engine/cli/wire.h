// What a child tells its parent: JSON values in CBOR (RFC 8949), each behind its length, over a socket.
//
//     +----------------------+------------------------------+
//     | length: 4 bytes, LE  | CBOR of one JSON value       |   repeated
//     +----------------------+------------------------------+
//
// Both ends are forks of one program, so the format has no version.
//
// May include: base, model.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "engine/model/verdict.h"

namespace gridlock {

// A longer message is a defect: the largest, a page of explained HTML, stays far below.
inline constexpr std::uint32_t kMessageBytesMax = 256u << 20;

[[nodiscard]] std::string frame_message(const nlohmann::json& message);

// Cuts a stream of bytes back into messages, however the bytes arrive.
class MessageReader {
 public:
  void feed(std::span<const char> bytes) { buffer_.append(bytes.data(), bytes.size()); }
  // The complete messages so far, in order; an incomplete one stays for later.
  [[nodiscard]] std::vector<nlohmann::json> take();

 private:
  std::string buffer_;
};

// The writing end in the child. Blocks until the parent has taken the bytes.
class Channel {
 public:
  explicit Channel(int descriptor) : descriptor_(descriptor) {}

  // Ends the process if the parent is gone: there is nobody left to work for.
  void send(const nlohmann::json& message) const;
  // Waits until the parent has dealt with what was sent.
  void wait_for_reply() const;

 private:
  int descriptor_;
};

[[nodiscard]] nlohmann::json to_message(const Verdict& verdict);
[[nodiscard]] Verdict verdict_from_message(const nlohmann::json& message);

[[nodiscard]] nlohmann::json to_message(std::span<const std::uint8_t> bytes);
[[nodiscard]] std::vector<std::uint8_t> bytes_from_message(const nlohmann::json& message);

// Text of any bytes: a JSON string would have to be UTF-8, and a target's names need not be.
[[nodiscard]] nlohmann::json to_message(const std::string& text);
[[nodiscard]] std::string text_from_message(const nlohmann::json& message);

}  // namespace gridlock
