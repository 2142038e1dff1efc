// Expected: other-memory data-race, through-pointer ok.
//
// A reader loads a published pointer with READ_ONCE, without acquire. What it reads through the pointer is ordered
// all the same: the address comes out of the load, and no CPU reads what it has no address of. What it reads elsewhere,
// because the pointer is not null, is not: a branch orders no reads.
//
// May include: engine/hook, the standard library.
#include <atomic>
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kOtherMemory, kThroughPointer };
constexpr gl_variant_entry kVariants[] = {
    {"other-memory", "the reader tests the pointer and then reads elsewhere: a control dependency", "data-race"},
    {"through-pointer", "the reader reads through the pointer: an address dependency", "ok"},
    {},
};

constexpr std::uint32_t kGateway = 7;
constexpr std::uint32_t kGeneration = 1;

struct Route {
  std::uint32_t gateway = 0;
};

struct State {
  Route* route = nullptr;
  std::uint32_t generation = 0;           // written before the route is published, but no part of it
  std::atomic<std::uint32_t> updated{0};  // there is one update a run; orders nothing
};
State* state;

Route* read_once(Route* const& pointer) {
  return const_cast<Route* const volatile&>(pointer);
}

void update_route(const std::uint32_t*) {
  if (state->updated.exchange(1, std::memory_order_relaxed) != 0) return;
  auto* const route = new (gl_alloc(sizeof(Route), alignof(Route))) Route();
  route->gateway = kGateway;
  state->generation = kGeneration;
  __atomic_store_n(&state->route, route, __ATOMIC_RELEASE);  // rcu_assign_pointer
}

void forward(const std::uint32_t*) {
  const Route* const route = read_once(state->route);  // rcu_dereference
  if (route == nullptr) return;
  if (gl_variant() == kThroughPointer) {
    GL_ASSERT(route->gateway == kGateway);
  } else {
    GL_ASSERT(state->generation == kGeneration);
  }
}

constexpr gl_operation_entry kOperations[] = {{"update_route", update_route, {}}, {"forward", forward, {}}, {}};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  gl_name(&state->route, sizeof(Route*), "route");
  gl_name(&state->generation, sizeof(state->generation), "generation");
  gl_name(&state->updated, sizeof(state->updated), "updated");
}

}  // namespace

extern "C" const gl_target gl_target_demo_address_dependency;

const gl_target gl_target_demo_address_dependency = {
    .name = "demo-address-dependency",
    .summary = "a puzzle: what a pointer loaded without acquire orders",
    .models = "rcu_assign_pointer and rcu_dereference of Linux, used as they are meant and for a flag",
    .cpus_minimum = 2,
    .cpus_maximum = 3,
    .variants = kVariants,
    .operations = kOperations,
    .setup = setup,
};
