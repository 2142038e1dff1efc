// The commands that do what a call of gridlock-cc asks for.
//
//     each source  --clang-->  object  \
//     the user's objects and archives  --ld.bfd -r, program.ld-->  one object  --llvm-objcopy-->  only main is global
//     that, the engine, shared libraries  --clang, lld-->  the program
//
// The user's code is linked apart, as targets are (cmake/target.cmake): an inline function of the standard library
// exists twice, instrumented in the program and not in the engine, and is never folded.
//
// May include: base. Pure.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/cc/compiler_call.h"
#include "engine/cc/kit.h"

namespace gridlock {

using Command = std::vector<std::string>;

// For kInform and kCompile: the one call of clang that does it.
[[nodiscard]] Command compiler_command(const CompilerCall& call, const Kit& kit);

// For kLink: one command after the other. `folder`: an empty one, for what is between. `exists`: whether there is a
// file with this path; asked for libraries.
[[nodiscard]] std::vector<Command> link_recipe(const CompilerCall& call, const Kit& kit, const std::string& folder,
                                               const std::function<bool(const std::string&)>& exists);

}  // namespace gridlock
