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

}  // namespace gridlock
