// Boost.Lockfree's structures behind one table, for a source that has included them: unjudged.cc and judged.cc differ
// only in whether the library's plain accesses are instrumented. All is in an anonymous namespace, so each has
// instantiations of its own.
//
// May include: engine/hook, the standard library, Boost.
#pragma once

#include <cstdint>
#include <new>

#include "engine/hook/arena_allocator.h"
#include "engine/hook/gridlock.h"
#include "targets/boost_lockfree/kinds.h"

namespace {

struct Item {
  std::uint32_t number;
};

constexpr std::size_t kCapacity = 2;  // so that structures are full, and nodes come back soon

template <class Structure>
struct Ends {
  template <class... Arguments>
  static void* make(Arguments... arguments) {
    return new (gl_alloc(sizeof(Structure), alignof(Structure))) Structure(arguments...);
  }
  static void* make_empty() { return make(); }
  // Its nodes come from a free list, which has one at first, and from the arena when there is none.
  static void* make_growing() { return make(std::size_t{1}); }
  static bool push(void* structure, std::uint32_t number) {
    return static_cast<Structure*>(structure)->push(Item{number});
  }
  static bool pop(void* structure, std::uint32_t& number) {
    Item item{};
    const bool has_item = static_cast<Structure*>(structure)->pop(item);
    number = item.number;
    return has_item;
  }
};

template <class Structure>
constexpr boost_lockfree::Kind fixed(const char* name, bool is_fifo, bool is_for_two = false) {
  return {name, Ends<Structure>::make_empty, Ends<Structure>::push, Ends<Structure>::pop, is_fifo, is_for_two};
}
template <class Structure>
constexpr boost_lockfree::Kind growing(const char* name, bool is_fifo) {
  return {name, Ends<Structure>::make_growing, Ends<Structure>::push, Ends<Structure>::pop, is_fifo, false};
}

using boost::lockfree::allocator;
using boost::lockfree::capacity;
constexpr boost_lockfree::Kind kKinds[] = {
    growing<boost::lockfree::queue<Item, allocator<arena::Allocator<Item>>>>("queue", true),
    fixed<boost::lockfree::queue<Item, capacity<kCapacity>>>("queue, fixed", true),
    growing<boost::lockfree::stack<Item, allocator<arena::Allocator<Item>>>>("stack", false),
    fixed<boost::lockfree::stack<Item, capacity<kCapacity>>>("stack, fixed", false),
    fixed<boost::lockfree::spsc_queue<Item, capacity<kCapacity>>>("spsc_queue", true, true),
};
static_assert(sizeof(kKinds) / sizeof(kKinds[0]) == boost_lockfree::kKindCount);

}  // namespace
