// Expected: mutex deadlock, spinlock hang, ordered-mutex ok, ordered-spinlock ok.
//
// A transfer takes the locks of two accounts. As they come, two transfers in opposite directions take one each and want
// the other's: a deadlock of sleepers with mutexes, a hang of spinners with spinlocks. In the order of their numbers,
// nobody holds a lock that a holder of a lower one waits for.
//
// May include: engine/hook, the standard library.
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kMutex, kSpinlock, kOrderedMutex, kOrderedSpinlock };
constexpr gl_variant_entry kVariants[] = {
    {"mutex", "locks that sleep, taken in the order of the transfer: AB and BA", "deadlock"},
    {"spinlock", "locks that spin, taken in the order of the transfer: AB and BA", "hang"},
    {"ordered-mutex", "locks that sleep, the lower number first", "ok"},
    {"ordered-spinlock", "locks that spin, the lower number first", "ok"},
    {},
};

constexpr std::uint32_t kAccounts = 2;

struct Account {
  std::atomic<std::uint32_t> locked{0};
  std::uint32_t balance = 100;
};

struct State {
  Account accounts[kAccounts];
};
State* state;

bool is_free(void* locked) {
  return static_cast<std::atomic<std::uint32_t>*>(locked)->load(std::memory_order_relaxed) == 0;
}

[[gnu::noinline]] void lock(std::uint32_t account) {
  std::atomic<std::uint32_t>& locked = state->accounts[account].locked;
  const bool sleeps = gl_variant() == kMutex || gl_variant() == kOrderedMutex;
  while (locked.exchange(1, std::memory_order_acquire) != 0) {
    if (sleeps) {
      gl_wait(is_free, &locked, GL_WAIT_PLAIN);
    } else {
      gl_cpu_relax();
    }
  }
}

[[gnu::noinline]] void unlock(std::uint32_t account) {
  state->accounts[account].locked.store(0, std::memory_order_release);
}

void transfer(const std::uint32_t* arguments) {
  const std::uint32_t from = arguments[0];
  const std::uint32_t to = arguments[1];
  if (from == to) return;
  const bool in_order = gl_variant() == kOrderedMutex || gl_variant() == kOrderedSpinlock;
  lock(in_order ? std::min(from, to) : from);
  lock(in_order ? std::max(from, to) : to);
  const std::uint32_t amount = std::min(state->accounts[from].balance, 1u);
  state->accounts[from].balance -= amount;
  state->accounts[to].balance += amount;
  unlock(to);
  unlock(from);
}

constexpr gl_operation_entry kOperations[] = {
    {"transfer", transfer, {{"from", 0, kAccounts - 1}, {"to", 0, kAccounts - 1}}},
    {},
};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  for (std::uint32_t number = 0; number < kAccounts; ++number) {
    Account& account = state->accounts[number];
    gl_name(&account.locked, sizeof(account.locked), "accounts[%u].locked", number);
    gl_name(&account.balance, sizeof(account.balance), "accounts[%u].balance", number);
  }
}

}  // namespace

extern "C" const gl_target gl_target_demo_deadlock;

const gl_target gl_target_demo_deadlock = {
    .name = "demo-deadlock",
    .summary = "a puzzle: two locks taken in opposite orders",
    .models = "the AB-BA deadlock, with locks that sleep and with locks that spin",
    .cpus_minimum = 2,
    .cpus_maximum = 3,
    .variants = kVariants,
    .operations = kOperations,
    .setup = setup,
};
