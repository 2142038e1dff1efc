// What gridlock-cc works with: the engine for programs, which lies beside it, and clang and its tools, which do not.
//
//     PREFIX/bin/gridlock-cc, gridlock-c++, gridlock
//     PREFIX/lib/gridlock/program-FLAVOUR[-ENGINE].o     the engine, one object
//     PREFIX/lib/gridlock/program-FLAVOUR[-ENGINE].rsp   how the linker is told of it
//     PREFIX/lib/gridlock/program.ld                     how a program's objects become one
//
// The same in a build tree and where it is installed. May include: base.
#pragma once

#include <filesystem>
#include <string>

#include "engine/base/error.h"
#include "engine/cc/compiler_call.h"

namespace gridlock {

enum class ProgramLanguage : std::uint8_t { kC, kCxx };

struct Kit {
  std::filesystem::path folder;  // PREFIX/lib/gridlock
  std::string clang;             // for the language of the wrapper
  std::string clang_cxx;         // the engine is C++: this one links
  std::string partial_linker;    // ld.bfd
  std::string object_copier;     // llvm-objcopy
};

// "tsan", or "tsan-libfuzzer".
[[nodiscard]] std::string runtime_name(ProgramFlavour flavour, ProgramEngine engine);

// "gridlock-cc" is for C; a name that ends in "c++" for C++.
[[nodiscard]] ProgramLanguage language_of(const std::string& program_name);

// Clang alone, which is all that compiling needs. ERRORS: it is not there.
[[nodiscard]] Result<Kit> find_compiler(ProgramLanguage language);

// Everything for a link. `own_path`: of this program's file. ERRORS: the tool or file that is missing, and where it
// comes from.
[[nodiscard]] Result<Kit> find_kit(const std::filesystem::path& own_path, ProgramLanguage language,
                                   const CompilerCall& call);

}  // namespace gridlock
