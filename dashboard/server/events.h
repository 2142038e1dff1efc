// Makes the events that listeners are told: findings as they are announced, the state of the moment when it has
// changed, and a comment now and then so that a silent connection is not taken for a dead one.
//
// One thread of its own, which sleeps while nobody listens. May include: store.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "dashboard/server/limits.h"
#include "dashboard/server/server_clock.h"
#include "engine/store/records.h"

namespace gridlock::dashboard {

class Events {
 public:
  struct Parts {
    std::function<bool()> anybody_listens;
    std::function<void(std::string)> tell;
    std::function<void()> forget_answers;  // those that are kept, which a finding that changed has made old
    std::function<std::optional<std::string>(store::FindingId)> finding_text;
    std::function<std::optional<std::string>()> status_text;
    std::function<Moment()> steady;
  };
  Events(Parts parts, const Limits& limits);
  ~Events();  // as stop()
  Events(const Events&) = delete;
  Events& operator=(const Events&) = delete;

  // Returns at once. Of more than `announcements_max` that wait, the oldest are left out.
  void announce(store::FindingId finding);
  void stop();

 private:
  void run();
  void tell_findings(const std::deque<store::FindingId>& findings);
  void tell_status();
  void keep_alive();
  void tell(std::string event);

  const Parts parts_;
  const Limits limits_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<store::FindingId> announced_;
  bool stopping_ = false;
  // Of the thread.
  std::string last_status_;
  Moment last_told_{};
  std::optional<Moment> last_looked_;
  std::thread thread_;
};

}  // namespace gridlock::dashboard
