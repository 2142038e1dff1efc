// Mutation and crossover of encoded inputs, for fuzzers that know bytes: LLVMFuzzerCustomMutator and
// LLVMFuzzerCustomCrossOver, afl_custom_fuzz.
//
// May include: base, model, decode. Pure functions, thread safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/mutate/mutate.h"

namespace gridlock {

// The bytes of a mutation of the scenario that `input` means, or, one time in four, of a scenario generated anew; any
// input will do. Empty if it would be longer than
// `bytes_max`. The same seed and input give the same bytes.
[[nodiscard]] std::vector<std::uint8_t> mutate_bytes(std::span<const std::uint8_t> input, std::size_t bytes_max,
                                                     std::uint64_t seed, const TargetSchema& schema,
                                                     const MutationOptions& options, const MutationAim& aim);

// The bytes of a crossover of two inputs. Empty if they would be more than `bytes_max`.
[[nodiscard]] std::vector<std::uint8_t> cross_over_bytes(std::span<const std::uint8_t> a,
                                                         std::span<const std::uint8_t> b, std::size_t bytes_max,
                                                         std::uint64_t seed, const TargetSchema& schema,
                                                         const MutationOptions& options);

}  // namespace gridlock
