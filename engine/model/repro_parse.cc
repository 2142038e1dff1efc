// Reads the text form of a repro: one function a production of the grammar in docs/FORMAT.md, top to bottom.
//
// Every function returns false once an error is recorded, and the first error is the one that is reported: what was
// expected at a line and column, and what stands there. May include: base.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "engine/model/repro_line.h"
#include "engine/model/repro_text.h"

namespace gridlock {
namespace {

// The first words of lines, in the order in which the lines stand.
constexpr std::array<std::string_view, 9> kLineOrder = {"gridlock-repro", "target", "program", "signature", "expect",
                                                        "parameter",      "cpu",    "order",   "at"};

std::string_view parameter_name(const ParameterSchema& parameter) {
  return parameter.range.name;
}

class ReproParser {
 public:
  ReproParser(std::string_view text, std::string_view path) : text_(text), path_(path) {}

  Result<std::string> target() {
    std::string name;
    if (start() && header() && target_line(name)) return name;
    return std::unexpected(*error_);
  }

  Result<Repro> repro(const TargetSchema& schema) {
    schema_ = &schema;
    if (start() && header() && target_line(repro_.target) && target_is_known() && program_line() && signature() &&
        expectations() && parameters() && programs() && start_order() && directives() && end_of_text()) {
      return std::move(repro_);
    }
    return std::unexpected(*error_);
  }

 private:
  // ---- Lines ----

  bool start() {
    if (text_.size() <= kReproBytesMax) return next_line();
    error_ = Error{"read the repro", std::string(path_),
                   fmt::format("expected at most {} bytes, found {}", kReproBytesMax, text_.size())};
    return false;
  }

  // Goes to the next line that holds more than blanks and a comment, or to the end of the text.
  bool next_line() {
    while (!text_.empty()) {
      const std::size_t end = text_.find('\n');
      std::string_view line = text_.substr(0, end);
      text_.remove_prefix(end == std::string_view::npos ? text_.size() : end + 1);
      if (line.ends_with('\r')) line.remove_suffix(1);
      ++line_number_;
      if (const std::size_t bad = first_byte_not_text(line); bad != std::string_view::npos) {
        return fail_at(bad + 1, "UTF-8 text", fmt::format("byte 0x{:02x}", static_cast<unsigned char>(line[bad])));
      }
      cursor_ = LineCursor(line);
      if (!cursor_.at_end()) return true;
    }
    ++line_number_;
    cursor_ = LineCursor();
    ended_ = true;
    return true;
  }

  bool end_of_line() { return cursor_.at_end() ? next_line() : fail("the end of the line"); }

  // True if this very word stands here; moves behind it.
  bool take_keyword(std::string_view keyword) {
    if (cursor_.word() != keyword) return false;
    cursor_.next_word();
    return true;
  }

  // ---- Errors ----

  bool fail_at(std::size_t column, std::string_view expected, std::string_view found) {
    error_ = Error{"read the repro", fmt::format("{}:{}:{}", path_, line_number_, column),
                   fmt::format("expected {}, found {}", expected, found)};
    return false;
  }

  bool fail(std::string_view expected) {
    return fail_at(cursor_.column(), expected, ended_ ? "the end of the text" : cursor_.found());
  }

  // A whole line is missing, or stands where it must not.
  bool fail_line(std::string_view expected) {
    if (std::ranges::find(kLineOrder, cursor_.word()) == kLineOrder.end()) return fail(expected);
    return fail_at(cursor_.column(), expected,
                   fmt::format("a line `{}`; the order of lines is: {}", cursor_.word(), fmt::join(kLineOrder, ", ")));
  }

  // ---- Words and numbers ----

  // Finds the word here among `names` and moves behind it. `what` is what the names are names of, e.g. "a vector".
  template <typename Names, typename NameOf>
  bool name_among(const Names& names, const NameOf& name_of, std::string_view what, std::uint32_t& index) {
    const auto at = std::ranges::find(names, cursor_.word(), name_of);
    if (at == names.end()) {
      std::vector<std::string_view> known;
      for (const auto& entry : names) known.push_back(std::invoke(name_of, entry));
      if (known.empty()) return fail(fmt::format("{}, of which the target has none", what));
      return fail(fmt::format("{} (one of: {})", what, fmt::join(known, ", ")));
    }
    cursor_.next_word();
    index = static_cast<std::uint32_t>(at - names.begin());
    return true;
  }

  bool number(std::string_view what, std::uint32_t minimum, std::uint32_t maximum, std::uint32_t& value) {
    const std::string_view word = cursor_.word();
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    const bool is_number = !word.empty() && error == std::errc() && end == word.data() + word.size();
    if (!is_number || value < minimum || value > maximum) {
      return fail(fmt::format("{}, a number from {} to {}", what, minimum, maximum));
    }
    cursor_.next_word();
    return true;
  }

  bool mark(char mark, std::string_view what) { return cursor_.take(mark) || fail(what); }

  bool word(std::string_view keyword) { return take_keyword(keyword) || fail(fmt::format("`{}`", keyword)); }

  // ---- The grammar ----

  bool header() {
    if (!take_keyword("gridlock-repro")) return fail("`gridlock-repro 1`, the first line of a repro");
    std::uint32_t version = 0;
    const LineCursor before = cursor_;
    if (!number("the version of the format", 0, std::numeric_limits<std::uint32_t>::max(), version)) return false;
    if (version == kReproVersion) return end_of_line();
    cursor_ = before;
    return fail(fmt::format("version {}, the one that this build reads", kReproVersion));
  }

  bool target_line(std::string& name) {
    if (!take_keyword("target")) return fail_line("`target NAME`");
    target_name_ = cursor_;
    target_line_number_ = line_number_;
    if (cursor_.word().empty()) return fail("the name of a target");
    name = cursor_.next_word();
    return end_of_line();
  }

  // Checked only when the schema is known: repro_target reads any name.
  bool target_is_known() {
    if (repro_.target == schema_->name) return true;
    line_number_ = target_line_number_;
    return fail_at(target_name_.column(), fmt::format("the target '{}'", schema_->name), target_name_.found());
  }

  bool program_line() {
    if (!take_keyword("program")) return true;
    auto& arguments = repro_.program_arguments.emplace();
    while (!cursor_.at_end()) {
      if (arguments.size() == kProgramArgumentsMax) {
        return fail(fmt::format("the end of the line after {} arguments, the most there may be", kProgramArgumentsMax));
      }
      if (!cursor_.take_quoted(arguments.emplace_back())) {
        return fail("an argument between quotation marks, with \\\" \\\\ \\xHH for what is no text");
      }
    }
    return next_line();
  }

  bool signature() {
    if (!take_keyword("signature")) return true;
    if (cursor_.rest().empty()) return fail("a signature");
    repro_.signature = cursor_.rest();
    return next_line();
  }

  bool expectations() {
    while (take_keyword("expect")) {
      const LineCursor before = cursor_;
      std::uint32_t variant = 0;
      std::uint32_t verdict = 0;
      if (!name_among(schema_->variants, &VariantSchema::name, "a variant", variant)) return false;
      const std::string& name = schema_->variants[variant].name;
      if (std::ranges::find(repro_.expectations, name, &Expectation::variant) != repro_.expectations.end()) {
        cursor_ = before;
        return fail("a variant that has no expectation yet");
      }
      if (!name_among(verdict_names(), std::identity(), "a verdict", verdict)) return false;
      repro_.expectations.push_back({name, static_cast<VerdictKind>(verdict)});
      if (!end_of_line()) return false;
    }
    return true;
  }

  bool parameters() {
    const auto& known = schema_->parameters;
    std::vector<std::optional<std::uint32_t>> values(known.size());
    while (take_keyword("parameter")) {
      const LineCursor before = cursor_;
      std::uint32_t index = 0;
      if (!name_among(known, parameter_name, "a parameter", index)) return false;
      if (values[index].has_value()) {
        cursor_ = before;
        return fail("a parameter that has no value yet");
      }
      const RangeSchema& range = known[index].range;
      if (!number(range.name, range.minimum, range.maximum, values[index].emplace()) || !end_of_line()) return false;
    }
    for (std::size_t i = 0; i < known.size(); ++i) {
      const RangeSchema& range = known[i].range;
      if (!values[i].has_value()) {
        return fail_line(fmt::format("`parameter {} N`, N from {} to {}", range.name, range.minimum, range.maximum));
      }
      repro_.scenario.parameters.push_back(*values[i]);
    }
    return true;
  }

  bool programs() {
    auto& programs = repro_.scenario.programs;
    while (cursor_.word() == "cpu") {
      if (programs.size() == schema_->cpus_maximum) {
        return fail(fmt::format("`order`, as the target takes at most {} cpus", schema_->cpus_maximum));
      }
      cursor_.next_word();
      const std::size_t next = programs.size();
      if (!take_keyword(std::to_string(next))) return fail(fmt::format("{}, the number of the next cpu", next));
      if (!mark(':', "':'")) return false;
      if (!program(programs.emplace_back()) || !end_of_line()) return false;
    }
    if (programs.size() >= schema_->cpus_minimum) return true;
    return fail_line(
        fmt::format("`cpu {}:`, as the target takes at least {} cpus", programs.size(), schema_->cpus_minimum));
  }

  bool program(std::vector<OperationCall>& program) {
    if (cursor_.at_end()) return true;
    do {
      if (program.size() == kProgramCallsMax) {
        return fail(fmt::format("the end of the line after {} operations, the most a cpu may have", kProgramCallsMax));
      }
      if (!call(program.emplace_back())) return false;
    } while (cursor_.take(';'));
    return cursor_.at_end() || fail("';' or the end of the line");
  }

  bool call(OperationCall& call) {
    std::uint32_t index = 0;
    if (!name_among(schema_->operations, &OperationSchema::name, "an operation", index) || !mark('(', "'('")) {
      return false;
    }
    call.operation = OperationId(index);
    const OperationSchema& operation = schema_->operations[index];
    for (std::size_t i = 0; i < operation.arguments.size(); ++i) {
      const RangeSchema& range = operation.arguments[i];
      if (i > 0 && !mark(',', fmt::format("',' and the argument {} of {}", range.name, operation.name))) return false;
      const std::string what = fmt::format("the argument {} of {}", range.name, operation.name);
      if (!number(what, range.minimum, range.maximum, call.arguments[i])) return false;
    }
    return mark(')', fmt::format("')' after the {} arguments of {}", operation.arguments.size(), operation.name));
  }

  bool start_order() {
    auto& order = repro_.scenario.start_order;
    const std::uint32_t cpu_count = repro_.scenario.cpu_count();
    if (!take_keyword("order")) return fail_line(fmt::format("`cpu {}:` or `order`", cpu_count));
    while (order.size() < cpu_count) {
      const LineCursor before = cursor_;
      std::uint32_t cpu = 0;
      if (!number("a cpu", 0, cpu_count - 1, cpu)) return false;
      if (std::ranges::find(order, CpuId(cpu)) != order.end()) {
        cursor_ = before;
        return fail("a cpu that is not in the order yet");
      }
      order.push_back(CpuId(cpu));
    }
    return end_of_line();
  }

  bool directives() {
    auto& directives = repro_.scenario.directives;
    while (cursor_.word() == "at") {
      if (directives.size() == kDirectivesMax) {
        return fail(fmt::format("the end of the text after {} directives, the most there may be", kDirectivesMax));
      }
      cursor_.next_word();
      if (!directive(directives.emplace_back())) return false;
      repro_.site_hints.emplace_back(cursor_.comment());
      if (!end_of_line()) return false;
    }
    return true;
  }

  // Any cpu that can be, since a run may create cpus that have no line of their own.
  bool directive(Directive& directive) {
    std::uint32_t cpu = 0;
    std::uint32_t point = 0;
    if (!word("cpu") || !number("a cpu", 0, kCpusMax - 1, cpu)) return false;
    if (!word("point") || !number("a point", 1, kPointOrdinalMax, point)) return false;
    directive.cpu = CpuId(cpu);
    directive.point = PointIndex(point);
    return action(directive);
  }

  bool action(Directive& directive) {
    const std::string_view word = cursor_.word();
    if (word == "stale" || word == "delay-store") {
      return fail_at(cursor_.column(), "demote, interrupt, defer or migrate",
                     fmt::format("'{}', which is reserved and not supported by this version", word));
    }
    if (take_keyword("demote")) return set(directive, Action::kDemote);
    if (take_keyword("interrupt")) return set(directive, Action::kInterrupt) && external_vector(directive.a);
    if (take_keyword("defer")) {
      return set(directive, Action::kDefer) && name(schema_->vectors, "a vector", directive.a) &&
             number("how many points the vector is deferred", 0, kDeferPointsMax, directive.b);
    }
    if (take_keyword("migrate")) {
      return set(directive, Action::kMigrate) && name(schema_->entities, "an entity", directive.a) &&
             number("the cpu to migrate to", 0, repro_.scenario.cpu_count() - 1, directive.b);
    }
    return fail("an action (one of: demote, interrupt VECTOR, defer VECTOR N, migrate ENTITY CPU)");
  }

  static bool set(Directive& directive, Action action) {
    directive.action = action;
    return true;
  }

  bool name(const std::vector<std::string>& names, std::string_view what, std::uint32_t& index) {
    return name_among(names, std::identity(), what, index);
  }

  bool external_vector(std::uint32_t& vector) {
    const auto& external = schema_->external_vectors;
    std::uint32_t index = 0;
    const auto name_of = [this](std::uint32_t number) -> std::string_view { return schema_->vectors[number]; };
    if (!name_among(external, name_of, "a vector that a schedule may raise", index)) return false;
    vector = external[index];
    return true;
  }

  bool end_of_text() { return ended_ || fail_line("`at cpu N point N ACTION` or the end of the text"); }

  std::string_view text_;  // what is behind the current line
  std::string_view path_;
  const TargetSchema* schema_ = nullptr;
  LineCursor cursor_;
  std::size_t line_number_ = 0;
  bool ended_ = false;
  LineCursor target_name_;
  std::size_t target_line_number_ = 0;
  Repro repro_;
  std::optional<Error> error_;
};

}  // namespace

Result<std::string> repro_target(std::string_view text, std::string_view path) {
  return ReproParser(text, path).target();
}

Result<Repro> parse_repro(std::string_view text, const TargetSchema& schema, std::string_view path) {
  return ReproParser(text, path).repro(schema);
}

}  // namespace gridlock
