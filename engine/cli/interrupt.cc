#include "engine/cli/interrupt.h"

#include <sys/mman.h>

#include <atomic>
#include <csignal>
#include <new>

namespace gridlock {
namespace {

// A signal handler has no argument of its own, so this is the one place in cli/ that needs a global.
std::atomic<bool>* interrupt_seen = nullptr;
static_assert(std::atomic<bool>::is_always_lock_free);

void remember_interrupt(int) {
  interrupt_seen->store(true, std::memory_order_relaxed);
}

}  // namespace

void catch_interrupts() {
  if (interrupt_seen == nullptr) {
    void* const memory =
        ::mmap(nullptr, sizeof(std::atomic<bool>), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    // Without the page an interrupt ends the process as it does by default.
    if (memory == MAP_FAILED) return;
    interrupt_seen = new (memory) std::atomic<bool>(false);
  }
  struct sigaction action{};
  action.sa_handler = remember_interrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() {
  return interrupt_seen != nullptr && interrupt_seen->load(std::memory_order_relaxed);
}

}  // namespace gridlock
