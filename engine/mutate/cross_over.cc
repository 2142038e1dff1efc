// See cross_over in mutate.h. May include: base, model, decode.
#include <algorithm>
#include <optional>
#include <utility>

#include "engine/mutate/mutate.h"

namespace gridlock {
namespace {

// One crossover: `child` begins as one parent, `other` is the other one.
class Crossing {
 public:
  Crossing(Prng& prng, const MutationOptions& options, const Scenario& other, Scenario& child)
      : prng_(prng), options_(options), other_(other), child_(child) {}

  // Whole programs: each cpu's is that of either parent, with the directives that were made for it.
  void exchange_programs() {
    for (std::uint32_t cpu = 0; cpu < common_cpus(); ++cpu) {
      if (!prng_.chance(1, 2)) continue;
      child_.programs[cpu] = other_.programs[cpu];
      drop_directives_of(CpuId(cpu));
      for (const Directive& directive : other_.directives) {
        if (directive.cpu.value() == cpu) adopt(directive);
      }
    }
    for (std::size_t i = 0; i < child_.parameters.size(); ++i) {
      if (prng_.chance(1, 2)) child_.parameters[i] = other_.parameters[i];
    }
  }

  // The beginning of one cpu's program, and the end of any of the other parent's. The directives stay: those for the
  // beginning are still right.
  void splice_programs() {
    auto& program = child_.programs[index(child_.programs.size())];
    const auto& tail = other_.programs[index(other_.programs.size())];
    program.resize(index(program.size() + 1));
    const std::size_t room = std::max<std::size_t>(options_.generate.calls_max, program.size());
    const std::size_t calls_max = std::min<std::size_t>(room, kProgramCallsMax);
    const std::size_t taken = std::min<std::size_t>(index(tail.size() + 1), calls_max - program.size());
    program.insert(program.end(), tail.end() - static_cast<std::ptrdiff_t>(taken), tail.end());
  }

  // The programs of one, and of the schedules of both about half.
  void mix_schedules() {
    std::erase_if(child_.directives, [&](const Directive&) { return prng_.chance(1, 2); });
    for (const Directive& directive : other_.directives) {
      if (prng_.chance(1, 2)) adopt(directive);
    }
    if (child_.start_order.size() == other_.start_order.size() && prng_.chance(1, 2)) {
      child_.start_order = other_.start_order;
    }
  }

 private:
  std::uint32_t index(std::size_t count) { return prng_.below(static_cast<std::uint32_t>(count)); }
  [[nodiscard]] std::uint32_t common_cpus() const { return std::min(child_.cpu_count(), other_.cpu_count()); }

  void drop_directives_of(CpuId cpu) {
    std::erase_if(child_.directives, [&](const Directive& directive) { return directive.cpu == cpu; });
  }

  // Takes over a directive of the other parent, if it means something here.
  void adopt(const Directive& directive) {
    if (directive.action == Action::kDemote && !options_.demotes) return;
    if (child_.directives.size() >= kDirectivesMax) return;
    if (const auto fitting = renumbered(directive)) child_.directives.push_back(*fitting);
  }

  // Cpus that a run creates are numbered behind those with a program, of which the parents may have different numbers.
  [[nodiscard]] std::optional<Directive> renumbered(Directive directive) const {
    std::uint32_t cpu = directive.cpu.value();
    if (cpu >= other_.cpu_count()) {
      cpu += child_.cpu_count() - other_.cpu_count();
    } else if (cpu >= child_.cpu_count()) {
      return std::nullopt;
    }
    if (cpu >= kCpusMax) return std::nullopt;
    if (directive.action == Action::kMigrate && directive.b >= child_.cpu_count()) return std::nullopt;
    directive.cpu = CpuId(cpu);
    return directive;
  }

  Prng& prng_;
  const MutationOptions& options_;
  const Scenario& other_;
  Scenario& child_;
};

// Both parents may have had the full size: what is too much goes, by chance.
void trim(Prng& prng, std::size_t directives_max, Scenario& child) {
  while (child.directives.size() > directives_max) {
    child.directives.erase(child.directives.begin() + prng.below(static_cast<std::uint32_t>(child.directives.size())));
  }
}

}  // namespace

Scenario cross_over(Prng& prng, const TargetSchema& schema, const MutationOptions& options, const Scenario& a,
                    const Scenario& b) {
  const bool first = prng.chance(1, 2);
  const Scenario& base = first ? a : b;
  Scenario child = base;
  Crossing crossing(prng, options, first ? b : a, child);
  switch (prng.below(4)) {
    case 0:
      crossing.splice_programs();
      break;
    case 1:
      crossing.mix_schedules();
      break;
    default:
      crossing.exchange_programs();
  }
  trim(prng, std::max<std::size_t>(options.generate.directives_max, base.directives.size()), child);
  // What was alike in both, or was exchanged as a whole, has given one of them again.
  if (child == a || child == b) mutate(prng, schema, options, {}, child);
  return child;
}

}  // namespace gridlock
