// Expected: uncounted memory-error, early-put memory-error, counted ok.
//
// An object that is looked up under a lock, used without it, and may be removed meanwhile. Only a reference taken under
// the lock and given back behind the last use keeps it alive. Everything about it is atomic or under the lock: this is
// no data race, only too late.
//
// May include: engine/hook, the standard library.
#include <atomic>
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kUncounted, kEarlyPut, kCounted };
constexpr gl_variant_entry kVariants[] = {
    {"uncounted", "the lookup takes no reference: a removal frees what is still in use", "memory-error"},
    {"early-put", "the reference is given back before the last use", "memory-error"},
    {"counted", "a reference is held from the lookup to behind the last use", "ok"},
    {},
};

struct Socket {
  std::atomic<std::uint32_t> references{1};  // that of the table
  std::atomic<std::uint32_t> bytes{0};
};

struct State {
  std::atomic<std::uint32_t> lock{0};
  Socket* table = nullptr;  // guarded by lock; null: removed
};
State* state;

void spin_lock() {
  while (state->lock.exchange(1, std::memory_order_acquire) != 0) gl_cpu_relax();
}

void spin_unlock() {
  state->lock.store(0, std::memory_order_release);
}

[[gnu::noinline]] Socket* lookup() {
  spin_lock();
  Socket* const socket = state->table;
  const bool counts = gl_variant() != kUncounted;
  if (socket != nullptr && counts) socket->references.fetch_add(1, std::memory_order_relaxed);
  spin_unlock();
  return socket;
}

[[gnu::noinline]] void put(Socket* socket) {
  if (socket->references.fetch_sub(1, std::memory_order_acq_rel) == 1) gl_free(socket);
}

void receive(const std::uint32_t*) {
  Socket* const socket = lookup();
  if (socket == nullptr) return;
  if (gl_variant() == kEarlyPut) put(socket);
  socket->bytes.fetch_add(1, std::memory_order_relaxed);
  if (gl_variant() == kCounted) put(socket);
}

void remove_socket(const std::uint32_t*) {
  spin_lock();
  Socket* const socket = state->table;
  state->table = nullptr;
  spin_unlock();
  if (socket != nullptr) put(socket);
}

constexpr gl_operation_entry kOperations[] = {{"receive", receive, {}}, {"remove_socket", remove_socket, {}}, {}};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  state->table = new (gl_alloc(sizeof(Socket), alignof(Socket))) Socket();
  gl_name(&state->lock, sizeof(state->lock), "lock");
  gl_name(&state->table, sizeof(Socket*), "table");
  gl_name(&state->table->references, sizeof(state->table->references), "socket.references");
  gl_name(&state->table->bytes, sizeof(state->table->bytes), "socket.bytes");
}

}  // namespace

extern "C" const gl_target gl_target_demo_use_after_free;

const gl_target gl_target_demo_use_after_free = {
    .name = "demo-use-after-free",
    .summary = "a puzzle: an object is removed while another cpu uses it",
    .models = "lookup, use and removal of an object with a kref",
    .cpus_minimum = 2,
    .cpus_maximum = 3,
    .variants = kVariants,
    .operations = kOperations,
    .setup = setup,
};
