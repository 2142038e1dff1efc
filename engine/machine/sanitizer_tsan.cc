// ThreadSanitizer: each context is one of its fibers; switches carry no synchronisation, so it sees the cpus as threads
// that race. The interface is compiler-rt's tsan_interface.h and, for memory, tsan_interface_java.h, which alone can
// forget the accesses of an earlier run: without that, a write/read race is reported once a process (measured: 1 of
// 1,000).
//
// May include: base.
#include <sanitizer/tsan_interface.h>

#include "engine/base/check.h"
#include "engine/machine/sanitizer.h"

extern "C" {
void __tsan_java_init(unsigned long heap_begin, unsigned long heap_size);
void __tsan_java_alloc(unsigned long address, unsigned long size);
void __tsan_java_free(unsigned long address, unsigned long size);
void __tsan_func_exit();
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
void AnnotateIgnoreWritesBegin(const char* file, int line);
void AnnotateIgnoreWritesEnd(const char* file, int line);
}

namespace gridlock::sanitizer {

namespace {
constexpr unsigned kNoSynchronisation = 1;
constexpr unsigned kSynchronise = 0;
}  // namespace

const char* flavour() {
  return "tsan";
}

void machine_created(Stack&, Context& host_context) {
  host_context.fiber = __tsan_get_current_fiber();
}

void before_jump(Stack&, const Stack&) {}
void after_jump(Stack&) {}
void stack_abandoned(Stack&) {}

void context_created(Context& context) {
  context.fiber = __tsan_create_fiber(0);
}

void context_entered(const Context& to) {
  __tsan_switch_to_fiber(to.fiber, kNoSynchronisation);
}

void context_begins(const Context& from, const Context& context) {
  __tsan_switch_to_fiber(context.fiber, kSynchronise);
  __tsan_switch_to_fiber(from.fiber, kNoSynchronisation);
}

void context_ends(const Context& context, const Context& host) {
  __tsan_switch_to_fiber(context.fiber, kNoSynchronisation);
  __tsan_switch_to_fiber(host.fiber, kSynchronise);
}

void context_abandoned(const Context& host, Context& context) {
  // Destroying and creating the fiber instead leaks 0.3 KiB each time; reusing it with calls open crashes.
  __tsan_switch_to_fiber(context.fiber, kNoSynchronisation);
  for (; context.call_depth > 0; --context.call_depth) __tsan_func_exit();
  __tsan_switch_to_fiber(host.fiber, kNoSynchronisation);
}

void acquire(void* object) {
  __tsan_acquire(object);
}
void release(void* object) {
  __tsan_release(object);
}

void unseen_begin() {
  AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
  AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
}
void unseen_end() {
  AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
  AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
}
bool is_poisoned(std::uint64_t, std::size_t) {
  return false;
}

void arena_mapped(std::uint64_t base, std::size_t bytes) {
  static bool told = false;  // the runtime accepts one heap a process; machines that follow use the same one
  if (!told) __tsan_java_init(base, bytes);
  told = true;
}

// The runtime wants multiples of 8; blocks start at multiples of 16 and are 32 bytes apart.
void arena_opened(std::uint64_t address, std::size_t bytes) {
  if (bytes != 0) __tsan_java_alloc(address, (bytes + 7) & ~std::size_t{7});
}
void arena_closed(std::uint64_t, std::size_t) {}
void arena_wiped(std::uint64_t base, std::size_t bytes) {
  if (bytes != 0) __tsan_java_free(base, (bytes + 7) & ~std::size_t{7});
}

}  // namespace gridlock::sanitizer
