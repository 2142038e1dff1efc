#include "dashboard/server/answer_cache.h"

#include <utility>

namespace gridlock::dashboard {

AnswerCache::AnswerCache(Bounds bounds, std::function<Moment()> steady) : bounds_(bounds), steady_(std::move(steady)) {}

Answer AnswerCache::get(const std::string& question, const std::function<Answer()>& make) {
  const auto kept = entry(question);
  const std::lock_guard lock(kept->making);
  // Read before the answer is made: what changes meanwhile makes it old.
  const std::uint64_t now_generation = generation();
  if (stands(*kept, now_generation)) return kept->answer;
  kept->answer = make();
  kept->made = kept->answer.status == 200;
  kept->made_at = steady_();
  kept->generation = now_generation;
  const std::lock_guard all(mutex_);
  bytes_ += kept->answer.body.size();
  return kept->answer;
}

void AnswerCache::forget() {
  const std::lock_guard lock(mutex_);
  ++generation_;
}

std::shared_ptr<AnswerCache::Entry> AnswerCache::entry(const std::string& question) {
  const std::lock_guard lock(mutex_);
  make_room();
  auto& kept = entries_[question];
  if (!kept) kept = std::make_shared<Entry>();
  return kept;
}

// Everything goes at once: an entry lives for half a second, so which ones to keep is not worth a list.
void AnswerCache::make_room() {
  if (entries_.size() < bounds_.entries_max && bytes_ < bounds_.bytes_max) return;
  entries_.clear();
  bytes_ = 0;
}

bool AnswerCache::stands(const Entry& entry, std::uint64_t generation) const {
  return entry.made && entry.generation == generation && steady_() - entry.made_at < bounds_.lifetime;
}

std::uint64_t AnswerCache::generation() {
  const std::lock_guard lock(mutex_);
  return generation_;
}

}  // namespace gridlock::dashboard
