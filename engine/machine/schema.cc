// A target's table as values, checked on the way.
//
// May include: base, model, hook.
#include <algorithm>
#include <string>

#include "engine/machine/interrupts.h"
#include "engine/machine/machine.h"

namespace gridlock {

namespace {

std::unexpected<Error> broken(const gl_target& target, const std::string& what) {
  return failure("use the target's table", target.name != nullptr ? target.name : "(without a name)",
                 what + "; see engine/hook/gridlock.h");
}

Result<void> read_variants(const gl_target& target, TargetSchema& schema) {
  for (const auto* entry = target.variants; entry != nullptr && entry->name != nullptr; ++entry) {
    if (entry->expect == nullptr) return broken(target, std::string("variant ") + entry->name + " expects nothing");
    schema.variants.push_back(
        {.name = entry->name, .summary = entry->summary != nullptr ? entry->summary : "", .expect = entry->expect});
  }
  if (schema.variants.empty()) return broken(target, "it has no variant");
  return {};
}

Result<void> read_parameters(const gl_target& target, TargetSchema& schema) {
  for (const auto* entry = target.parameters; entry != nullptr && entry->name != nullptr; ++entry) {
    if (entry->minimum > entry->maximum || entry->fuzz_minimum > entry->fuzz_maximum ||
        entry->fuzz_minimum < entry->minimum || entry->fuzz_maximum > entry->maximum) {
      return broken(target, std::string("the ranges of parameter ") + entry->name + " do not nest");
    }
    schema.parameters.push_back({.range = {entry->name, entry->minimum, entry->maximum},
                                 .fuzz_minimum = entry->fuzz_minimum,
                                 .fuzz_maximum = entry->fuzz_maximum});
  }
  return {};
}

Result<void> read_operations(const gl_target& target, TargetSchema& schema) {
  for (const auto* entry = target.operations; entry != nullptr && entry->name != nullptr; ++entry) {
    if (entry->run == nullptr) return broken(target, std::string("operation ") + entry->name + " has no function");
    OperationSchema operation{.name = entry->name, .arguments = {}};
    for (const gl_range& range : entry->arguments) {
      if (range.name == nullptr) break;
      if (range.minimum > range.maximum) {
        return broken(target, std::string("argument ") + range.name + " of " + entry->name + " is upside down");
      }
      operation.arguments.push_back({range.name, range.minimum, range.maximum});
    }
    schema.operations.push_back(std::move(operation));
  }
  if (schema.operations.empty()) return broken(target, "it has no operation");
  return {};
}

Result<void> read_vectors(const gl_target& target, TargetSchema& schema) {
  for (const auto* entry = target.vectors; entry != nullptr && entry->name != nullptr; ++entry) {
    if (entry->handler == nullptr) return broken(target, std::string("vector ") + entry->name + " has no handler");
    if (entry->external) schema.external_vectors.push_back(static_cast<std::uint32_t>(schema.vectors.size()));
    schema.vectors.emplace_back(entry->name);
  }
  if (schema.vectors.size() > kVectorsMax) return broken(target, "it has more than 64 vectors");
  return {};
}

}  // namespace

Result<TargetSchema> schema_of(const gl_target& target) {
  TargetSchema schema;
  if (target.name == nullptr || target.setup == nullptr) return broken(target, "it has no name or no setup");
  schema.name = target.name;
  schema.summary = target.summary != nullptr ? target.summary : "";
  schema.models = target.models != nullptr ? target.models : "";
  if (target.cpus_minimum < 1 || target.cpus_minimum > target.cpus_maximum || target.cpus_maximum > kCpusMax) {
    return broken(target, "its number of cpus must lie within 1 to 64");
  }
  schema.cpus_minimum = target.cpus_minimum;
  schema.cpus_maximum = target.cpus_maximum;
  for (const auto& read : {read_variants, read_parameters, read_operations, read_vectors}) {
    if (auto done = read(target, schema); !done) return std::unexpected(done.error());
  }
  for (const char* const* entity = target.entities; entity != nullptr && *entity != nullptr; ++entity) {
    schema.entities.emplace_back(*entity);
  }
  if (!schema.entities.empty() && target.migrate == nullptr) {
    return broken(target, "it names entities and has no migrate function");
  }
  return schema;
}

}  // namespace gridlock
