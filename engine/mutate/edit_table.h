// Which edits a mutation draws, and how often.
//
// May include: base, model, decode.
#pragma once

#include <cstdint>
#include <span>

#include "engine/mutate/edit.h"

namespace gridlock {

struct EditEntry {
  const char* name;  // of the function in edits.h
  Edit edit;
  std::uint32_t weight;
  bool keeps_program;  // the run's points are still those of the profile, but for what the schedule makes of them
};

[[nodiscard]] std::span<const EditEntry> edit_table();

// An entry, by weight.
[[nodiscard]] const EditEntry& draw_edit(Prng& prng);

}  // namespace gridlock
