// SIGINT and SIGTERM as a question that a loop asks. The answer lives in memory that forks share, so that a worker
// deep in a reduction hears of it too.
//
// May include: nothing of the engine.
#pragma once

namespace gridlock {

// From here on the first SIGINT or SIGTERM is only remembered; a second one ends the process at once. To be called
// before any fork that should hear of it.
void catch_interrupts();

[[nodiscard]] bool interrupted();

// How long a process that waits for its workers sleeps at most before it asks: also the resolution of deadlines and of
// the progress line.
inline constexpr int kAttentionIntervalMs = 50;

}  // namespace gridlock
