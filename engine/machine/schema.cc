// A target's table as values, checked on the way.
//
// May include: base, model, hook.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "engine/machine/interrupts.h"
#include "engine/machine/machine.h"
#include "engine/model/repro_text.h"
#include "engine/model/verdict.h"

namespace gridlock {

namespace {

constexpr std::uint32_t kStatesMax = 32;

std::unexpected<Error> broken(const gl_target& target, const std::string& what) {
  return failure("use the target's table", target.name != nullptr ? target.name : "(without a name)",
                 what + "; see engine/hook/gridlock.h");
}

// Takes `name` into the table; `what` says what it names. ERRORS: it cannot stand in a repro, or stands for two things.
Result<void> check_name(const gl_target& target, const char* what, const char* name, std::vector<std::string>& known) {
  if (!is_repro_word(name)) {
    return broken(target, std::string("the name of ") + what + " \"" + name + "\" is not one word");
  }
  if (std::ranges::find(known, name) != known.end()) {
    return broken(target, std::string("it has the ") + what + " " + name + " twice");
  }
  known.emplace_back(name);
  return {};
}

Result<void> read_variants(const gl_target& target, TargetSchema& schema) {
  std::vector<std::string> known;
  for (const auto* entry = target.variants; entry != nullptr && entry->name != nullptr; ++entry) {
    if (auto named = check_name(target, "variant", entry->name, known); !named) return named;
    if (entry->expect == nullptr || !verdict_from_name(entry->expect)) {
      return broken(target, std::string("variant ") + entry->name + " expects what is no verdict");
    }
    schema.variants.push_back(
        {.name = entry->name, .summary = entry->summary != nullptr ? entry->summary : "", .expect = entry->expect});
  }
  if (schema.variants.empty()) return broken(target, "it has no variant");
  return {};
}

// What `variant` of the schema expects; empty, which is no verdict, if there is no such variant.
std::string_view expectation(const TargetSchema& schema, std::string_view variant) {
  const auto found = std::ranges::find(schema.variants, variant, &VariantSchema::name);
  return found == schema.variants.end() ? "" : std::string_view(found->expect);
}

bool is_line(const char* text) {
  return text != nullptr && *text != '\0' && std::string_view(text).find('\n') == std::string_view::npos;
}

// REQUIRES: the variants are read.
Result<void> read_bugs(const gl_target& target, TargetSchema& schema) {
  std::vector<std::string> known;
  for (const auto* entry = target.bugs; entry != nullptr && entry->variant != nullptr; ++entry) {
    if (auto named = check_name(target, "bug of variant", entry->variant, known); !named) return named;
    const std::string bug = std::string("the bug of variant ") + entry->variant;
    const auto broken_verdict = verdict_from_name(expectation(schema, entry->variant));
    if (!broken_verdict || !is_bug(*broken_verdict)) return broken(target, bug + " is of none that expects a bug");
    if (entry->fixed == nullptr || expectation(schema, entry->fixed) != "ok") {
      return broken(target, bug + " has no fixed variant that expects ok");
    }
    if (!is_line(entry->source) || !is_line(entry->failure)) {
      return broken(target, bug + " wants a line of source and one of failure");
    }
    schema.bugs.push_back({entry->variant, entry->fixed, entry->source, entry->failure});
  }
  return {};
}

Result<void> read_parameters(const gl_target& target, TargetSchema& schema) {
  std::vector<std::string> known;
  for (const auto* entry = target.parameters; entry != nullptr && entry->name != nullptr; ++entry) {
    if (auto named = check_name(target, "parameter", entry->name, known); !named) return named;
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
  std::vector<std::string> known;
  for (const auto* entry = target.operations; entry != nullptr && entry->name != nullptr; ++entry) {
    if (auto named = check_name(target, "operation", entry->name, known); !named) return named;
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
  std::vector<std::string> known;
  for (const auto* entry = target.vectors; entry != nullptr && entry->name != nullptr; ++entry) {
    if (auto named = check_name(target, "vector", entry->name, known); !named) return named;
    if (entry->handler == nullptr) return broken(target, std::string("vector ") + entry->name + " has no handler");
    if (entry->external) schema.external_vectors.push_back(static_cast<std::uint32_t>(schema.vectors.size()));
    schema.vectors.emplace_back(entry->name);
  }
  if (schema.vectors.size() > kVectorsMax) return broken(target, "it has more than 64 vectors");
  return {};
}

// What a schedule does not name and so the schema does not hold, but the machine calls.
Result<void> check_callbacks(const gl_target& target, TargetSchema&) {
  std::uint32_t softirqs = 0;
  for (const auto* entry = target.softirqs; entry != nullptr && entry->name != nullptr; ++entry, ++softirqs) {
    if (entry->handler == nullptr) return broken(target, std::string("softirq ") + entry->name + " has no handler");
  }
  if (softirqs > kSoftirqsMax) return broken(target, "it has more than 32 softirqs");
  for (const auto* entry = target.invariants; entry != nullptr && entry->name != nullptr; ++entry) {
    if (entry->holds == nullptr) return broken(target, std::string("invariant ") + entry->name + " has no function");
  }
  std::uint32_t states = 0;
  for (const auto* entry = target.states; entry != nullptr && entry->name != nullptr; ++entry, ++states) {
    if (entry->show == nullptr) return broken(target, std::string("state ") + entry->name + " has no function");
  }
  if (states > kStatesMax) return broken(target, "it shows more than 32 states");
  return {};
}

Result<void> read_entities(const gl_target& target, TargetSchema& schema) {
  for (const char* const* entity = target.entities; entity != nullptr && *entity != nullptr; ++entity) {
    if (auto named = check_name(target, "entity", *entity, schema.entities); !named) return named;
  }
  if (!schema.entities.empty() && target.migrate == nullptr) {
    return broken(target, "it names entities and has no migrate function");
  }
  return {};
}

}  // namespace

Result<TargetSchema> schema_of(const gl_target& target) {
  TargetSchema schema;
  if (target.name == nullptr || target.setup == nullptr) return broken(target, "it has no name or no setup");
  schema.name = target.name;
  if (!is_repro_word(target.name)) return broken(target, "its name is not one word");
  schema.summary = target.summary != nullptr ? target.summary : "";
  schema.models = target.models != nullptr ? target.models : "";
  if (target.cpus_minimum < 1 || target.cpus_minimum > target.cpus_maximum || target.cpus_maximum > kCpusMax) {
    return broken(target, "its number of cpus must lie within 1 to 64");
  }
  schema.cpus_minimum = target.cpus_minimum;
  schema.cpus_maximum = target.cpus_maximum;
  for (const auto& read :
       {read_variants, read_bugs, read_parameters, read_operations, read_vectors, check_callbacks, read_entities}) {
    if (auto done = read(target, schema); !done) return std::unexpected(done.error());
  }
  return schema;
}

}  // namespace gridlock
