// What a pcpu can be told to do: hypercalls of its current vcpu and of a toolstack, events, migration requests.
//
// May include: engine/hook, the standard library, this target.
#pragma once

#include "engine/hook/gridlock.h"

extern const gl_operation_entry kOperations[];

// A migration request: vcpu `entity` is to run on `cpu` alone. It stands for the hypercall of one more pcpu that the
// scenario does not show: schedule locks are taken with interrupts disabled, so the pcpu that it interrupts holds none,
// and nothing in it depends on which pcpu that is. So what happens is also a schedule of one pcpu more.
void migrate_entity(unsigned entity, unsigned cpu);
