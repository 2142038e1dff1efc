// What a finished run means: a verdict and a signature. Pure: reads the view, asks for names, decides nothing about
// how to run. What counts as proof was established by the machine (RunEnd); the judge names it and tells bugs apart.
//
// May include: base, model.
#pragma once

#include <optional>

#include "engine/model/lock_graph.h"
#include "engine/model/run_view.h"
#include "engine/model/verdict.h"

namespace gridlock {

// The verdict of the run. ENSURES: the signature depends on function names, the invariant's or assertion's name and
// the kind alone: not on the schedule, cpu numbers, addresses, lines, inlining or flavour.
[[nodiscard]] Verdict judge(const RunView& run, const SiteNames& names);

// What could have deadlocked in a run with which nothing else is wrong; nothing otherwise. What judge() calls
// lock-order.
[[nodiscard]] std::optional<LockOrderReport> lock_order_of(const RunView& run, const SiteNames& names);

// True if a run with verdict `candidate` shows the bug of `original` without more: the same kind, and every part of
// the candidate's signature is a part of the original's. Shrinking drops the bystanders of a hang this way, but never
// the last cpu that is stuck in a handler. For every other kind it is equality.
[[nodiscard]] bool is_same_bug(const Verdict& original, const Verdict& candidate);

}  // namespace gridlock
