#include "dashboard/server/events.h"

#include <chrono>
#include <utility>

namespace gridlock::dashboard {

Events::Events(Parts parts, const Limits& limits) : parts_(std::move(parts)), limits_(limits) {
  thread_ = std::thread([this] { run(); });
}

Events::~Events() {
  stop();
}

void Events::announce(store::FindingId finding) {
  {
    const std::lock_guard lock(mutex_);
    announced_.push_back(finding);
    if (announced_.size() > limits_.announcements_max) announced_.pop_front();
  }
  changed_.notify_one();
}

void Events::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Events::run() {
  while (true) {
    std::deque<store::FindingId> findings;
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, std::chrono::milliseconds(limits_.status_ms),
                        [&] { return stopping_ || !announced_.empty(); });
      if (stopping_) return;
      findings.swap(announced_);
    }
    tell_findings(findings);
    if (!parts_.anybody_listens()) continue;
    tell_status();
    keep_alive();
  }
}

void Events::tell_findings(const std::deque<store::FindingId>& findings) {
  if (findings.empty()) return;
  parts_.forget_answers();
  if (!parts_.anybody_listens()) return;
  for (const store::FindingId finding : findings) {
    if (auto text = parts_.finding_text(finding)) tell(*std::move(text));
  }
}

void Events::tell_status() {
  const Moment now = parts_.steady();
  if (last_looked_ && now - *last_looked_ < std::chrono::milliseconds(limits_.status_ms)) return;
  last_looked_ = now;
  auto status = parts_.status_text();
  if (!status || *status == last_status_) return;
  last_status_ = *status;
  tell(*std::move(status));
}

void Events::keep_alive() {
  if (parts_.steady() - last_told_ >= std::chrono::milliseconds(limits_.keep_alive_ms)) tell(": keep-alive\n\n");
}

void Events::tell(std::string event) {
  last_told_ = parts_.steady();
  parts_.tell(std::move(event));
}

}  // namespace gridlock::dashboard
