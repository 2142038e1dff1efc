#include "engine/mutate/mutate_bytes.h"

#include <utility>

#include "engine/decode/decode.h"

namespace gridlock {
namespace {

// One mutation in this many is a program and a schedule of their own: a fuzzer that knows bytes has no other way to
// come by programs that nothing in its corpus leads to.
constexpr std::uint32_t kFreshIn = 4;
// Of a cpu, in a run that nobody has made yet.
constexpr std::uint32_t kPointsGuessed = 32;

Scenario generate_anew(Prng& prng, const TargetSchema& schema, const MutationOptions& options) {
  Scenario scenario = generate_program(prng, schema, options.generate);
  const std::vector<std::uint32_t> points(scenario.cpu_count(), kPointsGuessed);
  generate_schedule(prng, schema, options.generate, points, options.demotes, scenario);
  return scenario;
}

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
  if (options.programs && prng.chance(1, kFreshIn)) {
    const Scenario before = std::exchange(scenario, generate_anew(prng, schema, options));
    if (scenario != before) return encode_within(scenario, schema, bytes_max);
  }
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
