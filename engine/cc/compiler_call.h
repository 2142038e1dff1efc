// What a command line of gridlock-cc asks for: clang's own command line, read as far as is needed to put Gridlock
// between compiling and linking. Reading is pure: no file is opened but by the response-file reader before it.
//
// May include: base.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/base/error.h"

namespace gridlock {

enum class ProgramFlavour : std::uint8_t { kPlain, kTsan, kAsan };
enum class ProgramEngine : std::uint8_t { kBuiltin, kLibfuzzer, kAfl };

struct CompilerCall {
  enum class Mode : std::uint8_t {
    kInform,   // clang answers: --version, -print-*, no input at all
    kCompile,  // ends before the link: -c, -S, -E, -M, -fsyntax-only, -r
    kLink,
  };
  struct Source {
    std::string file;      // "-": standard input
    std::string language;  // of -x; empty: by the file's name
  };
  // What the linker gets, in the order of the command line: the order decides what an archive is asked for.
  struct LinkItem {
    enum class Kind : std::uint8_t {
      kSource,   // the object of sources[index]
      kFile,     // an object or archive: the user's code
      kShared,   // a shared library's file
      kLibrary,  // the text behind -l
      kWord,     // of -Wl, or -Xlinker
      kOption,   // for clang, when it links
    };
    Kind kind;
    std::string text;
    std::size_t index = 0;
  };

  Mode mode = Mode::kLink;
  ProgramFlavour flavour = ProgramFlavour::kPlain;
  ProgramEngine engine = ProgramEngine::kBuiltin;
  bool verbose = false;
  std::vector<std::string> words;  // the line without what is Gridlock's to decide; for kInform and kCompile
  std::vector<std::string> compile_flags;
  std::vector<std::string> dependency_flags;  // -MD, ...
  bool names_dependency_file = false;
  std::vector<Source> sources;
  std::vector<LinkItem> link_items;
  std::vector<std::string> search_folders;  // of -L
  std::string output;                       // empty: clang's default
};

// `words`: the command line without the program's name, response files expanded. ERRORS: an option without its value,
// one that is refused (with what to do instead), a sanitizer or engine that is unknown, more than kCompilerWordsMax.
[[nodiscard]] Result<CompilerCall> read_compiler_call(std::span<const std::string> words);

inline constexpr std::size_t kCompilerWordsMax = 1'000'000;

}  // namespace gridlock
