// Running a function once. See once.cc.
//
//     word: 0 has not run, 1 runs, 2 has run          as glibc's pthread_once_t
//
// May include: base, hook, machine, judge/race.
#pragma once

#include <cstdint>

#include "engine/abi/program/step.h"
#include "engine/abi/program/threads.h"

namespace gridlock::program {

inline constexpr std::uint32_t kOnceRuns = 1;
inline constexpr std::uint32_t kOnceHasRun = 2;

[[nodiscard]] bool once_can_go_on(void* word);

// Takes it back if the function is left otherwise than by its end.
class OnceAttempt {
 public:
  explicit OnceAttempt(std::uint32_t& word) : word_(word) {}
  OnceAttempt(const OnceAttempt&) = delete;
  OnceAttempt& operator=(const OnceAttempt&) = delete;
  ~OnceAttempt() { change(word_, has_run_ ? kOnceHasRun : 0); }
  void has_run() { has_run_ = true; }

 private:
  std::uint32_t& word_;
  bool has_run_ = false;
};

template <typename Function>
[[gnu::always_inline]] inline void run_once(void* object, Function function) {
  auto& word = object_at<std::uint32_t>(object);
  point_on(&word);
  if (word == kOnceRuns) static_cast<void>(wait_until(once_can_go_on, &word, kForever));
  if (word == kOnceHasRun) {
    acquires(&word);
    return;
  }
  takes(&word);
  change(word, kOnceRuns);
  OnceAttempt attempt(word);
  function();
  // In the step of the last access of the function: nobody can see the difference.
  releases(&word);
  attempt.has_run();
}

}  // namespace gridlock::program
