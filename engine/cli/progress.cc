#include "engine/cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

namespace gridlock {
namespace {

constexpr std::size_t kColumnsMax = 80;
constexpr double kPlainIntervalSecondsMax = 60;
// A rate over less time than this says nothing.
constexpr double kRateSecondsMin = 1e-3;

double rate(std::uint64_t count, double seconds) {
  return static_cast<double>(count) / std::max(seconds, kRateSecondsMin);
}

}  // namespace

std::string short_number(double number) {
  static constexpr const char* kUnits[] = {"", "k", "M", "G", "T"};
  std::size_t unit = 0;
  while (number >= 999.95 && unit + 1 < std::size(kUnits)) {
    number /= 1000;
    ++unit;
  }
  return unit == 0 ? fmt::format("{:.0f}", number) : fmt::format("{:.1f}{}", number, kUnits[unit]);
}

std::string grouped(std::uint64_t number) {
  std::string digits = fmt::format("{}", number);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string counted(std::uint64_t number, std::string_view noun) {
  return fmt::format("{} {}{}", grouped(number), noun, number == 1 ? "" : "s");
}

std::string progress_line(const ProgressSample& sample) {
  std::string line = fmt::format("runs {} ({}/s)  points {}/s  findings {}  {:.0f}s", grouped(sample.runs),
                                 short_number(rate(sample.runs, sample.seconds)),
                                 short_number(rate(sample.points, sample.seconds)), sample.findings, sample.seconds);
  if (line.size() > kColumnsMax) line.resize(kColumnsMax);
  return line;
}

bool ProgressSchedule::due(double seconds) {
  if (seconds < next_seconds_) return false;
  if (!terminal_) interval_seconds_ = std::min(interval_seconds_ * 2, kPlainIntervalSecondsMax);
  next_seconds_ = seconds + interval_seconds_;
  return true;
}

Progress::Progress(std::FILE* stream)
    : stream_(stream), terminal_(::isatty(::fileno(stream)) == 1), schedule_(terminal_) {}

void Progress::show(const ProgressSample& sample) {
  if (!schedule_.due(sample.seconds)) return;
  const std::string line = progress_line(sample);
  if (terminal_) {
    fmt::print(stream_, "\r{:<{}}", line, kColumnsMax - 1);
    live_ = true;
  } else {
    fmt::print(stream_, "{}\n", line);
  }
  std::fflush(stream_);
}

void Progress::clear() {
  if (!live_) return;
  fmt::print(stream_, "\r{:<{}}\r", "", kColumnsMax - 1);
  std::fflush(stream_);
  live_ = false;
}

}  // namespace gridlock
