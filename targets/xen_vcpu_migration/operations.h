// What a pcpu can be told to do: hypercalls of its current vcpu and of a toolstack, events, migration requests.
//
// May include: engine/hook, the standard library, this target.
#pragma once

#include "engine/hook/gridlock.h"

extern const gl_operation_entry kOperations[];

// A migration request: vcpu `entity` is to run on `cpu` alone. It stands for the hypercall of one more pcpu that the
// scenario does not show: nothing in it depends on the pcpu that it interrupts, whose interrupts are enabled, so that
// every schedule is also one of such a pcpu.
void migrate_entity(unsigned entity, unsigned cpu);
