// The formatting library's functions inside a program that gridlock-cc built: its shared library would bring a second
// C++ standard library into the process, beside the one whose insides the engine wraps.
//
// May include: nothing of the engine.
#include <fmt/format-inl.h>

// All that the engine uses of the library's templates.
template fmt::detail::thousands_sep_result<char> fmt::detail::thousands_sep_impl<char>(fmt::detail::locale_ref);
template char fmt::detail::decimal_point_impl<char>(fmt::detail::locale_ref);
