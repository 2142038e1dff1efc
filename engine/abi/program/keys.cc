// Thread-specific data: pthread_key_*, tss_*. No points: a key's value is its thread's own. How many keys there are and
// the rounds of destructors are glibc's. A sanitizer's runtime, whose calls are wrapped like the program's, uses keys
// that it made before any run: those are the C library's.
//
// May include: base, hook, machine, judge/race.
#include <pthread.h>

#include <cerrno>
#include <climits>
#include <cstdint>

#include "engine/abi/program/step.h"
#include "engine/abi/program/threads.h"

namespace gridlock::program {

struct KeyValue {
  std::uint64_t generation;  // of the key when it was set
  void* value;
};

namespace {

constexpr int kDestructorRounds = 4;  // PTHREAD_DESTRUCTOR_ITERATIONS
// Of the first key of a run: the C library's own lie below it.
constexpr std::uint32_t kFirstKey = 0x10000;
static_assert(kFirstKey > kKeysMax);

bool is_of_run(std::uint32_t key) {
  return in_run() && key >= kFirstKey;
}

bool is_in_use(const Key& key) {
  return (key.generation & 1) != 0;
}

Key* key_in_use(std::uint32_t number) {
  Key* const keys = threads().keys;
  return number < kKeysMax && keys != nullptr && is_in_use(keys[number]) ? &keys[number] : nullptr;
}

KeyValue* value_of(Thread& thread, std::uint32_t number) {
  KeyValue* const block = thread.key_blocks[number / kKeysInBlock];
  return block == nullptr ? nullptr : &block[number % kKeysInBlock];
}

int make_key(std::uint32_t& number, void (*destructor)(void*)) {
  Threads& all = threads();
  if (all.keys == nullptr) all.keys = static_cast<Key*>(run_allocate(kKeysMax * sizeof(Key), alignof(Key)));
  for (std::uint32_t i = 0; i < kKeysMax; ++i) {
    if (is_in_use(all.keys[i])) continue;
    ++all.keys[i].generation;
    all.keys[i].destructor = destructor;
    number = kFirstKey + i;
    return 0;
  }
  return EAGAIN;
}

int delete_key(std::uint32_t id) {
  Key* const key = key_in_use(id - kFirstKey);
  if (key == nullptr) return EINVAL;
  ++key->generation;
  return 0;
}

void* get(std::uint32_t id) {
  const std::uint32_t number = id - kFirstKey;
  const Key* const key = key_in_use(number);
  const KeyValue* const value = key == nullptr ? nullptr : value_of(this_thread(), number);
  return value != nullptr && value->generation == key->generation ? value->value : nullptr;
}

int set(std::uint32_t id, void* data) {
  const std::uint32_t number = id - kFirstKey;
  const Key* const key = key_in_use(number);
  if (key == nullptr) return EINVAL;
  KeyValue*& block = this_thread().key_blocks[number / kKeysInBlock];
  if (block == nullptr && data == nullptr) return 0;
  if (block == nullptr) {
    block = static_cast<KeyValue*>(run_allocate(kKeysInBlock * sizeof(KeyValue), alignof(KeyValue)));
  }
  block[number % kKeysInBlock] = {key->generation, data};
  return 0;
}

// True if a destructor was called: it may have set values again.
bool run_round(Thread& thread) {
  bool called = false;
  for (std::uint32_t number = 0; number < kKeysMax; ++number) {
    if (thread.key_blocks[number / kKeysInBlock] == nullptr) continue;
    KeyValue& value = *value_of(thread, number);
    const Key* const key = key_in_use(number);
    if (key == nullptr || value.generation != key->generation || value.value == nullptr) continue;
    void* const data = value.value;
    value.value = nullptr;
    if (key->destructor == nullptr) continue;
    called = true;
    key->destructor(data);
  }
  return called;
}

}  // namespace

void run_key_destructors(Thread& thread) {
  for (int round = 0; round < kDestructorRounds && run_round(thread); ++round) {
  }
}

}  // namespace gridlock::program

using namespace gridlock;
using namespace gridlock::program;

extern "C" {

GRIDLOCK_WRAP(int, pthread_key_create, (pthread_key_t * key, void (*destructor)(void*))) {
  if (!in_run()) return __real_pthread_key_create(key, destructor);
  return make_key(*key, destructor);
}
GRIDLOCK_WRAP(int, pthread_key_delete, (pthread_key_t key)) {
  if (!is_of_run(key)) return __real_pthread_key_delete(key);
  return delete_key(key);
}
GRIDLOCK_WRAP(void*, pthread_getspecific, (pthread_key_t key)) {
  if (!is_of_run(key)) return __real_pthread_getspecific(key);
  return get(key);
}
GRIDLOCK_WRAP(int, pthread_setspecific, (pthread_key_t key, const void* value)) {
  if (!is_of_run(key)) return __real_pthread_setspecific(key, value);
  return set(key, const_cast<void*>(value));
}

// The codes of threads.h.
GRIDLOCK_WRAP(int, tss_create, (unsigned* key, void (*destructor)(void*))) {
  if (!in_run()) return __real_tss_create(key, destructor);
  constexpr int kSuccess = 0;
  constexpr int kError = 2;
  return make_key(*key, destructor) == 0 ? kSuccess : kError;
}
GRIDLOCK_WRAP(void, tss_delete, (unsigned key)) {
  if (!is_of_run(key)) {
    __real_tss_delete(key);
    return;
  }
  static_cast<void>(delete_key(key));
}
GRIDLOCK_WRAP(void*, tss_get, (unsigned key)) {
  if (!is_of_run(key)) return __real_tss_get(key);
  return get(key);
}
GRIDLOCK_WRAP(int, tss_set, (unsigned key, void* value)) {
  if (!is_of_run(key)) return __real_tss_set(key, value);
  constexpr int kSuccess = 0;
  constexpr int kError = 2;
  return set(key, value) == 0 ? kSuccess : kError;
}

}  // extern "C"
