// Linux's side of Xen's event channels, as far as the spinlock uses it: the *kicker*, one event channel a cpu whose
// interrupt is permanently disabled. Its handler never runs; only its pending bit is set, cleared, tested and polled.
//
// May include: engine/hook, the standard library, this target. Knows nothing of locks.
#pragma once

// The "irq" of a kicker.
using kicker_irq_t = int;

// Binds an event channel to `cpu` and returns its irq. REQUIRES: called from setup, once a cpu.
kicker_irq_t xen_bind_kicker_irq(unsigned cpu);

void xen_clear_irq_pending(kicker_irq_t irq);
void xen_set_irq_pending(kicker_irq_t irq);
bool xen_test_irq_pending(kicker_irq_t irq);

// Blocks the calling cpu until `irq` is pending; at once if it is. May also return without.
void xen_poll_irq(kicker_irq_t irq);

// Sends the event of `irq`, from any cpu.
void xen_send_kick(kicker_irq_t irq);
