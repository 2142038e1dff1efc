// Response files: `@FILE` on a command line stands for the words in FILE, which may name further files. Words are
// separated by blanks and lines; '...' and "..." keep blanks together and a backslash takes the next character as it
// is, as clang and gcc read them.
//
// May include: base.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/error.h"

namespace gridlock {

inline constexpr std::size_t kResponseDepthMax = 16;
inline constexpr std::size_t kResponseWordsMax = 1'000'000;
inline constexpr std::size_t kResponseBytesMax = 16 << 20;

// The words of the text of a response file.
[[nodiscard]] std::vector<std::string> words_of(std::string_view text);

// Gives the text of a file; nullopt-like failure means there is none, and the word stays as it is.
using ReadText = std::function<Result<std::string>(const std::string& path)>;

// The command line with all files in the place of their names. ERRORS: files that name each other deeper than
// kResponseDepthMax, more than kResponseWordsMax words.
[[nodiscard]] Result<std::vector<std::string>> expand_response_files(std::span<const std::string> words,
                                                                     const ReadText& read);

}  // namespace gridlock
