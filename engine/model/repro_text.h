// The text form of a repro: a file that people read, edit and keep in version control. docs/FORMAT.md has the grammar;
// an example:
//
//     gridlock-repro 1
//     target xen-pv-spinlock
//     program "-n" "3"          only of a target that is a program: the arguments of its main()
//     signature hang: xen_poll_irq<xen_spin_lock_slow + ...
//     expect kick-first hang
//     expect kick-all ok
//     parameter spin_budget 2
//     cpu 0: schedule() ; timer_tick(1)
//     cpu 1: lock_runqueue(0)
//     order 1 0
//     at cpu 1 point 9 demote            # xen_spin_unlock (spinlock.cc:88)
//     at cpu 0 point 22 interrupt blkif  # poll_irq (hypercall.cc:41)
//
// May include: base. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/error.h"
#include "engine/model/finding.h"
#include "engine/model/target_schema.h"

namespace gridlock {

inline constexpr int kReproVersion = 1;
inline constexpr std::size_t kReproBytesMax = 1 << 20;
inline constexpr std::size_t kProgramArgumentsMax = 1024;

// The name after "target" of a text whose first lines are well formed, so that the caller can find the schema.
// `path` is used in errors only. ERRORS: as parse_repro.
[[nodiscard]] Result<std::string> repro_target(std::string_view text, std::string_view path);

// ENSURES: the scenario is legal under the schema. ERRORS name path, line and column (in bytes, from 1), what was
// expected and what stands there: a text over kReproBytesMax, an unknown version, unknown names (with the known ones),
// numbers out of range, duplicate or missing lines, lines out of their order, bytes that are no text.
[[nodiscard]] Result<Repro> parse_repro(std::string_view text, const TargetSchema& schema, std::string_view path);

// REQUIRES: a legal scenario, and names in the schema that are words (is_repro_word). ENSURES: parse_repro(
// print_repro(r)) == r, while the text is no longer than kReproBytesMax, the program has no more than
// kProgramArgumentsMax arguments and no zero byte in one, signature and hints are one line of UTF-8 with
// no blanks at their ends, and no variant has two expectations. A signature or hint that is not is made so: the text
// can always be read again.
[[nodiscard]] std::string print_repro(const Repro& repro, const TargetSchema& schema);

// True if `name` can stand in a repro as the name of a target, variant, parameter, operation, vector or entity: one or
// more printable ASCII characters, none of them a blank or one of ( ) , ; : #
[[nodiscard]] bool is_repro_word(std::string_view name);

}  // namespace gridlock
