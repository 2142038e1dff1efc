// A legal scenario drawn evenly from everything that is legal, limits often: what round trips are tested with. Unlike
// generate.h it does not care for bugs, only for forms.
//
// Used by tests only. May include: base, model.
#pragma once

#include <algorithm>

#include "engine/base/prng.h"
#include "engine/model/scenario.h"
#include "engine/model/target_schema.h"

namespace gridlock {

class AnyScenario {
 public:
  AnyScenario(Prng& prng, const TargetSchema& schema) : prng_(prng), schema_(schema) {}

  [[nodiscard]] Scenario draw() {
    Scenario scenario;
    for (const auto& parameter : schema_.parameters) {
      scenario.parameters.push_back(value(parameter.range.minimum, parameter.range.maximum));
    }
    scenario.programs.resize(value(schema_.cpus_minimum, schema_.cpus_maximum));
    for (auto& program : scenario.programs) {
      program.resize(prng_.below(5));
      for (OperationCall& call : program) call = draw_call();
    }
    for (std::uint32_t cpu = 0; cpu < scenario.cpu_count(); ++cpu) {
      const auto at = static_cast<std::ptrdiff_t>(prng_.below(cpu + 1));
      scenario.start_order.insert(scenario.start_order.begin() + at, CpuId(cpu));
    }
    scenario.directives.resize(prng_.below(10));
    for (Directive& directive : scenario.directives) directive = draw_directive(scenario.cpu_count());
    return scenario;
  }

 private:
  // One of the limits, the neighbourhood of the lower one, or anything.
  std::uint32_t value(std::uint32_t minimum, std::uint32_t maximum) {
    switch (prng_.below(4)) {
      case 0:
        return minimum;
      case 1:
        return maximum;
      case 2:
        return minimum + std::min(prng_.below(10'000), maximum - minimum);
      default:
        return prng_.between(minimum, maximum);
    }
  }

  std::uint32_t index(std::size_t count) { return value(0, static_cast<std::uint32_t>(count) - 1); }

  OperationCall draw_call() {
    OperationCall call{.operation = OperationId(index(schema_.operations.size()))};
    const auto& arguments = schema_.operations[call.operation.value()].arguments;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      call.arguments[i] = value(arguments[i].minimum, arguments[i].maximum);
    }
    return call;
  }

  Directive draw_directive(std::uint32_t cpu_count) {
    Directive directive{.cpu = CpuId(prng_.chance(1, 8) ? index(kCpusMax) : index(cpu_count)),
                        .point = PointIndex(value(1, kPointOrdinalMax))};
    const std::uint32_t choice = prng_.below(4);
    if (choice == 1 && !schema_.external_vectors.empty()) {
      directive.action = Action::kInterrupt;
      directive.a = schema_.external_vectors[index(schema_.external_vectors.size())];
    } else if (choice == 2 && !schema_.vectors.empty()) {
      directive.action = Action::kDefer;
      directive.a = index(schema_.vectors.size());
      directive.b = value(0, kDeferPointsMax);
    } else if (choice == 3 && !schema_.entities.empty()) {
      directive.action = Action::kMigrate;
      directive.a = index(schema_.entities.size());
      directive.b = index(cpu_count);
    }
    return directive;
  }

  Prng& prng_;
  const TargetSchema& schema_;
};

}  // namespace gridlock
