// Checks a document against a schema of openapi.json, for tests: the part of JSON Schema that the file uses. A keyword
// that is not known here is a fault, so that none is overlooked.
//
// May include: nothing of the engine.
#pragma once

#include <algorithm>
#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace gridlock::dashboard {

class SchemaFixture {
 public:
  using Json = nlohmann::json;

  explicit SchemaFixture(const char* path) {
    std::ifstream file(path);
    document_ = Json::parse(file);
  }

  // One line a fault, with the place in the document; none: it fits. `name` is below components/schemas.
  [[nodiscard]] std::vector<std::string> faults(const Json& document, const std::string& name) const {
    std::vector<std::string> found;
    check(document, {{"$ref", "#/components/schemas/" + name}}, name, found);
    return found;
  }

  // The schema of the answer of an operation: "get", "/api/v1/overview".
  [[nodiscard]] std::vector<std::string> faults_of_answer(const Json& document, const std::string& method,
                                                          const std::string& path) const {
    std::vector<std::string> found;
    const Json& answer = document_.at("paths").at(path).at(method).at("responses").at("200");
    check(document, answer.at("content").at("application/json").at("schema"), path, found);
    return found;
  }

 private:
  using Faults = std::vector<std::string>;

  void check(const Json& value, const Json& schema, const std::string& at, Faults& faults) const {
    if (schema.contains("$ref")) {
      const auto target = schema.at("$ref").get<std::string>().substr(1);
      return check(value, document_.at(Json::json_pointer(target)), at, faults);
    }
    for (const auto& [keyword, rule] : schema.items()) {
      if (!check_keyword(value, keyword, rule, schema, at, faults)) faults.push_back(at + ": no keyword " + keyword);
    }
  }

  bool check_keyword(const Json& value, const std::string& keyword, const Json& rule, const Json& schema,
                     const std::string& at, Faults& faults) const {
    static constexpr std::array<std::string_view, 3> kSaysNothing = {"description", "properties", "pattern"};
    const auto fault_unless = [&](bool good) {
      if (!good)
        faults.push_back(at + ": " + keyword + ": " + value.dump(-1, ' ', true, Json::error_handler_t::replace));
    };
    if (keyword == "type") {
      fault_unless(is_of_type(value, rule));
    } else if (keyword == "enum") {
      fault_unless(std::ranges::find(rule, value) != rule.end());
    } else if (keyword == "required") {
      for (const Json& name : rule) fault_unless(!value.is_object() || value.contains(name.get<std::string>()));
    } else if (keyword == "additionalProperties") {
      check_properties(value, schema, at, faults);
    } else if (keyword == "items") {
      for (std::size_t i = 0; value.is_array() && i < value.size(); ++i) {
        check(value[i], rule, at + "[" + std::to_string(i) + "]", faults);
      }
    } else if (keyword == "minItems") {
      fault_unless(!value.is_array() || value.size() >= rule.get<std::size_t>());
    } else if (keyword == "maxItems") {
      fault_unless(!value.is_array() || value.size() <= rule.get<std::size_t>());
    } else {
      return std::ranges::find(kSaysNothing, keyword) != kSaysNothing.end();
    }
    return true;
  }

  void check_properties(const Json& value, const Json& schema, const std::string& at, Faults& faults) const {
    if (!value.is_object()) return;
    for (const auto& [name, member] : value.items()) {
      if (schema.at("properties").contains(name)) {
        check(member, schema.at("properties").at(name), at + "." + name, faults);
      } else {
        faults.push_back(at + ": there is no member " + name);
      }
    }
  }

  static bool is_of_type(const Json& value, const Json& type) {
    if (type.is_array()) return std::ranges::any_of(type, [&](const Json& one) { return is_of_type(value, one); });
    if (type == "null") return value.is_null();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_boolean();
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    if (type == "array") return value.is_array();
    return type == "object" && value.is_object();
  }

  Json document_;
};

}  // namespace gridlock::dashboard
