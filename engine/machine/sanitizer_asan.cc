// AddressSanitizer: told of every stack switch and of what is alive in the arena. Targets are compiled with
// -fsanitize-address-use-after-return=never, so locals lie on the cpu's own stack, where the proof of a hang compares
// them; fake stacks appear only where a linked library was compiled otherwise.
//
// May include: base.
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>

#include "engine/machine/sanitizer.h"

namespace gridlock::sanitizer {

const char* flavour() {
  return "asan";
}

void machine_created(Stack&, Context&) {}

void before_jump(Stack& from, const Stack& to) {
  __sanitizer_start_switch_fiber(&from.fake_stack, reinterpret_cast<const void*>(to.bottom), to.size_bytes);
}

void after_jump(Stack& me) {
  __sanitizer_finish_switch_fiber(me.fake_stack, nullptr, nullptr);
}

void stack_abandoned(Stack& stack) {
  __asan_unpoison_memory_region(reinterpret_cast<const volatile void*>(stack.bottom), stack.size_bytes);
  stack.fake_stack = nullptr;
}

void context_created(Context&) {}
void context_entered(const Context&) {}
void context_begins(const Context&, const Context&) {}
void context_ends(const Context&, const Context&) {}
void context_abandoned(const Context&, Context&) {}
void acquire(void*) {}
void release(void*) {}

void unseen_begin() {}
void unseen_end() {}
bool is_poisoned(std::uint64_t address, std::size_t bytes) {
  return __asan_region_is_poisoned(reinterpret_cast<void*>(address), bytes) != nullptr;
}

void arena_mapped(std::uint64_t base, std::size_t bytes) {
  __asan_poison_memory_region(reinterpret_cast<const volatile void*>(base), bytes);
}
void arena_opened(std::uint64_t address, std::size_t bytes) {
  __asan_unpoison_memory_region(reinterpret_cast<const volatile void*>(address), bytes);
}
void arena_closed(std::uint64_t address, std::size_t bytes) {
  __asan_poison_memory_region(reinterpret_cast<const volatile void*>(address), bytes);
}
void arena_wiped(std::uint64_t base, std::size_t bytes) {
  arena_closed(base, bytes);
}

}  // namespace gridlock::sanitizer
