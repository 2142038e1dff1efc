#include "engine/cli/schema_file.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

namespace gridlock {
namespace {

using nlohmann::json;
using Bounds = std::pair<std::uint32_t, std::uint32_t>;

json to_json(const RangeSchema& range) {
  return {{"name", range.name}, {"legal", Bounds(range.minimum, range.maximum)}};
}

RangeSchema range_from(const json& object) {
  const auto [minimum, maximum] = object.at("legal").get<Bounds>();
  return {object.at("name").get<std::string>(), minimum, maximum};
}

json to_json(const ParameterSchema& parameter) {
  json object = to_json(parameter.range);
  object["fuzz"] = Bounds(parameter.fuzz_minimum, parameter.fuzz_maximum);
  return object;
}

ParameterSchema parameter_from(const json& object) {
  const auto [minimum, maximum] = object.at("fuzz").get<Bounds>();
  return {range_from(object), minimum, maximum};
}

json to_json(const OperationSchema& operation) {
  json arguments = json::array();
  for (const auto& argument : operation.arguments) arguments.push_back(to_json(argument));
  return {{"name", operation.name}, {"arguments", std::move(arguments)}};
}

OperationSchema operation_from(const json& object) {
  OperationSchema operation{object.at("name").get<std::string>(), {}};
  for (const auto& argument : object.at("arguments")) operation.arguments.push_back(range_from(argument));
  return operation;
}

TargetSchema schema_from(const json& object) {
  TargetSchema schema;
  schema.name = object.at("name").get<std::string>();
  std::tie(schema.cpus_minimum, schema.cpus_maximum) = object.at("cpus").get<Bounds>();
  for (const auto& parameter : object.at("parameters")) schema.parameters.push_back(parameter_from(parameter));
  for (const auto& operation : object.at("operations")) schema.operations.push_back(operation_from(operation));
  schema.vectors = object.at("vectors").get<std::vector<std::string>>();
  schema.external_vectors = object.at("external_vectors").get<std::vector<std::uint32_t>>();
  schema.entities = object.at("entities").get<std::vector<std::string>>();
  return schema;
}

}  // namespace

std::string schema_to_text(const TargetSchema& schema) {
  json parameters = json::array();
  for (const auto& parameter : schema.parameters) parameters.push_back(to_json(parameter));
  json operations = json::array();
  for (const auto& operation : schema.operations) operations.push_back(to_json(operation));
  const json object = {{"name", schema.name},
                       {"cpus", Bounds(schema.cpus_minimum, schema.cpus_maximum)},
                       {"parameters", std::move(parameters)},
                       {"operations", std::move(operations)},
                       {"vectors", schema.vectors},
                       {"external_vectors", schema.external_vectors},
                       {"entities", schema.entities}};
  return object.dump() + "\n";
}

Result<TargetSchema> schema_from_text(std::string_view text) {
  // Exceptions of the JSON library end here.
  try {
    return schema_from(json::parse(text));
  } catch (const json::exception& error) {
    return failure("understand the schema of a target", "", error.what());
  }
}

}  // namespace gridlock
