// AFL++'s custom mutator: engine/mutate as a library that afl-fuzz loads. A round of it takes as many runs as one of
// AFL++'s own mutations of bytes, which stay. The target is not in it; its schema comes from a file.
//
// May include: base, model, decode, mutate, cli (schema file).
#include <fmt/format.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/prng.h"
#include "engine/cli/schema_file.h"
#include "engine/mutate/mutate_bytes.h"

namespace gridlock {
namespace {

class AflMutator {
 public:
  AflMutator(TargetSchema schema, std::uint64_t seed) : schema_(std::move(schema)), prng_(seed) {}

  // One time in four a crossover with `other`. Lives until the next call; empty if the result would not fit.
  [[nodiscard]] std::vector<std::uint8_t>& change(std::span<const std::uint8_t> input,
                                                  std::span<const std::uint8_t> other, std::size_t bytes_max) {
    const bool crosses = !other.empty() && prng_.chance(1, 4);
    changed_ = crosses ? cross_over_bytes(input, other, bytes_max, prng_.next(), schema_, {})
                       : mutate_bytes(input, bytes_max, prng_.next(), schema_, {}, {});
    return changed_;
  }

 private:
  TargetSchema schema_;
  Prng prng_;
  std::vector<std::uint8_t> changed_;
};

Result<TargetSchema> schema_of_target() {
  const char* const path = std::getenv(kSchemaVariable);
  if (path == nullptr) return failure("find the schema of the target", kSchemaVariable, "it is not set");
  std::ifstream file(path, std::ios::binary);
  return schema_from_text(std::string(std::istreambuf_iterator<char>(file), {}));
}

}  // namespace
}  // namespace gridlock

extern "C" {

// Null ends afl-fuzz.
[[gnu::visibility("default")]] void* afl_custom_init(void* /*afl*/, unsigned seed) {
  auto schema = gridlock::schema_of_target();
  if (schema) return std::make_unique<gridlock::AflMutator>(std::move(*schema), seed).release();
  fmt::print(stderr, "gridlock: {}\n", schema.error().message());
  return nullptr;
}

// 0: there is nothing to run.
[[gnu::visibility("default")]] std::size_t afl_custom_fuzz(void* mutator, std::uint8_t* input, std::size_t input_size,
                                                           std::uint8_t** changed, std::uint8_t* other,
                                                           std::size_t other_size, std::size_t bytes_max) {
  auto& bytes =
      static_cast<gridlock::AflMutator*>(mutator)->change({input, input_size}, {other, other_size}, bytes_max);
  *changed = bytes.data();
  return bytes.size();
}

[[gnu::visibility("default")]] void afl_custom_deinit(void* mutator) {
  delete static_cast<gridlock::AflMutator*>(mutator);
}
}
