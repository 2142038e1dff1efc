// The structures of Boost.Lockfree that the harness asks, behind one table.
//
// May include: the standard library.
#pragma once

#include <cstdint>

namespace boost_lockfree {

struct Kind {
  const char* name;
  void* (*make)();                                    // in the run's arena
  bool (*push)(void* structure, std::uint32_t item);  // false: full
  bool (*pop)(void* structure, std::uint32_t& item);  // false: empty
  bool is_fifo;
  bool is_for_two;  // one producer, one consumer
};

inline constexpr unsigned kSpscQueue = 4;
inline constexpr unsigned kKindCount = 5;

// Both have kKindCount, in the same order. Of the first the library's plain accesses are not instrumented: they are
// not judged for races; of the second they are.
extern const Kind* const kUnjudged;
extern const Kind* const kJudged;

}  // namespace boost_lockfree
