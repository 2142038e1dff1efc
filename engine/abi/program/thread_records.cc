// The records of a run's threads: who is who, and the copies that stand for objects of the C++ library.
//
// May include: base, hook, machine, judge/race.
#include <cstdint>

#include "engine/abi/program/step.h"
#include "engine/abi/program/threads.h"
#include "engine/machine/program_memory.h"

namespace gridlock::program {

namespace {

// Where the records of the run that is under way lie. Set by threads_begin() before anything can ask.
constinit Threads* current_threads = nullptr;

bool is_of_program(std::uint64_t address) {
  if (abi::in_arena(address) || address - kStacksBase < kStacksBytes) return true;
  for (const ProgramSection& section : program_sections()) {
    if (section.contains(address)) return true;
  }
  return false;
}

// A wait that may end for no reason does so.
void wake_spuriously() {
  Thread& me = this_thread();
  if (me.waits_spuriously && me.wake == Wake::kAsleep) change(me.wake, Wake::kSpurious);
}

void let_time_pass() {
  static_cast<void>(MachineImpl::current()->advance_time());
}

}  // namespace

constexpr gl_vector_entry thread_vectors[] = {
    {"spurious-wakeup", wake_spuriously, true}, {"timeout", let_time_pass, true}, {}};

Threads& threads() {
  return *current_threads;
}

Thread& this_thread() {
  return *current_threads->by_number[MachineImpl::current()->this_cpu()];
}

Thread* thread_named(unsigned long id) {
  for (std::uint32_t number = 0; number < current_threads->count; ++number) {
    Thread* const thread = current_threads->by_number[number];
    if (reinterpret_cast<unsigned long>(thread) == id) return thread;
  }
  return nullptr;
}

Thread& add_thread(std::uint32_t number) {
  auto* const thread = new (run_allocate(sizeof(Thread), alignof(Thread))) Thread;
  thread->number = number;
  current_threads->by_number[number] = thread;
  current_threads->count = number + 1;
  ++current_threads->running;
  gl_name(thread, sizeof(Thread), "%s", "");
  gl_name(&thread->ended, sizeof(thread->ended), "thread %u", number);
  return *thread;
}

void threads_begin() {
  current_threads = new (run_allocate(sizeof(Threads), alignof(Threads))) Threads;
  gl_name(current_threads, sizeof(Threads), "%s", "");
  static_cast<void>(add_thread(0));
}

void* local_object(void* object, std::size_t bytes) {
  if (is_of_program(reinterpret_cast<std::uint64_t>(object))) [[likely]]
    return object;
  Threads& all = threads();
  for (std::uint32_t i = 0; i < all.foreign_count; ++i) {
    if (all.foreign[i].object == object) return all.foreign[i].local;
  }
  if (all.foreign_count == kForeignObjectsMax) {
    end_run(RunEnd::kAssertion, "more than 64 synchronisation objects outside of the program's memory", nullptr);
  }
  auto* const local = static_cast<char*>(run_allocate(bytes, 16));
  for (std::size_t i = 0; i < bytes; ++i) local[i] = static_cast<const volatile char*>(object)[i];
  all.foreign[all.foreign_count++] = {object, local};
  return local;
}

}  // namespace gridlock::program
