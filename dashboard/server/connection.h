// One client's connection: its socket, what it has sent, what it has not taken yet, and until when it has time.
//
// Not thread safe: at any time one thread owns it. May include: nothing of the engine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "dashboard/server/framing.h"
#include "dashboard/server/limits.h"
#include "dashboard/server/server_clock.h"

namespace gridlock::dashboard {

class Connection {
 public:
  enum class State : std::uint8_t {
    kReading,    // a request is on its way, or none is
    kServing,    // a worker has it
    kWriting,    // the client has not taken all of the answer
    kListening,  // to events
    kLeaving,    // all is said; what the client still sends is thrown away, so that it can read the answer
    kClosed
  };

  // Takes the socket, which does not block, and closes it in the end.
  Connection(int socket, const Limits& limits, Moment now);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] int socket() const { return socket_; }
  [[nodiscard]] State state() const { return state_; }
  // What to wait for: POLLIN, POLLOUT, both or neither.
  [[nodiscard]] short awaited() const;
  // It has a listener's seat, from the answer that said so to its end.
  [[nodiscard]] bool listens() const { return then_ == Then::kListen; }
  // Bytes that the client has not taken.
  [[nodiscard]] std::size_t waiting() const { return out_.size() - sent_; }

  // The socket can be read or written, or has failed: goes on as far as it can without waiting.
  void proceed(Moment now);
  // Closes it if its time is over.
  void check_time(Moment now);

  // True once a whole request is here, in kReading.
  [[nodiscard]] bool has_request() const;
  // REQUIRES: has_request(). The request stays until answered.
  void begin_serving() { state_ = State::kServing; }
  [[nodiscard]] std::string_view head() const { return std::string_view(in_).substr(0, framing_.head_bytes); }
  [[nodiscard]] std::string_view body() const {
    return std::string_view(in_).substr(framing_.head_bytes, framing_.body_bytes);
  }
  // Ends the request: sends what can be sent, keeps the rest.
  // REQUIRES: kServing.
  enum class Then : std::uint8_t { kNextRequest, kLeave, kListen };
  void answer(std::string bytes, Then then, Moment now);
  // Sends to a listener; closes it if it is too far behind.
  void tell(std::string_view event, Moment now);

 private:
  void receive(Moment now);
  void read_request(std::string_view bytes, Moment now);
  void discard(std::size_t bytes);
  void send(Moment now);
  void finish_answer(Moment now);
  void refuse(int status, std::string_view why, Moment now);
  void close();
  [[nodiscard]] Moment after(Moment now, std::uint32_t milliseconds) const;

  const Limits& limits_;
  int socket_;
  State state_ = State::kReading;
  Then then_ = Then::kNextRequest;
  std::string in_;
  Framing framing_;
  std::string out_;
  std::size_t sent_ = 0;
  std::size_t requests_ = 0;
  std::size_t discarded_ = 0;
  Moment deadline_;
};

}  // namespace gridlock::dashboard
