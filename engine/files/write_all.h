// All bytes into a descriptor, or none of it counts: the loop that everybody needs who writes a file whole.
//
// May include: nothing of the engine.
#pragma once

#include <string_view>

namespace gridlock {

// Goes on after signals and short writes. False: errno says why, and how much was written is not known.
[[nodiscard]] bool write_all(int descriptor, std::string_view bytes);

}  // namespace gridlock
