// The state columns; see states.h. Four of each vcpu, for the first three, and who holds each schedule lock:
//
//     v0.flag  M while VPF_migrating is set     v0.runq  on whose run queue it is, - for none
//     v0.proc  v->processor                     v0.run   c current, t in the scheduling tail, - neither
//
// May include: engine/hook, the standard library, this target.
#include "targets/xen_vcpu_migration/states.h"

#include "targets/xen_vcpu_migration/quiet.h"
#include "targets/xen_vcpu_migration/schedule.h"
#include "targets/xen_vcpu_migration/spinlock.h"
#include "targets/xen_vcpu_migration/vcpu.h"

namespace {

GL_QUIET void show_char(char* text, std::size_t size, char c) {
  if (size < 2) return;
  text[0] = c;
  text[1] = 0;
}

GL_QUIET char digit(unsigned number) {
  return static_cast<char>('0' + number);
}

template <unsigned kVcpu>
GL_QUIET void show_flag(char* text, std::size_t size) {
  const bool set = kVcpu < vcpu_count() && (peek(vcpu_by_number(kVcpu).pause_flags) & VPF_migrating) != 0;
  show_char(text, size, set ? 'M' : '-');
}

GL_QUIET char queue_of(const vcpu& v) {
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) {
    const runq_elem& head = scheduler_of_run().runq(cpu);
    for (const runq_elem* elem = head.next; elem != &head; elem = elem->next) {
      if (elem->owner == &v) return digit(cpu);
    }
  }
  return '-';
}

template <unsigned kVcpu>
GL_QUIET void show_runq(char* text, std::size_t size) {
  show_char(text, size, kVcpu < vcpu_count() ? queue_of(vcpu_by_number(kVcpu)) : '-');
}

template <unsigned kVcpu>
GL_QUIET void show_proc(char* text, std::size_t size) {
  show_char(text, size, kVcpu < vcpu_count() ? digit(peek(vcpu_by_number(kVcpu).processor)) : '-');
}

GL_QUIET char run_of(const vcpu& v) {
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) {
    if (per_cpu_schedule_data(cpu).curr == &v) return 'c';
  }
  return peek(v.is_running) != 0 ? 't' : '-';
}

template <unsigned kVcpu>
GL_QUIET void show_run(char* text, std::size_t size) {
  show_char(text, size, kVcpu < vcpu_count() ? run_of(vcpu_by_number(kVcpu)) : '-');
}

template <unsigned kCpu>
GL_QUIET void show_lock(char* text, std::size_t size) {
  std::uint32_t owner = kNoOwner;
  if (kCpu < gl_cpu_count()) owner = spin_owner(*peek(per_cpu_schedule_data(kCpu).schedule_lock));
  show_char(text, size, owner == kNoOwner ? '-' : digit(owner));
}

}  // namespace

const gl_state_entry kStates[] = {
    {"v0.flag", show_flag<0>},
    {"v0.runq", show_runq<0>},
    {"v0.proc", show_proc<0>},
    {"v0.run", show_run<0>},
    {"v1.flag", show_flag<1>},
    {"v1.runq", show_runq<1>},
    {"v1.proc", show_proc<1>},
    {"v1.run", show_run<1>},
    {"v2.flag", show_flag<2>},
    {"v2.runq", show_runq<2>},
    {"v2.proc", show_proc<2>},
    {"v2.run", show_run<2>},
    {"lock0", show_lock<0>},
    {"lock1", show_lock<1>},
    {"lock2", show_lock<2>},
    {"lock3", show_lock<3>},
    {},
};
