// What a program asks of its threads and processors that no schedule depends on: names, affinity, priorities, how many
// processors there are. Answers are the same on every machine.
//
// May include: base, hook, machine, judge/race.
#include <pthread.h>
#include <sched.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>

#include "engine/abi/program/step.h"
#include "engine/abi/program/threads.h"
#include "engine/machine/fixed_memory.h"

namespace gridlock::program {
namespace {

constexpr int kProcessors = 4;
constexpr std::uint64_t kAllProcessors = (std::uint64_t{1} << kProcessors) - 1;

[[nodiscard]] std::size_t length_of(const char* text) {
  std::size_t length = 0;
  while (length < kThreadNameBytes && text[length] != 0) ++length;
  return length;
}

// `bytes` of a cpu_set_t.
int read_affinity(std::size_t bytes, cpu_set_t* set) {
  if (bytes < sizeof(std::uint64_t)) return EINVAL;
  auto* const data = reinterpret_cast<volatile unsigned char*>(set);
  for (std::size_t i = 0; i < bytes; ++i) data[i] = i == 0 ? kAllProcessors : 0;
  return 0;
}

int check_affinity(std::size_t bytes, const cpu_set_t* set) {
  return bytes != 0 && (*reinterpret_cast<const unsigned char*>(set) & kAllProcessors) != 0 ? 0 : EINVAL;
}

}  // namespace
}  // namespace gridlock::program

using namespace gridlock;
using namespace gridlock::program;

extern "C" {

GRIDLOCK_WRAP(int, pthread_setname_np, (pthread_t id, const char* name)) {
  if (!in_run()) return __real_pthread_setname_np(id, name);
  Thread* const thread = thread_named(id);
  if (thread == nullptr) return ESRCH;
  const std::size_t length = length_of(name);
  if (length == kThreadNameBytes) return ERANGE;
  for (std::size_t i = 0; i <= length; ++i) thread->name[i] = name[i];
  gl_name(&thread->ended, sizeof(thread->ended), "thread %u %s", thread->number, thread->name);
  return 0;
}

GRIDLOCK_WRAP(int, pthread_getname_np, (pthread_t id, char* name, std::size_t bytes)) {
  if (!in_run()) return __real_pthread_getname_np(id, name, bytes);
  const Thread* const thread = thread_named(id);
  if (thread == nullptr) return ESRCH;
  if (bytes < kThreadNameBytes) return ERANGE;
  const std::size_t length = length_of(thread->name);
  for (std::size_t i = 0; i <= length; ++i) name[i] = thread->name[i];
  return 0;
}

GRIDLOCK_WRAP(int, pthread_getaffinity_np, (pthread_t id, std::size_t bytes, cpu_set_t* set)) {
  if (!in_run()) return __real_pthread_getaffinity_np(id, bytes, set);
  return thread_named(id) == nullptr ? ESRCH : read_affinity(bytes, set);
}
GRIDLOCK_WRAP(int, pthread_setaffinity_np, (pthread_t id, std::size_t bytes, const cpu_set_t* set)) {
  if (!in_run()) return __real_pthread_setaffinity_np(id, bytes, set);
  return thread_named(id) == nullptr ? ESRCH : check_affinity(bytes, set);
}
GRIDLOCK_WRAP(int, sched_getaffinity, (pid_t id, std::size_t bytes, cpu_set_t* set)) {
  if (!in_run()) return __real_sched_getaffinity(id, bytes, set);
  errno = read_affinity(bytes, set);
  return errno == 0 ? 0 : -1;
}
GRIDLOCK_WRAP(int, sched_setaffinity, (pid_t id, std::size_t bytes, const cpu_set_t* set)) {
  if (!in_run()) return __real_sched_setaffinity(id, bytes, set);
  errno = check_affinity(bytes, set);
  return errno == 0 ? 0 : -1;
}
GRIDLOCK_WRAP(int, sched_getcpu, ()) {
  if (!in_run()) return __real_sched_getcpu();
  return static_cast<int>(this_thread().number % kProcessors);
}

GRIDLOCK_WRAP(int, get_nprocs, ()) {
  return in_run() ? kProcessors : __real_get_nprocs();
}
GRIDLOCK_WRAP(int, get_nprocs_conf, ()) {
  return in_run() ? kProcessors : __real_get_nprocs_conf();
}
GRIDLOCK_WRAP(long, sysconf, (int name)) {
  const bool is_count = name == _SC_NPROCESSORS_ONLN || name == _SC_NPROCESSORS_CONF;
  return in_run() && is_count ? kProcessors : __real_sysconf(name);
}

// Every thread may run at any time, whatever its priority.
GRIDLOCK_WRAP(int, pthread_setschedparam, (pthread_t id, int policy, const sched_param* parameters)) {
  if (!in_run()) return __real_pthread_setschedparam(id, policy, parameters);
  return thread_named(id) == nullptr ? ESRCH : 0;
}
GRIDLOCK_WRAP(int, pthread_getschedparam, (pthread_t id, int* policy, sched_param* parameters)) {
  if (!in_run()) return __real_pthread_getschedparam(id, policy, parameters);
  if (thread_named(id) == nullptr) return ESRCH;
  *policy = SCHED_OTHER;
  parameters->sched_priority = 0;
  return 0;
}
GRIDLOCK_WRAP(int, pthread_setschedprio, (pthread_t id, int priority)) {
  if (!in_run()) return __real_pthread_setschedprio(id, priority);
  return thread_named(id) == nullptr ? ESRCH : 0;
}

// Its stack is the cpu's. AddressSanitizer's runtime asks too.
pthread_t __real_pthread_self();
GRIDLOCK_WRAP(int, pthread_getattr_np, (pthread_t id, pthread_attr_t* attributes)) {
  const Thread* const thread = in_run() ? thread_named(id) : nullptr;
  if (thread == nullptr) return __real_pthread_getattr_np(id, attributes);
  const int error = __real_pthread_getattr_np(__real_pthread_self(), attributes);
  if (error != 0) return error;
  return pthread_attr_setstack(attributes, reinterpret_cast<void*>(stack_bottom(thread->number)), kStackBytes);
}
GRIDLOCK_WRAP(int, pthread_getcpuclockid, (pthread_t id, clockid_t* clock)) {
  if (in_run()) not_controlled("pthread_getcpuclockid");
  return __real_pthread_getcpuclockid(id, clock);
}

}  // extern "C"
