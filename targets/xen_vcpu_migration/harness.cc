// The table that registers this target, and the setup of a run. See README.md for what is modelled and from where.
//
// May include: engine/hook, the standard library, this target.
#include "engine/hook/gridlock.h"
#include "targets/xen_vcpu_migration/cpupool.h"
#include "targets/xen_vcpu_migration/invariants.h"
#include "targets/xen_vcpu_migration/operations.h"
#include "targets/xen_vcpu_migration/schedule.h"
#include "targets/xen_vcpu_migration/softirq.h"
#include "targets/xen_vcpu_migration/states.h"
#include "targets/xen_vcpu_migration/variant.h"
#include "targets/xen_vcpu_migration/vcpu.h"

namespace {

// In the order of enum Variant.
constexpr gl_variant_entry kVariants[] = {
    {"set-flag-then-sleep", "initiators set VPF_migrating and put the vcpu to sleep under two locks (Xen 4.10)",
     "assertion"},
    {"start-finish", "one step under one lock: vcpu_migrate_start and vcpu_migrate_finish (9a36de17c16d, 4.11)", "ok"},
    {"no-sleep-in-start", "the fix, but vcpu_migrate_start leaves a queued vcpu queued", "assertion"},
    {"no-recheck", "the fix, but vcpu_migrate_finish does not look again under the locks", "assertion"},
    {"finish-before-unlock", "the fix, but vcpu_set_affinity calls vcpu_migrate_finish with the lock held", "hang"},
    {"skip-finish", "the fix, but vcpu_set_affinity leaves vcpu_migrate_finish out", "invariant"},
    {"context-saved-skips-finish", "the fix, but context_saved leaves vcpu_migrate_finish out", "invariant"},
    {"credit2-set-flag-then-sleep", "the core of Xen 4.10 under Credit2, which queues late and moves queues itself",
     "ok"},
    {"credit2-start-finish", "the fix under Credit2", "ok"},
    {"credit2-pause-flags-not-atomic", "the fix under Credit2, which changes pause flags by a load and a store",
     "invariant"},
    {"move-domain-unlocked", "the fix, but sched_move_domain moves vcpus without the lock (before ef55257bc8)",
     "data-race"},
    {},
};

constexpr gl_bug_entry kBugs[] = {
    {"set-flag-then-sleep", "start-finish", "Xen 9a36de17c16d (2018)",
     "vcpu_migrate moves a vcpu that is still queued, so v->processor is not the pcpu of its run queue"},
    {"move-domain-unlocked", "start-finish", "Xen ef55257bc8 (2013)",
     "sched_move_domain changes v->processor under vcpu_wake, which locks one pcpu and unlocks another"},
    {"credit2-pause-flags-not-atomic", "credit2-start-finish", "Xen d74eb10956 (2020)",
     "a pause flag that changes during Credit2's read-modify-write comes back: the vcpu blocks with an event pending"},
    {},
};

// In the order of enum Parameter. Xen's time slice has three ticks.
constexpr gl_parameter_entry kParameters[] = {
    {"vcpus", 1, kVcpusMax, 3, 3}, {"ticks_per_tslice", 1, 3, 1, 2}, {"pool1_cpus", 0, kCpusMax - 1, 0, 1},
    {"cap", 0, 1, 0, 1},           {"runqueues", 1, kCpusMax, 2, 4}, {},
};

// In the order of enum Vector.
constexpr gl_vector_entry kVectors[] = {
    {"timer", apic_timer_interrupt, true},
    {"event_check", event_check_interrupt, false},
    {},
};

constexpr const char* kEntities[] = {"v0", "v1", "v2", nullptr};

void setup() {
  cpupools_init();
  create_domains();
  softirq_init();
  scheduler_init();
}

}  // namespace
extern "C" const gl_target gl_target_xen_vcpu_migration;

const gl_target gl_target_xen_vcpu_migration = {
    .name = "xen-vcpu-migration",
    .summary = "Xen's scheduling core under Credit1 and Credit2: who may move a virtual cpu, and when",
    .models = "Xen 4.10 xen/common/schedule.c, sched_credit.c, sched_credit2.c; the races fixed by 9a36de17c16d",
    .cpus_minimum = 2,
    .cpus_maximum = kCpusMax,
    .variants = kVariants,
    .parameters = kParameters,
    .operations = kOperations,
    .vectors = kVectors,
    .invariants = kInvariants,
    .bugs = kBugs,
    .states = kStates,
    .entities = kEntities,
    .migrate = migrate_entity,
    .setup = setup,
};
