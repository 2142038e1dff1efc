#include "engine/mutate/mutate_bytes.h"

#include "engine/decode/decode.h"

namespace gridlock {
namespace {

std::vector<std::uint8_t> encode_within(const Scenario& scenario, const TargetSchema& schema, std::size_t bytes_max) {
  std::vector<std::uint8_t> bytes = encode(scenario, schema);
  if (bytes.size() > bytes_max) bytes.clear();
  return bytes;
}

}  // namespace

std::vector<std::uint8_t> mutate_bytes(std::span<const std::uint8_t> input, std::size_t bytes_max, std::uint64_t seed,
                                       const TargetSchema& schema, const MutationOptions& options,
                                       const MutationAim& aim) {
  Prng prng(seed);
  Scenario scenario = decode(input, schema);
  mutate(prng, schema, options, aim, scenario);
  return encode_within(scenario, schema, bytes_max);
}

std::vector<std::uint8_t> cross_over_bytes(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b,
                                           std::size_t bytes_max, std::uint64_t seed, const TargetSchema& schema,
                                           const MutationOptions& options) {
  Prng prng(seed);
  const Scenario child = cross_over(prng, schema, options, decode(a, schema), decode(b, schema));
  return encode_within(child, schema, bytes_max);
}

}  // namespace gridlock
