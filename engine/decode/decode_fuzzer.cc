// Any bytes at all: they decode to a legal scenario, the scenario comes back from its bytes and from its text, and the
// same bytes read as a repro give a repro or an error. Built with -fsanitize=fuzzer,address; run by the test suite.
//
// May include: base, model.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/check.h"
#include "engine/decode/decode.h"
#include "engine/model/repro_text.h"
#include "engine/model/toy_schema.h"

namespace gridlock {
namespace {

void check_round_trips(const Repro& repro, const TargetSchema& schema) {
  GRIDLOCK_CHECK(is_legal(repro.scenario, schema));
  GRIDLOCK_CHECK(decode(encode(repro.scenario, schema), schema) == repro.scenario);
  GRIDLOCK_CHECK(parse_repro(print_repro(repro, schema), schema, "printed") == repro);
}

void check_as_text(std::string_view text, const TargetSchema& schema) {
  const auto target = repro_target(text, "input");
  const auto repro = parse_repro(text, schema, "input");
  if (!repro.has_value()) return;
  GRIDLOCK_CHECK(target == schema.name);
  check_round_trips(*repro, schema);
}

// A good text with one byte replaced: almost every error of the parser is one byte away from a repro, and few are near
// random bytes.
void check_damaged_text(std::span<const std::uint8_t> bytes, std::string text, const TargetSchema& schema) {
  if (bytes.size() < 3) return;
  const std::size_t at = (std::size_t{bytes[0]} << 8 | bytes[1]) % text.size();
  text[at] = static_cast<char>(bytes.back());
  check_as_text(text, schema);
}

void check_as_bytes(std::span<const std::uint8_t> bytes, const TargetSchema& schema) {
  Repro repro;
  repro.target = schema.name;
  repro.scenario = decode(bytes, schema);
  repro.site_hints.resize(repro.scenario.directives.size());
  check_round_trips(repro, schema);
  // Of a program, whose arguments are any bytes but zero; short, so that damage hits the line.
  std::string argument(reinterpret_cast<const char*>(bytes.data()), std::min<std::size_t>(bytes.size(), 16));
  std::erase(argument, '\0');
  repro.program_arguments = {argument, "-n"};
  check_round_trips(repro, schema);
  check_damaged_text(bytes, print_repro(repro, schema), schema);
}

}  // namespace
}  // namespace gridlock

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::array<gridlock::TargetSchema, 3> schemas = {gridlock::toy_schema(), gridlock::bare_schema(),
                                                                gridlock::wide_schema()};
  for (const auto& schema : schemas) {
    gridlock::check_as_bytes({data, size}, schema);
    gridlock::check_as_text({reinterpret_cast<const char*>(data), size}, schema);
  }
  return 0;
}
