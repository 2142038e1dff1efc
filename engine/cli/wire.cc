#include "engine/cli/wire.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "engine/base/check.h"

namespace gridlock {
namespace {

constexpr std::size_t kLengthBytes = 4;

std::uint32_t length_at(std::string_view bytes) {
  std::uint32_t length = 0;
  for (std::size_t i = 0; i < kLengthBytes; ++i) {
    length |= static_cast<std::uint32_t>(static_cast<std::uint8_t>(bytes[i])) << (8 * i);
  }
  return length;
}

}  // namespace

std::string frame_message(const nlohmann::json& message) {
  const std::vector<std::uint8_t> body = nlohmann::json::to_cbor(message);
  GRIDLOCK_CHECK(body.size() <= kMessageBytesMax);
  std::string frame;
  frame.reserve(kLengthBytes + body.size());
  for (std::size_t i = 0; i < kLengthBytes; ++i) frame += static_cast<char>((body.size() >> (8 * i)) & 0xff);
  frame.append(body.begin(), body.end());
  return frame;
}

std::vector<nlohmann::json> MessageReader::take() {
  std::vector<nlohmann::json> messages;
  std::size_t at = 0;
  while (buffer_.size() - at >= kLengthBytes) {
    const std::uint32_t length = length_at(std::string_view(buffer_).substr(at));
    GRIDLOCK_CHECK(length <= kMessageBytesMax);
    if (buffer_.size() - at - kLengthBytes < length) break;
    const auto body = buffer_.begin() + static_cast<std::ptrdiff_t>(at + kLengthBytes);
    messages.push_back(nlohmann::json::from_cbor(body, body + length, true, false));
    GRIDLOCK_CHECK(!messages.back().is_discarded());
    at += kLengthBytes + length;
  }
  buffer_.erase(0, at);
  return messages;
}

void Channel::send(const nlohmann::json& message) const {
  const std::string frame = frame_message(message);
  std::size_t sent = 0;
  while (sent < frame.size()) {
    const auto written = ::send(descriptor_, frame.data() + sent, frame.size() - sent, MSG_NOSIGNAL);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) ::_exit(0);
    sent += static_cast<std::size_t>(written);
  }
}

void Channel::wait_for_reply() const {
  char byte = 0;
  for (;;) {
    const auto got = ::recv(descriptor_, &byte, 1, 0);
    if (got == 1) return;
    if (got < 0 && errno == EINTR) continue;
    ::_exit(0);
  }
}

nlohmann::json to_message(const Verdict& verdict) {
  return {{"kind", verdict_name(verdict.kind)}, {"signature", verdict.signature}, {"summary", verdict.summary}};
}

Verdict verdict_from_message(const nlohmann::json& message) {
  const auto kind = verdict_from_name(message.at("kind").get<std::string>());
  GRIDLOCK_CHECK(kind.has_value());
  return {*kind, message.at("signature").get<std::string>(), message.at("summary").get<std::string>()};
}

nlohmann::json to_message(std::span<const std::uint8_t> bytes) {
  return nlohmann::json::binary(std::vector<std::uint8_t>(bytes.begin(), bytes.end()));
}

nlohmann::json to_message(const std::string& text) {
  return nlohmann::json::binary(std::vector<std::uint8_t>(text.begin(), text.end()));
}

std::string text_from_message(const nlohmann::json& message) {
  const auto bytes = bytes_from_message(message);
  return {bytes.begin(), bytes.end()};
}

std::vector<std::uint8_t> bytes_from_message(const nlohmann::json& message) {
  GRIDLOCK_CHECK(message.is_binary());
  return message.get_binary();
}

}  // namespace gridlock
