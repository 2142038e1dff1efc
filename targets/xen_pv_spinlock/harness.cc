// The table that registers this target, and the setup of a run. See README.md for what is modelled and from where.
//
// May include: engine/hook, the standard library, this target.
#include "engine/hook/gridlock.h"
#include "targets/xen_pv_spinlock/balance.h"
#include "targets/xen_pv_spinlock/blkfront.h"
#include "targets/xen_pv_spinlock/hypervisor.h"
#include "targets/xen_pv_spinlock/interrupts.h"
#include "targets/xen_pv_spinlock/invariants.h"
#include "targets/xen_pv_spinlock/operations.h"
#include "targets/xen_pv_spinlock/sched.h"
#include "targets/xen_pv_spinlock/spinlock.h"
#include "targets/xen_pv_spinlock/variant.h"

namespace {

// In the order of enum Variant.
constexpr gl_variant_entry kVariants[] = {
    {"kick-first", "unlock kicks only the first waiter it finds (2.6.27 to 3.8)", "hang"},
    {"kick-all", "unlock kicks all waiters (76eaca031f0a, 3.9)", "ok"},
    {"irq-off-poll", "unlock kicks the first waiter, and the slow path never enables interrupts (Ubuntu)", "ok"},
    {"no-save-prev", "kicks all waiters, but a nested waiter forgets the outer one (before 168d2f464ab9)", "deadlock"},
    {},
};

constexpr gl_bug_entry kBugs[] = {
    {"kick-first", "kick-all", "Linux 76eaca031f0a (2013)",
     "a lock is free and two cpus sleep for it, but unlock kicked only the one that an interrupt keeps from it"},
    {"no-save-prev", "kick-all", "Linux 168d2f464ab9 (2008)",
     "an interrupt in the slow path waits for another lock, and the cpu is no longer found by the first one's unlock"},
    {},
};

// In the order of enum Parameter. No random search finds anything with the historic budget of 1024.
constexpr gl_parameter_entry kParameters[] = {
    {"spin_budget", 1, 1024, 2, 4},
    {"extra_tasks", 0, kExtraTasksMax, 1, 2},
    {},
};

// In the order of enum Vector. The kicker is not among them: its interrupt is disabled for good.
constexpr gl_vector_entry kVectors[] = {
    {"timer", xen_timer_interrupt, true},
    {"blkif", blkif_interrupt, true},
    {"reschedule", xen_reschedule_interrupt, false},
    {},
};

// In the order of enum Softirq.
constexpr gl_softirq_entry kSoftirqs[] = {
    {"SCHED_SOFTIRQ", run_rebalance_domains},
    {},
};

void setup() {
  create_domain();
  xen_init_spinlocks();
  sched_init();
  blkfront_init();
  operations_init();
}

}  // namespace
extern "C" const gl_target gl_target_xen_pv_spinlock;

const gl_target gl_target_xen_pv_spinlock = {
    .name = "xen-pv-spinlock",
    .summary = "the Xen PV byte spinlock with its slow path, under the Linux scheduler",
    .models = "Linux 2.6.27 to 3.11 arch/x86/xen/spinlock.c and kernel/sched of 3.6; the hang fixed by 76eaca031f0a",
    .cpus_minimum = 1,
    .cpus_maximum = kCpusMax,
    .variants = kVariants,
    .parameters = kParameters,
    .operations = kOperations,
    .vectors = kVectors,
    .softirqs = kSoftirqs,
    .invariants = kInvariants,
    .bugs = kBugs,
    .setup = setup,
};
