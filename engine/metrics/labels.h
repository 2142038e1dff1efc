// Label values as Prometheus can read them, and label sets as one line of text. One value that is not UTF-8 makes
// Prometheus refuse a whole page, so no value reaches a family unchecked.
//
// May include: base, model; prometheus-cpp.
#pragma once

#include <prometheus/labels.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gridlock::metrics {

inline constexpr std::size_t kLabelBytesMax = 128;
inline constexpr std::size_t kLabelTextBytesMax = 4096;  // of a label set as text

// What stands for a value that is empty: to Prometheus, an empty label is none.
inline constexpr std::string_view kEmptyLabel = "unset";
// The value of each label of what is beyond a family's limit of label sets.
inline constexpr std::string_view kOtherLabel = "other";

// ENSURES: valid UTF-8, not empty, at most kLabelBytesMax bytes, no control character but tabulator and newline. What
// cannot stay becomes U+FFFD; what is too long is cut between two characters. A good value stays as it is.
[[nodiscard]] std::string clean_label_value(std::string_view value);

// "engine=builtin,target=tas-lock", by name; in values, '%', ',', '=' and bytes below 0x20 as %XX. "": no label.
[[nodiscard]] std::string label_text(const prometheus::Labels& labels);

// The inverse of label_text; nullopt for what label_text does not write.
[[nodiscard]] std::optional<prometheus::Labels> parse_label_text(std::string_view text);

}  // namespace gridlock::metrics
