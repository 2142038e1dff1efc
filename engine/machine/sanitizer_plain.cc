// No sanitizer: all of sanitizer.h is nothing.
//
// May include: base.
#include "engine/machine/sanitizer.h"

namespace gridlock::sanitizer {

const char* flavour() {
  return "plain";
}
void machine_created(Stack&, Context&) {}
void before_jump(Stack&, const Stack&) {}
void after_jump(Stack&) {}
void stack_abandoned(Stack&) {}
void context_created(Context&) {}
void context_entered(const Context&) {}
void context_begins(const Context&, const Context&) {}
void context_ends(const Context&, const Context&) {}
void context_abandoned(const Context&, Context&) {}
void acquire(void*) {}
void release(void*) {}
void unseen_begin() {}
void unseen_end() {}
bool is_poisoned(std::uint64_t, std::size_t) {
  return false;
}
void arena_mapped(std::uint64_t, std::size_t) {}
void arena_opened(std::uint64_t, std::size_t) {}
void arena_closed(std::uint64_t, std::size_t) {}
void arena_wiped(std::uint64_t, std::size_t) {}

}  // namespace gridlock::sanitizer
