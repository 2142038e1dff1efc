// Gives what comes up a place in a table that is smaller than all that could: places go in the order in which things
// first come up. When all are gone they are given once more, so two things may share one.
//
// May include: nothing of the engine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace gridlock {

// One caller at a time. What it remembers is in memory of the caller's, so that a process can go on with the places
// that another one, which it takes the place of, has given.
class FirstComePlaces {
 public:
  using Word = std::uint16_t;

  constexpr FirstComePlaces() = default;  // of no things
  // `memory` outlives this: a word for each thing there could be and one more, all zero before the first call; `places`
  // is between 1 and 65,535.
  FirstComePlaces(std::span<Word> memory, Word places)
      : next_(&memory.back()), places_of_(memory.first(memory.size() - 1)), places_(places) {}

  // The place of `thing`, a number below that of all things.
  [[nodiscard]] std::size_t of(std::size_t thing) {
    Word& place = places_of_[thing];  // from 1 on; 0: none yet
    if (place == 0) {
      place = static_cast<Word>(*next_ + 1);
      *next_ = place == places_ ? 0 : place;
    }
    return place - 1u;
  }

 private:
  Word* next_ = nullptr;
  std::span<Word> places_of_;
  Word places_ = 0;
};

}  // namespace gridlock
