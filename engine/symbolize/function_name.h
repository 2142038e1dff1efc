// Function names as the source spells them: without parameters, template arguments, return types and what the
// compiler adds. Signatures are made of these names, so the rules here must not depend on a build.
//
// May include: base, model. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace gridlock {

// How a closure's call operator is named: "schedule::{lambda}".
inline constexpr std::string_view kLambdaName = "{lambda}";

// "Queue<int>" -> "Queue"; "operator<", "operator<<<int>" and "operator<=>" keep their operator.
[[nodiscard]] std::string without_template_arguments(std::string_view name);

// "a", "b" -> "a::b"; an empty side is left out; the call operator of a closure adds nothing to the closure's name.
[[nodiscard]] std::string join_scopes(std::string_view outer, std::string_view inner);

// The name of an entry of the symbol table: demangled where it is a C++ name, then without return type, template
// arguments, parameters and anonymous namespaces. "_ZN8Runqueue4lockEi" -> "Runqueue::lock".
[[nodiscard]] std::string source_name_of_symbol(const std::string& symbol);

}  // namespace gridlock
