// What the machine tells the sanitizer that this binary is linked with: which stack runs, which context ThreadSanitizer
// should take it for, which memory is alive. One implementation a flavour: sanitizer_plain.cc, sanitizer_tsan.cc,
// sanitizer_asan.cc; exactly one is compiled into a binary.
//
// Two kinds of identity: a *stack* is what a fiber switches (one a cpu, and the host's); a *context* is what
// ThreadSanitizer takes for a thread (one a task and one for each nesting level of handlers, all on that cpu's stack),
// because a race between a task and a handler over it is a race though both share a stack.
//
// May include: base.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gridlock::sanitizer {

// One stack. Plain data owned by the machine, filled in by the functions below.
struct Stack {
  std::uint64_t bottom = 0;  // lowest address; 0 for the host
  std::size_t size_bytes = 0;
  void* fake_stack = nullptr;  // AddressSanitizer's
};

// One context.
struct Context {
  void* fiber = nullptr;         // ThreadSanitizer's
  std::uint32_t call_depth = 0;  // open __tsan_func_entry of this context
};

// "plain", "tsan" or "asan".
const char* flavour();

// Once a process, on the host.
void machine_created(Stack& host_stack, Context& host_context);

// ---- stacks ----
// Around a switch of stacks, on the stack that is left and then on the stack that is entered.
void before_jump(Stack& from, const Stack& to);
void after_jump(Stack& me);
// A stack whose frames are given up (a hang, a failed assertion): called on the host, before it is used again.
void stack_abandoned(Stack& stack);

// ---- contexts ----
void context_created(Context& context);
// From now on the code that runs belongs to `to`; no synchronisation is implied.
void context_entered(const Context& to);
// What `from`, which runs, has done happens before what `context` does from now on. At the start of a run, `from` is
// the host. One direction each, because a switch that synchronises costs ThreadSanitizer twenty that do not.
void context_begins(const Context& from, const Context& context);
// What `context` has done happens before what the host, which runs, does from now on. At the end of a run.
void context_ends(const Context& context, const Context& host);
// A context whose calls are given up: its shadow call stack is unwound.
void context_abandoned(const Context& host, Context& context);

// ---- the interrupt flag of a cpu as a synchronisation object, by its address ----
void acquire(void* object);
void release(void* object);

// ---- what the machine does for itself in the middle of a run ----
// What is read and written in between is nobody's access. May be nested.
void unseen_begin();
void unseen_end();

class Unseen {
 public:
  Unseen() { unseen_begin(); }
  ~Unseen() { unseen_end(); }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;
};

// True if this flavour's own bookkeeping says that [address, address + bytes) must not be accessed.
bool is_poisoned(std::uint64_t address, std::size_t bytes);

// ---- arena ----
void arena_mapped(std::uint64_t base, std::size_t bytes);
void arena_opened(std::uint64_t address, std::size_t bytes);  // a block is alive from here on
void arena_closed(std::uint64_t address, std::size_t bytes);  // a block is dead from here on
void arena_wiped(std::uint64_t base, std::size_t bytes);      // all blocks are gone; called between runs

}  // namespace gridlock::sanitizer
