// How a long fuzzing run shows that it lives: one line that is rewritten on a terminal, now and then a line elsewhere.
//
// May include: nothing of the engine.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace gridlock {

struct ProgressSample {
  std::uint64_t runs = 0;
  std::uint64_t points = 0;
  std::uint64_t findings = 0;
  double seconds = 0;  // since the start
};

// At most 80 columns, without a line end: "runs 1,234,567 (104.9k/s)  points 7.5M/s  findings 1  12s".
[[nodiscard]] std::string progress_line(const ProgressSample& sample);

// "999", "1.2k", "104.9k", "7.5M": at most 6 characters for what a computer of this century does in a second.
[[nodiscard]] std::string short_number(double number);
// "1,234,567".
[[nodiscard]] std::string grouped(std::uint64_t number);
// "1 cpu", "2 cpus", "1,000 runs".
[[nodiscard]] std::string counted(std::uint64_t number, std::string_view noun);

// When the next line is due: on a terminal five times a second, elsewhere after 1 s, 2 s, 4 s ... up to each minute, so
// that a log of a day stays readable.
class ProgressSchedule {
 public:
  explicit ProgressSchedule(bool terminal) : terminal_(terminal), interval_seconds_(terminal ? 0.2 : 1.0) {
    next_seconds_ = interval_seconds_;
  }
  // True at most once for each due line.
  [[nodiscard]] bool due(double seconds);

 private:
  bool terminal_;
  double interval_seconds_;
  double next_seconds_;
};

// Writes the lines to `stream`.
class Progress {
 public:
  explicit Progress(std::FILE* stream);
  void show(const ProgressSample& sample);
  // Takes the live line away, so that something else can be printed.
  void clear();

 private:
  std::FILE* stream_;
  bool terminal_;
  bool live_ = false;
  ProgressSchedule schedule_;
};

}  // namespace gridlock
