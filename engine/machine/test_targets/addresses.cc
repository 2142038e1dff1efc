// A target that looks at its addresses: blocks of odd sizes, and a lock table that picks the bucket by the address of
// what is locked, as futexes and wait queues do.
#include <atomic>
#include <new>

#include "engine/machine/test_targets/test_targets.h"

namespace {

constexpr unsigned kBuckets = 8;
constexpr unsigned kObjects = 6;

struct Table {
  std::atomic<std::uint32_t> buckets[kBuckets]{};
  void* objects[kObjects] = {};
};
Table* table;

void setup() {
  table = new (gl_alloc(sizeof(Table), alignof(Table))) Table();
  for (unsigned i = 0; i < kObjects; ++i) table->objects[i] = gl_alloc(1 + 37 * i, std::size_t{1} << i);
  gl_free(table->objects[0]);
  table->objects[0] = gl_alloc(100, 4096);
}

std::atomic<std::uint32_t>& bucket_of(const void* object) {
  return table->buckets[reinterpret_cast<std::uintptr_t>(object) * 0x9e3779b97f4a7c15 >> 61];
}

void lock_object(const std::uint32_t* arguments) {
  std::atomic<std::uint32_t>& bucket = bucket_of(table->objects[arguments[0]]);
  while (bucket.exchange(1, std::memory_order_acquire) != 0) gl_cpu_relax();
  // A block made in the run has its address from the run's history.
  auto* const counter = new (gl_alloc(sizeof(std::uint64_t), 8)) std::uint64_t(0);
  __atomic_store_n(counter, reinterpret_cast<std::uint64_t>(table->objects[arguments[0]]), __ATOMIC_RELAXED);
  bucket.store(0, std::memory_order_release);
}

const gl_operation_entry operations[] = {{"lock", lock_object, {{"object", 0, kObjects - 1}}}, {}};
const gl_variant_entry variants[] = {{"only", "", "ok"}, {}};

}  // namespace

namespace test_targets {
const gl_target addresses = {.name = "addresses",
                             .cpus_minimum = 1,
                             .cpus_maximum = 4,
                             .variants = variants,
                             .operations = operations,
                             .setup = setup};
}  // namespace test_targets
