// What went wrong in one sentence, for somebody who knows the code and has not seen the run: "Hang: cpu2 spins in
// lock_slow on rq.lock, and nobody is left to change it".
//
// May include: base, model. Pure.
#pragma once

#include <cstddef>
#include <string>

#include "engine/explain/explain.h"
#include "engine/explain/words.h"

namespace gridlock {

// Of more stuck cpus than this the title tells the number.
inline constexpr std::size_t kTitleCpusMax = 2;
// A longer title, of names without end, is cut.
inline constexpr std::size_t kTitleBytesMax = 400;

[[nodiscard]] std::string title_of(const ExplainInput& input, const Words& words);

}  // namespace gridlock
