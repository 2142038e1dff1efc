// Expected: as-given crash, by-number ok.
//
// A forest of parent links whose root is found by recursion. Two cpus that join the same two trees in opposite
// directions at the same time can make each root the other's parent; the recursion then never comes to a root and runs
// off the end of the stack. Joining towards the higher number, whatever was asked for, makes no cycle in any order.
//
// May include: engine/hook, the standard library.
#include <atomic>
#include <cstdint>
#include <new>
#include <utility>

#include "engine/hook/gridlock.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kAsGiven, kByNumber };
constexpr gl_variant_entry kVariants[] = {
    {"as-given", "each cpu puts one root below the other as it was asked to: a cycle, and no recursion ends", "crash"},
    {"by-number", "the root with the lower number goes below the higher: the forest has no cycle", "ok"},
    {},
};

constexpr std::uint32_t kNodes = 3;

struct State {
  std::atomic<std::uint32_t> parent[kNodes];  // a root's is the root itself
};
State* state;

// Follows the links and shortens none. As deep as the tree, at most kNodes.
[[gnu::noinline]] std::uint32_t find_root(std::uint32_t node) {
  const std::uint32_t parent = state->parent[node].load(std::memory_order_relaxed);
  return parent == node ? node : find_root(parent);
}

void join(const std::uint32_t* arguments) {
  std::uint32_t child = find_root(arguments[0]);
  std::uint32_t parent = find_root(arguments[1]);
  if (gl_variant() == kByNumber && child > parent) std::swap(child, parent);
  state->parent[child].store(parent, std::memory_order_relaxed);
}

void find(const std::uint32_t* arguments) {
  GL_ASSERT(find_root(arguments[0]) < kNodes);
}

constexpr gl_operation_entry kOperations[] = {
    {"join", join, {{"child", 0, kNodes - 1}, {"parent", 0, kNodes - 1}}},
    {"find", find, {{"node", 0, kNodes - 1}}},
    {},
};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  for (std::uint32_t node = 0; node < kNodes; ++node) {
    state->parent[node].store(node, std::memory_order_relaxed);
    gl_name(&state->parent[node], sizeof(state->parent[node]), "parent[%u]", node);
  }
}

}  // namespace

extern "C" const gl_target gl_target_demo_stack_overflow;

const gl_target gl_target_demo_stack_overflow = {
    .name = "demo-stack-overflow",
    .summary = "a puzzle: a recursion that a cycle in shared data makes endless",
    .models = "union and find on a forest of parent links, without a lock",
    .cpus_minimum = 2,
    .cpus_maximum = 3,
    .variants = kVariants,
    .operations = kOperations,
    .setup = setup,
};
