// Answers that stand for a moment for everybody who asks the same: fifty open pages cost the store as much as one. Of
// those who ask at once, one makes the answer and the others wait for it.
//
// Thread safe. May include: nothing of the engine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "dashboard/server/answer.h"
#include "dashboard/server/server_clock.h"

namespace gridlock::dashboard {

class AnswerCache {
 public:
  struct Bounds {
    Moment lifetime{};
    std::size_t entries_max = 0;
    std::size_t bytes_max = 0;
  };
  AnswerCache(Bounds bounds, std::function<Moment()> steady);

  // The answer to `question` that is no older than the lifetime, made by `make` if there is none.
  [[nodiscard]] Answer get(const std::string& question, const std::function<Answer()>& make);

  // Nothing that was made before this call is given out after it: somebody has changed what answers are made of.
  void forget();

 private:
  struct Entry {
    std::mutex making;  // held while the answer is made
    bool made = false;
    Moment made_at{};
    std::uint64_t generation = 0;
    Answer answer;
  };

  [[nodiscard]] std::shared_ptr<Entry> entry(const std::string& question);
  void make_room();
  [[nodiscard]] bool stands(const Entry& entry, std::uint64_t generation) const;
  [[nodiscard]] std::uint64_t generation();

  const Bounds bounds_;
  const std::function<Moment()> steady_;
  std::mutex mutex_;
  std::uint64_t generation_ = 0;
  std::size_t bytes_ = 0;  // of all answers made since the entries were last thrown away
  std::map<std::string, std::shared_ptr<Entry>> entries_;
};

}  // namespace gridlock::dashboard
