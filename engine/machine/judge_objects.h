// Numbers of the race judge's objects: what a message of the machine's own is called.
//
// May include: model, judge/race, machine.
#pragma once

#include <cstdint>

#include "engine/judge/race/race_judge.h"
#include "engine/machine/interrupts.h"
#include "engine/model/ids.h"

namespace gridlock {

[[nodiscard]] constexpr std::uint32_t ipi_object(std::uint32_t cpu, std::uint32_t vector) {
  return cpu * kVectorsMax + vector;
}
[[nodiscard]] constexpr std::uint32_t softirq_object(std::uint32_t cpu) {
  return kCpusMax * kVectorsMax + cpu;
}
[[nodiscard]] constexpr std::uint32_t created_object(std::uint32_t cpu) {
  return kCpusMax * (kVectorsMax + 1) + cpu;
}
[[nodiscard]] constexpr std::uint32_t ended_object(std::uint32_t cpu) {
  return kCpusMax * (kVectorsMax + 2) + cpu;
}
static_assert(ended_object(kCpusMax - 1) < race::RaceJudge::kObjectsMax);

}  // namespace gridlock
