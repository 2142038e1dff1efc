// What the world did wrong: a file, a flag, a child process. Not for bugs in the code under test (those are
// verdicts, model/verdict.h) and not for bugs in Gridlock (those are GRIDLOCK_CHECK, base/check.h).
//
// May include: nothing of the engine.
#pragma once

#include <expected>
#include <string>

namespace gridlock {

// One failure, said in the three parts a person needs to go on: "could not open repro: x.repro: No such file or
// directory; check the path".
struct Error {
  std::string tried;   // what was attempted, e.g. "read the repro"
  std::string on;      // on what, e.g. a path with line and column
  std::string advice;  // why it failed and what to do

  // The one-line form that the command line prints after "gridlock: ".
  [[nodiscard]] std::string message() const {
    std::string text = "cannot " + tried;
    if (!on.empty()) text += ": " + on;
    if (!advice.empty()) text += ": " + advice;
    return text;
  }
};

template <typename T>
using Result = std::expected<T, Error>;

[[nodiscard]] inline std::unexpected<Error> failure(std::string tried, std::string on, std::string advice) {
  return std::unexpected(Error{std::move(tried), std::move(on), std::move(advice)});
}

}  // namespace gridlock
