// See search.h. May include: base, model.
#include "engine/reduce/search.h"

#include <utility>

namespace gridlock {
namespace {

// Lists are preceded by their lengths, or two scenarios could spell the same words.
Hash128 hash_of(const Scenario& scenario) {
  Hasher hasher;
  hasher.add(scenario.parameters.size());
  for (const std::uint32_t parameter : scenario.parameters) hasher.add(parameter);
  hasher.add(scenario.programs.size());
  for (const auto& program : scenario.programs) {
    hasher.add(program.size());
    for (const OperationCall& call : program) {
      hasher.add(call.operation.value());
      for (const std::uint32_t argument : call.arguments) hasher.add(argument);
    }
  }
  for (const CpuId cpu : scenario.start_order) hasher.add(cpu.value());
  for (const Directive& directive : scenario.directives) {
    hasher.add(directive.cpu.value());
    hasher.add(directive.point.value());
    hasher.add(static_cast<std::uint64_t>(directive.action));
    hasher.add(directive.a);
    hasher.add(directive.b);
  }
  return hasher.finish();
}

}  // namespace

Search::Search(Scenario original, const TrialFunction& trial, std::uint64_t trials_max)
    : trial_(trial), trials_max_(trials_max), best_(std::move(original)), size_(size_of(best_)) {}

bool Search::start() {
  if (trials_max_ == 0) {
    exhausted_ = true;
    return false;
  }
  ++trials_;
  Trial told = trial_(best_);
  starts_ = std::move(told.operation_starts);
  return told.keeps;
}

bool Search::attempt(const Scenario& candidate) {
  const Size size = size_of(candidate);
  if (exhausted_ || size >= size_) return false;
  const Hash128 hash = hash_of(candidate);
  if (tried_.contains(hash)) return false;
  if (trials_ == trials_max_) {
    exhausted_ = true;
    return false;
  }
  tried_.insert(hash);
  ++trials_;
  Trial told = trial_(candidate);
  if (!told.keeps) return false;
  best_ = candidate;
  size_ = size;
  starts_ = std::move(told.operation_starts);
  return true;
}

}  // namespace gridlock
