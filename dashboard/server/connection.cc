#include "dashboard/server/connection.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>

#include "dashboard/server/answer.h"
#include "engine/base/check.h"

namespace gridlock::dashboard {
namespace {

constexpr std::size_t kReadBytes = 16 << 10;
// A client that is being left may still send what it has begun; more than this, or for longer, is not waited for.
constexpr std::size_t kLeavingBytesMax = 1 << 20;
constexpr std::uint32_t kLeavingMs = 1'000;

std::string refusal(int status, std::string_view why) {
  const Answer answer = error_answer({status, "bad-request", std::string(why), {}});
  return fmt::format(
      "HTTP/1.1 {} Refused\r\nContent-Type: {}\r\nContent-Length: {}\r\nX-Content-Type-Options: nosniff\r\n"
      "Cache-Control: no-store\r\nConnection: close\r\n\r\n{}",
      status, answer.content_type, answer.body.size(), answer.body);
}

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

}  // namespace

Connection::Connection(int socket, const Limits& limits, Moment now)
    : limits_(limits), socket_(socket), deadline_(after(now, limits.idle_ms_max)) {}

Connection::~Connection() {
  ::close(socket_);
}

short Connection::awaited() const {
  switch (state_) {
    case State::kReading:
    case State::kLeaving:
      return POLLIN;
    case State::kWriting:
      return POLLOUT;
    case State::kListening:
      return static_cast<short>(waiting() > 0 ? POLLIN | POLLOUT : POLLIN);
    case State::kServing:
    case State::kClosed:
      return 0;
  }
  return 0;
}

void Connection::proceed(Moment now) {
  if (state_ == State::kWriting || state_ == State::kListening) send(now);
  if (state_ == State::kReading || state_ == State::kListening || state_ == State::kLeaving) receive(now);
}

void Connection::check_time(Moment now) {
  if (state_ == State::kServing || (state_ == State::kListening && waiting() == 0)) return;
  if (now >= deadline_) close();
}

bool Connection::has_request() const {
  return state_ == State::kReading && framing_.state == Framing::State::kComplete;
}

void Connection::answer(std::string bytes, Then then, Moment now) {
  GRIDLOCK_CHECK(state_ == State::kServing);
  in_.erase(0, framing_.head_bytes + framing_.body_bytes);
  framing_ = {};
  then_ = ++requests_ >= limits_.requests_max && then == Then::kNextRequest ? Then::kLeave : then;
  out_ = std::move(bytes);
  sent_ = 0;
  state_ = State::kWriting;
  deadline_ = after(now, limits_.answer_ms_max);
  send(now);
}

void Connection::tell(std::string_view event, Moment now) {
  if (state_ != State::kListening) return;
  if (waiting() + event.size() > limits_.listener_bytes_max) return close();
  if (waiting() == 0) deadline_ = after(now, limits_.answer_ms_max);
  out_ += event;
  send(now);
}

void Connection::receive(Moment now) {
  std::array<char, kReadBytes> bytes;
  const ssize_t count = ::recv(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (count < 0 && would_block()) return;
  if (count <= 0) return close();
  const std::string_view received(bytes.data(), static_cast<std::size_t>(count));
  if (state_ == State::kReading) {
    read_request(received, now);
  } else {
    discard(received.size());
  }
}

void Connection::read_request(std::string_view bytes, Moment now) {
  if (in_.empty()) deadline_ = after(now, limits_.request_ms_max);
  in_ += bytes;
  framing_ = frame_request(in_);
  if (framing_.state == Framing::State::kRefused) refuse(framing_.status, framing_.why, now);
}

void Connection::discard(std::size_t bytes) {
  discarded_ += bytes;
  if (discarded_ > kLeavingBytesMax) close();
}

void Connection::refuse(int status, std::string_view why, Moment now) {
  state_ = State::kServing;
  answer(refusal(status, why), Then::kLeave, now);
}

void Connection::send(Moment now) {
  while (waiting() > 0) {
    const ssize_t count = ::send(socket_, out_.data() + sent_, waiting(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count < 0 && would_block()) return;
    if (count < 0) return close();
    sent_ += static_cast<std::size_t>(count);
  }
  out_.clear();
  sent_ = 0;
  if (state_ == State::kWriting) finish_answer(now);
}

void Connection::finish_answer(Moment now) {
  switch (then_) {
    case Then::kNextRequest:
      state_ = State::kReading;
      deadline_ = after(now, in_.empty() ? limits_.idle_ms_max : limits_.request_ms_max);
      // The client may have sent its next request before it had this answer.
      if (!in_.empty()) read_request({}, now);
      return;
    case Then::kListen:
      state_ = State::kListening;
      return;
    case Then::kLeave:
      // Closing a socket with bytes unread resets it, and the client would lose the answer.
      ::shutdown(socket_, SHUT_WR);
      state_ = State::kLeaving;
      deadline_ = after(now, kLeavingMs);
      return;
  }
}

void Connection::close() {
  ::shutdown(socket_, SHUT_RDWR);
  state_ = State::kClosed;
}

Moment Connection::after(Moment now, std::uint32_t milliseconds) const {
  return now + std::chrono::milliseconds(milliseconds);
}

}  // namespace gridlock::dashboard
