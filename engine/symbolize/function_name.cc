// Cutting names by hand: the demangler's output and DWARF's names are close enough to the source that counting angle
// brackets does, but for operators whose own names are made of them.
//
// May include: base, model.
#include "engine/symbolize/function_name.h"

#include <cxxabi.h>

#include <cctype>
#include <cstdlib>
#include <memory>

namespace gridlock {
namespace {

constexpr std::string_view kOperator = "operator";

bool is_identifier_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// The length of "operator<<", "operator()", ... if an operator's name that is punctuation begins at `at`, else 0.
// Conversion operators and `operator new` have only identifier characters, which need no care.
std::size_t punctuated_operator_length(std::string_view text, std::size_t at) {
  if (text.substr(at, kOperator.size()) != kOperator) return 0;
  if (at > 0 && is_identifier_character(text[at - 1])) return 0;
  const std::string_view rest = text.substr(at + kOperator.size());
  // Longest first, so that "<<=" is not taken for "<".
  for (const std::string_view symbol :
       {"<<=", ">>=", "<=>", "->*", "()", "[]", "<<", ">>", "<=", ">=", "->", "<", ">"}) {
    if (rest.starts_with(symbol)) return kOperator.size() + symbol.size();
  }
  return 0;
}

void erase_all(std::string& text, std::string_view part) {
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part)) text.erase(at, part.size());
}

// Cuts the parameter list and what follows it ("const", "[clone .cold]"), and the return type before the name.
std::string bare_name(const std::string& declaration) {
  std::size_t name_begin = 0;
  std::size_t at = 0;
  while (at < declaration.size() && declaration[at] != '(' && declaration[at] != '[') {
    if (const std::size_t length = punctuated_operator_length(declaration, at)) {
      at += length;
      continue;
    }
    // A space separates a return type from the name, but not "operator" from "new" or from a conversion's type.
    const std::string_view before(declaration.data() + name_begin, at - name_begin);
    if (declaration[at] == ' ' && !before.ends_with(kOperator)) name_begin = at + 1;
    ++at;
  }
  return declaration.substr(name_begin, at - name_begin);
}

}  // namespace

std::string without_template_arguments(std::string_view name) {
  std::string result;
  int depth = 0;
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t length = depth == 0 ? punctuated_operator_length(name, at) : 0;
    if (length > 0) {
      result += name.substr(at, length);
      at += length;
      continue;
    }
    const char c = name[at++];
    if (c == '<') ++depth;
    if (depth == 0) result += c;
    if (c == '>' && depth > 0) --depth;
  }
  while (result.ends_with(' ')) result.pop_back();  // of "operator<< <int>"
  return result;
}

std::string join_scopes(std::string_view outer, std::string_view inner) {
  const bool calls_lambda = outer.ends_with(kLambdaName) && inner == "operator()";
  if (inner.empty() || calls_lambda) return std::string(outer);
  if (outer.empty()) return std::string(inner);
  return std::string(outer) + "::" + std::string(inner);
}

std::string source_name_of_symbol(const std::string& symbol) {
  if (!symbol.starts_with("_Z")) return symbol;
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> demangled(
      abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status), &std::free);
  if (status != 0 || !demangled) return symbol;
  std::string name = demangled.get();
  erase_all(name, "(anonymous namespace)::");
  return bare_name(without_template_arguments(name));
}

}  // namespace gridlock
