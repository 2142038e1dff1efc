// The invariants; see invariants.h.
//
// May include: engine/hook, the standard library, this target.
#include "targets/xen_vcpu_migration/invariants.h"

#include <cstring>

#include "targets/xen_vcpu_migration/cpupool.h"
#include "targets/xen_vcpu_migration/quiet.h"
#include "targets/xen_vcpu_migration/schedule.h"
#include "targets/xen_vcpu_migration/softirq.h"
#include "targets/xen_vcpu_migration/vcpu.h"

namespace {

constexpr const char* kI1 = "I1 a queued vcpu is queued where its processor says";
constexpr const char* kI2 = "I2 a vcpu is queued or current, not both";
constexpr const char* kI3 = "I3 a vcpu runs on one pcpu at most";
constexpr const char* kI4 = "I4 the processor of a current vcpu is the pcpu that runs it";
constexpr const char* kI5 = "I5 nr_runnable counts the queued and the current vcpu";
constexpr const char* kI6 = "I6 what is_running at rest is current";
constexpr const char* kI7 = "I7 a runnable vcpu is queued or current at rest";
constexpr const char* kI8 = "I8 no migration is asked for at rest";
constexpr const char* kI9 = "I9 the processor of a vcpu is in its affinity and its pool at rest";
constexpr const char* kUrgent = "urgent_count counts the urgent vcpus of a pcpu at rest";
constexpr const char* kI10 = "a blocked vcpu has no event at rest";

GL_QUIET const spinlock_t* lock_of(unsigned cpu) {
  return peek(per_cpu_schedule_data(cpu).schedule_lock);
}

GL_QUIET bool is_curr(const vcpu& v) {
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) {
    if (per_cpu_schedule_data(cpu).curr == &v) return true;
  }
  return false;
}

GL_QUIET bool is_runnable(const vcpu& v) {
  if (peek(v.pause_flags) != 0 || peek(v.pause_count) != 0) return false;
  return v.owner == nullptr || peek(v.owner->pause_count) == 0;
}

// The invariants of one run queue and its pcpu, REQUIRES: they stand still.
GL_QUIET const char* broken_on(unsigned cpu) {
  const runq_elem& head = scheduler_of_run().runq(cpu);
  const vcpu& curr = *per_cpu_schedule_data(cpu).curr;
  unsigned counted = curr.owner != nullptr ? 1 : 0;
  for (const runq_elem* elem = head.next; elem != &head; elem = elem->next) {
    const vcpu& v = *elem->owner;
    if (lock_of(peek(v.processor)) != lock_of(cpu)) return kI1;
    if (is_curr(v)) return kI2;
    if (v.owner != nullptr) ++counted;
  }
  if (peek(curr.processor) != cpu) return kI4;
  const unsigned believed = scheduler_of_run().nr_runnable(cpu);
  return believed == kUncounted || believed == counted ? nullptr : kI5;
}

bool holds_of_all_pcpus(const char* invariant) {
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) {
    const char* const broken = broken_on(cpu);
    if (broken != nullptr && std::strcmp(broken, invariant) == 0) return false;
  }
  return true;
}

bool holds_of_all_vcpus(bool (*holds)(const vcpu&)) {
  for (unsigned number = 0; number < vcpu_count(); ++number) {
    if (!holds(vcpu_by_number(number))) return false;
  }
  return true;
}

bool is_queued(const vcpu& v) {
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) {
    const runq_elem& head = scheduler_of_run().runq(cpu);
    for (const runq_elem* elem = head.next; elem != &head; elem = elem->next) {
      if (elem->owner == &v) return true;
    }
  }
  return false;
}

bool i1() {
  return holds_of_all_pcpus(kI1);
}
bool i2() {
  return holds_of_all_pcpus(kI2);
}
bool i3() {
  return holds_of_all_vcpus([](const vcpu& v) {
    unsigned runs = 0;
    for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) runs += per_cpu_schedule_data(cpu).curr == &v ? 1 : 0;
    return runs <= 1;
  });
}
bool i4() {
  return holds_of_all_pcpus(kI4);
}
bool i5() {
  return holds_of_all_pcpus(kI5);
}
bool i6() {
  return holds_of_all_vcpus([](const vcpu& v) {
    const bool has_registers_somewhere = peek(v.vcpu_dirty_cpumask) != 0;
    return (peek(v.is_running) != 0) == is_curr(v) && has_registers_somewhere == is_curr(v);
  });
}
bool i7() {
  return holds_of_all_vcpus([](const vcpu& v) { return !is_runnable(v) || is_curr(v) || is_queued(v); });
}
bool i8() {
  return holds_of_all_vcpus([](const vcpu& v) { return (peek(v.pause_flags) & VPF_migrating) == 0; });
}
bool urgent_counts() {
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) {
    std::uint32_t urgent = 0;
    for (unsigned number = 0; number < vcpu_count(); ++number) {
      const vcpu& v = vcpu_by_number(number);
      if (v.is_urgent && peek(v.processor) == cpu) ++urgent;
    }
    if (peek(per_cpu_schedule_data(cpu).urgent_count) != urgent) return false;
  }
  return true;
}
// An affinity without a pcpu of the pool counts as all of the pool. One that is overridden may be for a pcpu that was
// half removed for a moment.
bool i9() {
  return holds_of_all_vcpus([](const vcpu& v) {
    if (peek(v.affinity_broken)) return true;
    const cpumask_t pool = peek(peek(v.owner->pool)->cpu_valid);
    const cpumask_t allowed = (v.cpu_hard_affinity & pool) != 0 ? v.cpu_hard_affinity & pool : pool;
    return cpumask_test_cpu(peek(v.processor), allowed);
  });
}
bool i10() {
  return holds_of_all_vcpus(
      [](const vcpu& v) { return (peek(v.pause_flags) & VPF_blocked) == 0 || peek(v.evtchn_upcall_pending) == 0; });
}

}  // namespace

GL_QUIET const char* broken_invariant_under(const spinlock_t& lock) {
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) {
    if (lock_of(cpu) != &lock) continue;
    if (const char* const broken = broken_on(cpu)) return broken;
  }
  return nullptr;
}

const gl_invariant_entry kInvariants[] = {
    {kI1, i1, nullptr},
    {kI2, i2, nullptr},
    {kI3, i3, nullptr},
    {kI4, i4, nullptr},
    {kI5, i5, nullptr},
    {kI6, i6, nullptr},
    {kI7, i7, nullptr},
    {kI8, i8, nullptr},
    {kI9, i9, nullptr},
    {kI10, i10, nullptr},
    {kUrgent, urgent_counts, nullptr},
    {},
};
