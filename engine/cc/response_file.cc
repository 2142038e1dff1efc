#include "engine/cc/response_file.h"

#include <utility>

namespace gridlock {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

Result<void> expand(std::span<const std::string> words, const ReadText& read, std::size_t depth,
                    std::vector<std::string>& into) {
  for (const std::string& word : words) {
    const auto text = word.starts_with('@') ? read(word.substr(1)) : failure("", "", "");
    if (!text) {
      into.push_back(word);
    } else if (depth == kResponseDepthMax) {
      return failure("read the response file", word.substr(1), "response files name each other too deeply");
    } else if (auto done = expand(words_of(*text), read, depth + 1, into); !done) {
      return done;
    }
    if (into.size() > kResponseWordsMax) return failure("read the response file", word, "too many words");
  }
  return {};
}

}  // namespace

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && i + 1 < text.size()) {
      word += text[++i];
      in_word = true;
    } else if (quote != 0) {
      if (c == quote) {
        quote = 0;
      } else {
        word += c;
      }
    } else if (c == '\'' || c == '"') {
      quote = c;
      in_word = true;
    } else if (!is_blank(c)) {
      word += c;
      in_word = true;
    } else if (in_word) {
      words.push_back(std::exchange(word, {}));
      in_word = false;
    }
  }
  if (in_word) words.push_back(std::move(word));
  return words;
}

Result<std::vector<std::string>> expand_response_files(std::span<const std::string> words, const ReadText& read) {
  std::vector<std::string> expanded;
  if (auto done = expand(words, read, 0, expanded); !done) return std::unexpected(done.error());
  return expanded;
}

}  // namespace gridlock
