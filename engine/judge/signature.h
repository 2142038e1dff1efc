// Signatures: what makes two findings the same bug. A signature is made of function names and of names that the
// target chose (an invariant, the text of an assertion), and of nothing else.
//
// The forms, `f<g` being a call chain with the innermost function first:
//
//     hang: f<g + irq h<i            one part a stuck cpu, sorted: the context that runs; "irq ", "softirq " or
//                                    "migrate " before it if that is a handler
//     deadlock: ... · livelock: ...  the same
//     invariant NAME: f<g<h          the whole call chain of the step that broke it; "invariant NAME" found at rest
//     assertion TEXT: f<g
//     data-race: read f<g vs irq write h<i      the two sides sorted; "irq ", "softirq " or "migrate " as above,
//                                               "atomic " before the access of an atomic or volatile
//     sanitizer-report: ...                     the same, without handlers: ThreadSanitizer does not know them
//     lock-order: A > B: f<g + B > A: h<i       judge/lock_order.h
//     memory-error WORDS: f<g<h
//     crash SIGSEGV: f<g<h
//     crash stack overflow: f, g     what recurs, sorted: at which depth and in which of them it ends varies
//
// Functions of the C++ standard library, of the sanitizers' runtimes and of Gridlock take no part: whether std::atomic
// is inlined, and which flavour ran, must not tell bugs apart. Nor does a hang's signature say what a handler
// interrupted: that is chance, and one bug would have a signature for each place.
//
// May include: base, model. Pure functions.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/run_view.h"
#include "engine/model/verdict.h"

namespace gridlock {

// How many of the innermost functions of a call chain take part, by kind. Two say who spins and for whom; a memory
// error is often inside a general accessor, so one more.
inline constexpr std::size_t kStuckFunctions = 2;
inline constexpr std::size_t kAssertionFunctions = 2;
inline constexpr std::size_t kRaceFunctions = 2;
inline constexpr std::size_t kCrashFunctions = 3;

// The frames of a call chain in the target's own source, innermost first: no library, nothing of Gridlock, no code
// without a name.
[[nodiscard]] std::vector<Frame> own_frames(std::span<const Site> sites, const SiteNames& names);

// A cpu that can not finish: neither ended nor idle.
[[nodiscard]] bool is_stuck(const CpuView& cpu);

// The signature of hang, deadlock and livelock, after the kind's name and ": ".
[[nodiscard]] std::string stuck_cpus_signature(std::span<const CpuView> cpus, const SiteNames& names);

// The signature of a verdict of `kind`, which is kInvariant, kAssertion, kMemoryError or kCrash.
[[nodiscard]] std::string failure_signature(VerdictKind kind, const Failure& failure, const SiteNames& names);

// "read", "atomic write", ...
[[nodiscard]] std::string race_access_name(const RaceAccess& access);

// `kind` is kDataRace or kSanitizerReport.
[[nodiscard]] std::string race_signature(VerdictKind kind, const RaceReport& race, const SiteNames& names);

// The parts of a signature of hang, deadlock or livelock, one a stuck cpu, with or without the kind's name and ": "
// before them. Total: a signature read from a file can be anything.
[[nodiscard]] std::vector<std::string> stuck_parts(std::string_view signature);

// True if the part is of a cpu that is stuck in a handler.
[[nodiscard]] bool is_in_handler(std::string_view part);

}  // namespace gridlock
