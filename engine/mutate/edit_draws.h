// Tests of edits as one line each: directives and operations by short names, what an edit makes of a scenario drawn
// again and again, and schedules as text.
//
// Used by tests only. May include: base, model, decode.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/decode/decode.h"
#include "engine/mutate/edits.h"
#include "engine/mutate/toy_profile.h"

namespace gridlock {

inline constexpr int kDraws = 500;

// An operation of toy_schema, of which the third takes more arguments.
inline OperationCall call(std::uint32_t operation, std::uint32_t argument = 0) {
  if (operation == 2) return {.operation = OperationId(2), .arguments = {argument, 5, 1000, 0}};
  return {.operation = OperationId(operation), .arguments = {argument}};
}

inline Directive demote(std::uint32_t cpu, std::uint32_t point) {
  return demote_at({cpu, point});
}
inline Directive interrupt(std::uint32_t cpu, std::uint32_t point, std::uint32_t vector) {
  return {.cpu = CpuId(cpu), .point = PointIndex(point), .action = Action::kInterrupt, .a = vector};
}
inline Directive deferral(std::uint32_t cpu, std::uint32_t point, std::uint32_t vector, std::uint32_t points) {
  return {.cpu = CpuId(cpu), .point = PointIndex(point), .action = Action::kDefer, .a = vector, .b = points};
}
inline Directive migration(std::uint32_t cpu, std::uint32_t point, std::uint32_t entity, std::uint32_t to) {
  return {.cpu = CpuId(cpu), .point = PointIndex(point), .action = Action::kMigrate, .a = entity, .b = to};
}

inline Scenario scenario_of(std::vector<std::vector<OperationCall>> programs, std::vector<Directive> directives) {
  Scenario scenario{.parameters = {2, 7}, .programs = std::move(programs), .directives = std::move(directives)};
  for (std::uint32_t cpu = 0; cpu < scenario.cpu_count(); ++cpu) scenario.start_order.push_back(CpuId(cpu));
  return scenario;
}

// What an edit makes of one scenario, drawn again and again.
class Draws {
 public:
  explicit Draws(Scenario base) : base_(std::move(base)) {}
  Draws& profile(RunProfile profile) {
    profile_ = std::move(profile);
    has_profile_ = true;
    return *this;
  }
  Draws& sites(std::vector<Site> sites) {
    sites_ = std::move(sites);
    return *this;
  }
  Draws& schema(TargetSchema schema) {
    schema_ = std::move(schema);
    return *this;
  }
  Draws& options(MutationOptions options) {
    options_ = options;
    return *this;
  }

  // How often it changed something. Each time, it is legal and `check` sees it; otherwise nothing has changed.
  int of(Edit edit, const std::function<void(const Scenario&)>& check = [](const Scenario&) {}) {
    EXPECT_TRUE(is_legal(base_, schema_));
    Prng prng(1);
    int made = 0;
    for (int i = 0; i < kDraws; ++i) {
      Scenario scenario = base_;
      EditContext context(prng, schema_, options_, {.profile = has_profile_ ? &profile_ : nullptr, .sites = sites_});
      const bool changed = edit(context, scenario);
      EXPECT_EQ(changed, scenario != base_);
      EXPECT_TRUE(is_legal(scenario, schema_));
      made += changed ? 1 : 0;
      if (changed) check(scenario);
    }
    return made;
  }
  // All that it makes of the schedule.
  std::set<std::vector<std::string>> schedules(Edit edit);

 private:
  Scenario base_;
  RunProfile profile_;
  bool has_profile_ = false;
  std::vector<Site> sites_;
  TargetSchema schema_ = toy_schema();
  MutationOptions options_;
};

// "1:5 demote", "0:3 interrupt 2", "0:3 defer 1 8", "0:3 migrate 0 1".
inline std::string text_of(const Directive& directive) {
  const std::string place = std::to_string(directive.cpu.value()) + ":" + std::to_string(directive.point.value());
  const std::string a = " " + std::to_string(directive.a);
  switch (directive.action) {
    case Action::kDemote:
      return place + " demote";
    case Action::kInterrupt:
      return place + " interrupt" + a;
    case Action::kDefer:
      return place + " defer" + a + " " + std::to_string(directive.b);
    case Action::kMigrate:
      return place + " migrate" + a + " " + std::to_string(directive.b);
    case Action::kStale:
    case Action::kDelayStore:
      break;
  }
  return place + " reserved";
}

using Schedule = std::vector<std::string>;

inline Schedule schedule_of(const Scenario& scenario) {
  Schedule schedule;
  for (const Directive& directive : scenario.directives) schedule.push_back(text_of(directive));
  return schedule;
}

inline std::set<Schedule> Draws::schedules(Edit edit) {
  std::set<Schedule> found;
  of(edit, [&](const Scenario& scenario) { found.insert(schedule_of(scenario)); });
  return found;
}

using Schedules = std::set<Schedule>;

// The operations of a program: "0 1 2".
inline std::string program_of(const Scenario& scenario, std::uint32_t cpu) {
  std::string text;
  for (const OperationCall& one : scenario.programs[cpu]) {
    text += (text.empty() ? "" : " ") + std::to_string(one.operation.value());
  }
  return text;
}

}  // namespace gridlock
