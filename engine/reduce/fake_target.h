// For tests of the reducer: a target whose operations pass a fixed number of points each, and scenarios of it written
// as text: {"XY", "Z"} is a cpu 0 that runs X and then Y, and a cpu 1 that runs Z.
//
// May include: base, model.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/reduce/edits.h"
#include "engine/reduce/reduce.h"

namespace gridlock::fake {

// Operations X, Y and Z pass 5, 3 and 7 points. X has an argument of 0 to 100, Z one of 2 to 9.
inline constexpr std::uint32_t kPoints[] = {5, 3, 7};

inline TargetSchema schema() {
  TargetSchema schema;
  schema.name = "fake";
  schema.cpus_minimum = 1;
  schema.cpus_maximum = 8;
  schema.variants = {{"only", "", "hang"}};
  schema.parameters = {{{"budget", 1, 1'000}, 2, 4}};
  schema.operations = {{"X", {{"n", 0, 100}}}, {"Y", {}}, {"Z", {{"m", 2, 9}}}};
  schema.vectors.assign(64, "vector");
  for (std::uint32_t vector = 0; vector < 64; ++vector) schema.external_vectors.push_back(vector);
  schema.entities = {"vcpu"};
  return schema;
}

inline OperationCall call(char name) {
  OperationCall call;
  call.operation = OperationId(static_cast<std::uint32_t>(name - 'X'));
  if (name == 'Z') call.arguments[0] = 2;
  return call;
}

inline Scenario scenario(const std::vector<std::string_view>& programs, std::vector<Directive> directives = {}) {
  Scenario scenario;
  scenario.parameters = {1};
  for (const std::string_view text : programs) {
    scenario.start_order.emplace_back(static_cast<std::uint32_t>(scenario.programs.size()));
    auto& program = scenario.programs.emplace_back();
    for (const char name : text) program.push_back(call(name));
  }
  scenario.directives = std::move(directives);
  return scenario;
}

inline Directive demote(std::uint32_t cpu, std::uint32_t point) {
  return {CpuId(cpu), PointIndex(point)};
}
inline Directive interrupt(std::uint32_t cpu, std::uint32_t point, std::uint32_t vector) {
  return {CpuId(cpu), PointIndex(point), Action::kInterrupt, vector};
}
inline Directive defer(std::uint32_t cpu, std::uint32_t point, std::uint32_t vector, std::uint32_t points) {
  return {CpuId(cpu), PointIndex(point), Action::kDefer, vector, points};
}
inline Directive migrate(std::uint32_t cpu, std::uint32_t point, std::uint32_t to) {
  return {CpuId(cpu), PointIndex(point), Action::kMigrate, 0, to};
}

// What a run of the scenario would tell of where its operations start.
inline OperationStarts starts(const Scenario& scenario) {
  OperationStarts starts;
  for (const auto& program : scenario.programs) {
    std::uint32_t points = 0;
    auto& of_cpu = starts.emplace_back();
    for (const OperationCall& call : program) {
      of_cpu.push_back(points);
      points += kPoints[call.operation.value()];
    }
  }
  return starts;
}

// True if the directive is aimed at a point of an operation with that name.
inline bool is_inside(const Scenario& scenario, const Directive& directive, char name) {
  if (directive.cpu.value() >= scenario.cpu_count()) return false;
  std::uint32_t points = 0;
  for (const OperationCall& call : scenario.programs[directive.cpu.value()]) {
    const std::uint32_t end = points + kPoints[call.operation.value()];
    const std::uint32_t point = directive.point.value();
    if (point > points && point <= end) return call.operation.value() == static_cast<std::uint32_t>(name - 'X');
    points = end;
  }
  return false;
}

}  // namespace gridlock::fake
