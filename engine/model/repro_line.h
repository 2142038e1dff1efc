// The lowest layer of the repro's text form: which bytes are text, what a line is made of. Knows no grammar.
//
// May include: base. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gridlock {

// The offset of the first byte that is no part of UTF-8 text, or is a control character other than a tab;
// std::string_view::npos if there is none.
[[nodiscard]] std::size_t first_byte_not_text(std::string_view line);

// `text` as one line of text: what is not text becomes a space, blanks at the ends go.
[[nodiscard]] std::string one_line(std::string_view text);

// `text` between quotation marks, with what is no text, marks and backslashes as \" \\ \xHH: LineCursor::take_quoted
// gives it back.
[[nodiscard]] std::string quoted(std::string_view text);

// A position in one line, always before something that is no blank. A value: a copy is a bookmark. The line outlives
// it.
class LineCursor {
 public:
  LineCursor() = default;
  explicit LineCursor(std::string_view line) : line_(line) { skip_blanks(); }

  // In bytes, from 1.
  [[nodiscard]] std::size_t column() const { return at_ + 1; }
  // True if nothing is left but perhaps a comment.
  [[nodiscard]] bool at_end() const { return at_ == line_.size() || line_[at_] == '#'; }

  // The word that starts here, empty if none does. next_word also moves behind it.
  [[nodiscard]] std::string_view word() const;
  std::string_view next_word();
  // Moves behind `mark` if it stands here.
  bool take(char mark);
  // Moves behind a quoted string and gives what it means. False, and no move, if none stands here or it is broken off,
  // has another escape than those of quoted(), or a zero byte.
  bool take_quoted(std::string& text);
  // All of the line from here on, a # included, without blanks at its end.
  [[nodiscard]] std::string_view rest() const;
  // What stands behind the # here, without blanks around it; empty if there is none.
  [[nodiscard]] std::string_view comment() const;
  // What stands here, for an error: 'word', '(', the end of the line.
  [[nodiscard]] std::string found() const;

 private:
  void skip_blanks();

  std::string_view line_;
  std::size_t at_ = 0;
};

}  // namespace gridlock
