// For tests of the machine and the ABI: one machine a suite, and scenarios in one line:
//
//     run("ticket", {"section; section", "section"}, {demote(0, 3)})
//
// A program is a list of operations of the target by name, separated by semicolons, each followed by its arguments.
//
// Used by tests only. May include: base, model, hook, strategy.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "engine/machine/machine.h"
#include "engine/machine/test_targets/test_targets.h"
#include "engine/strategy/strategies.h"

namespace gridlock {

inline const gl_target& test_target(const std::string& name) {
  for (const gl_target* const* target = machine_test_targets; *target != nullptr; ++target) {
    if (name == (*target)->name) return **target;
  }
  ADD_FAILURE() << "no test target " << name;
  return **machine_test_targets;
}

// "spin 1; set" -> two calls.
inline std::vector<OperationCall> parse_program(const gl_target& target, const std::string& text) {
  std::vector<OperationCall> calls;
  std::istringstream operations(text);
  for (std::string operation; std::getline(operations, operation, ';');) {
    std::istringstream words(operation);
    std::string name;
    words >> name;
    std::uint32_t number = 0;
    while (target.operations[number].name != nullptr && name != target.operations[number].name) ++number;
    if (target.operations[number].name == nullptr) {
      ADD_FAILURE() << target.name << " has no operation " << name;
      continue;
    }
    OperationCall call{.operation = OperationId(number)};
    for (std::uint32_t& argument : call.arguments) words >> argument;
    calls.push_back(call);
  }
  return calls;
}

inline Scenario make_scenario(const std::string& target, const std::vector<std::string>& programs,
                              std::vector<Directive> directives = {}) {
  Scenario scenario;
  for (const std::string& program : programs) {
    scenario.start_order.push_back(CpuId(static_cast<std::uint32_t>(scenario.programs.size())));
    scenario.programs.push_back(parse_program(test_target(target), program));
  }
  scenario.directives = std::move(directives);
  return scenario;
}

inline Directive demote(std::uint32_t cpu, std::uint32_t point) {
  return {CpuId(cpu), PointIndex(point)};
}
inline Directive interrupt(std::uint32_t cpu, std::uint32_t point, std::uint32_t vector) {
  return {CpuId(cpu), PointIndex(point), Action::kInterrupt, vector, 0};
}
inline Directive defer(std::uint32_t cpu, std::uint32_t point, std::uint32_t vector, std::uint32_t points) {
  return {CpuId(cpu), PointIndex(point), Action::kDefer, vector, points};
}
inline Directive migrate(std::uint32_t cpu, std::uint32_t point, std::uint32_t entity, std::uint32_t to) {
  return {CpuId(cpu), PointIndex(point), Action::kMigrate, entity, to};
}

inline bool is_flavour(const char* name) {
  return std::strcmp(Machine::flavour(), name) == 0;
}

class MachineFixture : public testing::Test {
 public:
  static void SetUpTestSuite() {
    auto created = Machine::create();
    ASSERT_TRUE(created.has_value()) << created.error().message();
    machine_ = std::move(*created);
  }
  static void TearDownTestSuite() { machine_.reset(); }

  const RunView& run(const std::string& target, const Scenario& scenario, const RunOptions& options = {}) {
    return machine_->run(test_target(target), scenario, *strategy_, options);
  }
  const RunView& run(const std::string& target, const std::vector<std::string>& programs,
                     std::vector<Directive> directives = {}, const RunOptions& options = {}) {
    scenario_ = make_scenario(target, programs, std::move(directives));
    return run(target, scenario_, options);
  }

 protected:
  inline static std::unique_ptr<Machine> machine_;
  Scenario scenario_;
  std::unique_ptr<Strategy> strategy_ = make_strategy("directed", {});
};

// The steps of a trace of one kind, in order.
inline std::vector<Step> steps_of_kind(const RunView& view, StepKind kind) {
  std::vector<Step> steps;
  for (const Step& step : view.trace->steps) {
    if (step.kind == kind) steps.push_back(step);
  }
  return steps;
}

}  // namespace gridlock
