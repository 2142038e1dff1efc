// Clang's options as far as gridlock-cc must know them: which take a value, and which of the two stages, compiling and
// linking, they are for. What is not in the table is a flag without a value for both.
//
// May include: base. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gridlock {

// How an option and its value stand on the command line.
enum class OptionForm : std::uint8_t {
  kFlag,              // -c
  kJoined,            // -std=c17
  kSeparate,          // -Xclang VALUE
  kJoinedOrSeparate,  // -IDIR, -I DIR
};

enum class OptionUse : std::uint8_t {
  kBoth,
  kCompile,     // says how sources are compiled
  kLink,        // says how the program is linked
  kLinkSearch,  // -L: where libraries are looked for
  kLibrary,     // -l
  kToLinker,    // -Wl, and -Xlinker: words for the linker itself
  kDependency,  // -MD and its company: what make wants to know of a compilation
  kDependencyFile,
  kOutput,
  kLanguage,
  kNoLink,   // ends before the link: clang does it all
  kInform,   // asks clang about itself
  kVerbose,  // -v: shows the commands; alone, asks clang about itself
  kSanitize,
  kEngine,   // our own: --gridlock-engine=
  kDropped,  // Gridlock decides this itself
  kRefused,
};

struct OptionRule {
  std::string_view name;
  OptionForm form;
  OptionUse use;
  std::string_view advice;  // of kRefused
};

// The rule for a word that begins with '-': the longest name that fits; nothing if the word is in no rule.
[[nodiscard]] std::optional<OptionRule> option_rule(std::string_view word);

}  // namespace gridlock
