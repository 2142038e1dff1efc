// Virtual time as the C library's clocks. One tick of the machine is one microsecond: each point of any thread takes
// one, and when every thread sleeps time jumps to the next limit. All clocks run alike; they differ in where they
// began.
//
// May include: base, hook, machine, judge/race.
#pragma once

#include <time.h>

#include <cstdint>

#include "engine/abi/program/step.h"

namespace gridlock::program {

inline constexpr std::int64_t kTicksPerSecond = 1'000'000;
inline constexpr std::int64_t kNanosecondsPerTick = 1'000;
inline constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
// What a run begins at: some day of 2023 by the calendar, and well after boot, so that subtracting an hour is no trap.
inline constexpr std::int64_t kRealtimeStart_s = 1'700'000'000;
inline constexpr std::int64_t kMonotonicStart_s = 100'000;
// Longer waits than this, some thirty years, end together.
inline constexpr std::int64_t kWaitSecondsMax = 1'000'000'000;

[[nodiscard]] constexpr bool is_timespec(const timespec& time) {
  return time.tv_nsec >= 0 && time.tv_nsec < kNanosecondsPerSecond;
}
[[nodiscard]] constexpr std::int64_t clock_start_s(clockid_t clock) {
  return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI ? kRealtimeStart_s
                                                                                         : kMonotonicStart_s;
}
// What a wait of this length is in ticks, rounded up; 0 for what is negative.
[[nodiscard]] constexpr std::uint64_t ticks_of(std::int64_t seconds, std::int64_t nanoseconds) {
  if (seconds > kWaitSecondsMax) seconds = kWaitSecondsMax;
  if (seconds < 0) return 0;
  return static_cast<std::uint64_t>(seconds * kTicksPerSecond +
                                    (nanoseconds + kNanosecondsPerTick - 1) / kNanosecondsPerTick);
}

// The time on `clock`. It may be acted on: the caller is no part of a proof of a hang until it recurs without.
[[nodiscard]] timespec read_clock(clockid_t clock);
// A wait until `clock` shows `time`. REQUIRES: is_timespec(time).
[[nodiscard]] Limit until(clockid_t clock, const timespec& time);

}  // namespace gridlock::program
