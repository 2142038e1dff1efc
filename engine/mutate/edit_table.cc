#include "engine/mutate/edit_table.h"

#include <array>

#include "engine/mutate/edits.h"

namespace gridlock {
namespace {

// Aimed edits come first: where a profile is known, they are what a mutation is most often. Schedules outweigh programs
// by three to one, because a program that has shown something new usually has more to show under other schedules, and a
// new program starts with a schedule that was made for another. What takes away weighs as much as what adds, so that
// scenarios stay small.
constexpr bool kKeepsProgram = true;
constexpr std::array kEdits = {
    EditEntry{"preempt_around_shared_word", preempt_around_shared_word, 12, kKeepsProgram},
    EditEntry{"preempt_at_shared_access", preempt_at_shared_access, 8, kKeepsProgram},
    EditEntry{"preempt_at_site", preempt_at_site, 8, kKeepsProgram},
    EditEntry{"interrupt_in_window", interrupt_in_window, 8, kKeepsProgram},

    EditEntry{"insert_directive", insert_directive, 8, kKeepsProgram},
    EditEntry{"delete_directive", delete_directive, 14, kKeepsProgram},
    EditEntry{"move_directive_near", move_directive_near, 10, kKeepsProgram},
    EditEntry{"move_directive_anywhere", move_directive_anywhere, 4, kKeepsProgram},
    EditEntry{"retarget_directive", retarget_directive, 5, kKeepsProgram},
    EditEntry{"copy_directive_to_next_point", copy_directive_to_next_point, 2, kKeepsProgram},
    EditEntry{"copy_directive_to_cpu", copy_directive_to_cpu, 3, kKeepsProgram},
    EditEntry{"swap_directives", swap_directives, 2, kKeepsProgram},
    EditEntry{"add_deferral", add_deferral, 2, kKeepsProgram},
    EditEntry{"add_migration", add_migration, 2, kKeepsProgram},

    EditEntry{"swap_in_start_order", swap_in_start_order, 2, kKeepsProgram},
    EditEntry{"rotate_start_order", rotate_start_order, 1, kKeepsProgram},
    EditEntry{"promote_in_start_order", promote_in_start_order, 2, kKeepsProgram},

    EditEntry{"insert_call", insert_call, 4, !kKeepsProgram},
    EditEntry{"delete_call", delete_call, 6, !kKeepsProgram},
    EditEntry{"duplicate_call", duplicate_call, 2, !kKeepsProgram},
    EditEntry{"replace_call", replace_call, 4, !kKeepsProgram},
    EditEntry{"move_call", move_call, 3, !kKeepsProgram},
    EditEntry{"step_argument", step_argument, 3, !kKeepsProgram},
    EditEntry{"redraw_argument", redraw_argument, 3, !kKeepsProgram},

    EditEntry{"step_parameter", step_parameter, 1, !kKeepsProgram},
    EditEntry{"redraw_parameter", redraw_parameter, 1, !kKeepsProgram},
    EditEntry{"grow_cpus", grow_cpus, 2, !kKeepsProgram},
    EditEntry{"shrink_cpus", shrink_cpus, 2, !kKeepsProgram},
};

constexpr std::uint32_t kWeightOfAll = [] {
  std::uint32_t weight = 0;
  for (const EditEntry& entry : kEdits) weight += entry.weight;
  return weight;
}();

// By slot, each entry as many times as it weighs: a draw is one look.
constexpr auto kSlots = [] {
  std::array<std::uint8_t, kWeightOfAll> slots{};
  std::size_t at = 0;
  for (std::size_t i = 0; i < kEdits.size(); ++i) {
    for (std::uint32_t left = kEdits[i].weight; left > 0; --left) slots[at++] = static_cast<std::uint8_t>(i);
  }
  return slots;
}();

}  // namespace

std::span<const EditEntry> edit_table() {
  return kEdits;
}

const EditEntry& draw_edit(Prng& prng) {
  return kEdits[kSlots[prng.below(kWeightOfAll)]];
}

}  // namespace gridlock
