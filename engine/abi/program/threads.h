// The virtual threads of a program: one record a thread, in the arena, so that each run begins without any and a proof
// of a hang sees them. Thread n is cpu n; 0 is main.
//
// What a schedule can do beside demoting a cpu is in `thread_vectors`, the interrupts of every program: a thread that
// waits on a condition variable or a futex wakes up for no reason, and time passes to the next limit of a timed wait.
// At any other moment they do nothing.
//
// May include: base, hook, machine, judge/race.
#pragma once

#include <unwind.h>

#include <cstddef>
#include <cstdint>

#include "engine/abi/program/run.h"
#include "engine/hook/gridlock.h"
#include "engine/model/scenario.h"

namespace gridlock::program {

struct Cond;
struct Mutex;
struct CleanupBuffer;
struct ThreadExitCall;
struct KeyValue;

inline constexpr std::uint32_t kThreadsMax = kCpusMax;
inline constexpr std::size_t kThreadNameBytes = 16;  // as pthread_setname_np has it
inline constexpr std::uint32_t kForeignObjectsMax = 64;
inline constexpr std::uint32_t kKeysMax = 1024;  // PTHREAD_KEYS_MAX
inline constexpr std::uint32_t kKeysInBlock = 32;
inline constexpr std::uint32_t kKeyBlocksMax = kKeysMax / kKeysInBlock;

// Why a thread that had joined a queue need not sleep there any more.
enum class Wake : std::uint32_t { kAsleep = 0, kWoken = 1, kSpurious = 2 };

// Grows; entries that were never set are nullptr.
struct PointerTable {
  void** entries = nullptr;
  std::uint32_t count = 0;
};

struct Thread {
  // Words that waits look at, each in a granule of its own.
  alignas(8) Wake wake = Wake::kAsleep;
  alignas(8) std::uint32_t ended = 0;
  alignas(8) std::uint32_t cancel_requested = 0;
  alignas(8) std::uint32_t handed_over = 0;  // what others did happens before this thread is let go by a barrier

  std::uint32_t number = 0;
  bool is_detached = false;
  bool is_joined = false;
  bool cancel_enabled = true;
  bool is_exiting = false;        // it unwinds or runs its last destructors: it is not canceled again
  bool waits_spuriously = false;  // in a wait that may end for no reason
  Thread* joiner = nullptr;

  void* (*start)(void*) = nullptr;
  void* argument = nullptr;
  void* result = nullptr;

  std::uint32_t barred = 0;  // cond.h: how many signals on offer came before it waited
  const void* futex = nullptr;
  std::uint32_t futex_bits = 0;

  Mutex* robust_mutexes = nullptr;  // that it holds
  CleanupBuffer* cleanup = nullptr;
  ThreadExitCall* exit_calls = nullptr;  // destructors of thread_local objects
  KeyValue* key_blocks[kKeyBlocksMax] = {};
  PointerTable tls;  // its variables, by index

  std::uint64_t exception_globals[2] = {};  // libstdc++'s __cxa_eh_globals
  _Unwind_Exception unwinding = {};
  char name[kThreadNameBytes] = {};
};

struct Key {
  void (*destructor)(void*) = nullptr;
  std::uint64_t generation = 0;  // odd: in use
};

// All of a run.
struct Threads {
  alignas(8) std::uint32_t calls = 0;  // never changes: what calls about no object are points on
  alignas(8) std::uint32_t running = 0;
  Thread* by_number[kThreadsMax] = {};
  std::uint32_t count = 0;

  struct Foreign {
    void* object = nullptr;
    void* local = nullptr;
  } foreign[kForeignObjectsMax] = {};
  std::uint32_t foreign_count = 0;

  std::uint8_t futex_queue[kThreadsMax] = {};  // numbers of threads, first come first
  std::uint32_t futex_queued = 0;

  Key* keys = nullptr;        // kKeysMax, when the first is made
  PointerTable tls_controls;  // by index, from 1
  std::uint32_t tls_used = 0;
};

// In setup(), after the memory of the program has been reset: makes thread 0, main.
void threads_begin();
// What the calling thread does at its end before others may know of it: destructors of thread_local objects, then those
// of keys; its thread-local memory is dead then. REQUIRES: in_run().
void thread_ends();

// For gl_target::vectors of the program.
extern const gl_vector_entry thread_vectors[];

// REQUIRES of all below: threads_begin() was called for this run, and in_run().
[[nodiscard]] Threads& threads();
[[nodiscard]] Thread& this_thread();
// The thread that a pthread_t or thrd_t names; nullptr if it names none of this run.
[[nodiscard]] Thread* thread_named(unsigned long id);

// The record of the thread on cpu `number`, which is the next.
[[nodiscard]] Thread& add_thread(std::uint32_t number);
// Makes a thread that calls start(argument) and returns its name for pthread_t.
[[nodiscard]] unsigned long create_thread(void* (*start)(void*), void* argument, bool is_detached,
                                          const void* hook_frame);
// The end of the calling thread with `result`, by unwinding its stack.
[[noreturn]] void leave_thread(void* result);
// The same because it was canceled.
[[noreturn]] void act_on_cancel();
// True if the thread has to act on a request to cancel it at a cancellation point.
[[nodiscard]] inline bool is_canceled(const Thread& thread) {
  return thread.cancel_requested != 0 && thread.cancel_enabled && !thread.is_exiting;
}

// ---- parts of thread_ends(), each in the file of what it ends ----
void run_exit_calls(Thread& thread);
void run_key_destructors(Thread& thread);
void release_tls(Thread& thread);
void robust_owner_died(Thread& thread);

}  // namespace gridlock::program
