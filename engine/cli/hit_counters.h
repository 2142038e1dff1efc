// Walks over the counters of the code under test, one byte an edge, for whoever asks which of them a run has touched.
//
// May include: nothing of the engine.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace gridlock {

// hit(index, counter) for each counter that is not zero, in order; it may clear that counter. Words at a time: nearly
// all counters are of targets that do not run, or of code that did not.
template <typename Byte, typename Hit>
void for_each_hit(std::span<Byte> counters, const Hit& hit) {
  for (std::size_t at = 0; at < counters.size(); at += sizeof(std::uint64_t)) {
    const std::size_t size = std::min(sizeof(std::uint64_t), counters.size() - at);
    std::uint64_t word = 0;
    std::memcpy(&word, &counters[at], size);
    if (word == 0) continue;
    for (std::size_t i = at; i < at + size; ++i) {
      if (counters[i] != 0) hit(i, counters[i]);
    }
  }
}

}  // namespace gridlock
