// All edits, by what they change. Each is an Edit as edit.h says; their weights are in edit_table.cc.
//
// May include: base, model, decode.
#pragma once

#include "engine/mutate/edit.h"

namespace gridlock {

// ---- The directives, blindly (directive_edits.cc)
// ----------------------------------------------------------------------

bool insert_directive(EditContext& context, Scenario& scenario);
// Where an interrupt goes of which the profile shows the handler, later directives of that cpu move forward by its
// points: they stay where they were in the code.
bool delete_directive(EditContext& context, Scenario& scenario);
bool move_directive_near(EditContext& context, Scenario& scenario);      // by up to 8 points
bool move_directive_anywhere(EditContext& context, Scenario& scenario);  // to any point of any cpu
// Another cpu, vector, entity, destination, or number of points to defer by: one of them.
bool retarget_directive(EditContext& context, Scenario& scenario);
bool copy_directive_to_next_point(EditContext& context, Scenario& scenario);
// To the same site of another cpu where the profile shows it, else to the same point.
bool copy_directive_to_cpu(EditContext& context, Scenario& scenario);
// Two directives exchange what they do. At one place, that is their order.
bool swap_directives(EditContext& context, Scenario& scenario);
bool add_deferral(EditContext& context, Scenario& scenario);
bool add_migration(EditContext& context, Scenario& scenario);

// ---- Preemptions and interrupts where the profile says that they matter (aimed_edits.cc)
// ------------------------------

// A pair of preemptions around a word that two cpus touch and one of them writes: the one cpu just before its access,
// the other just after its own. With two cpus, the access of the first then meets what the second left, whatever the
// order was before: a chosen reads-from, or a chosen overwriting.
//
// The idea is that of RFF (Wolff et al., "Greybox Fuzzing for Concurrency Testing", ASPLOS 2024, section 3), which
// mutates constraints "this read reads from that write". We differ: a constraint there is between sites, and a
// scheduler steers towards it while the run goes on; here it is two decisions at points, which replay and shrink like
// any other, but may miss when an earlier edit changes what the cpus do. With more than two cpus the others run in
// between unless they wait.
bool preempt_around_shared_word(EditContext& context, Scenario& scenario);
// Just before or just after an access to such a word.
bool preempt_at_shared_access(EditContext& context, Scenario& scenario);
// A preemption just before or behind one of the sites of the aim: a new one, or one of the schedule's that moves there.
bool preempt_at_site(EditContext& context, Scenario& scenario);
// Behind an access to a word that another context touches too and before the next such access, where interrupts are
// enabled; failing that, at any point where they are.
bool interrupt_in_window(EditContext& context, Scenario& scenario);

// ---- The priority list at the start (start_order_edits.cc)
// --------------------------------------------------------------

bool swap_in_start_order(EditContext& context, Scenario& scenario);
bool rotate_start_order(EditContext& context, Scenario& scenario);
bool promote_in_start_order(EditContext& context, Scenario& scenario);  // one cpu to the front

// ---- The programs (program_edits.cc). Directives stay in their operation, or go with it (call_spans.h).
// -----------------

bool insert_call(EditContext& context, Scenario& scenario);
bool delete_call(EditContext& context, Scenario& scenario);
bool duplicate_call(EditContext& context, Scenario& scenario);  // the second right behind the first
bool replace_call(EditContext& context, Scenario& scenario);
bool move_call(EditContext& context, Scenario& scenario);      // within a program or to another cpu's
bool step_argument(EditContext& context, Scenario& scenario);  // by a little
bool redraw_argument(EditContext& context, Scenario& scenario);

// ---- The configuration (configuration_edits.cc)
// ---------------------------------------------------------------------------

bool step_parameter(EditContext& context, Scenario& scenario);    // by a little, within what is legal
bool redraw_parameter(EditContext& context, Scenario& scenario);  // within the fuzz range
// One more, with a program of its own or that of another cpu. Directives for cpus that the run creates keep naming
// those.
bool grow_cpus(EditContext& context, Scenario& scenario);
// One less; what named it goes, what named others keeps naming them.
bool shrink_cpus(EditContext& context, Scenario& scenario);

}  // namespace gridlock
