#include "engine/campaign/repro_head.h"

#include <algorithm>

#include "engine/model/repro_line.h"
#include "engine/model/repro_text.h"

namespace gridlock::campaign {
namespace {

// A signature is some function names; what is longer is no signature.
constexpr std::size_t kSignatureBytesMax = 4096;
// Targets have some ten variants.
constexpr std::size_t kExpectationsMax = 256;

// "at cpu 1 point 9 demote": counts what stands behind the point.
void count_directive(LineCursor cursor, DecisionCounts& counts) {
  for (int word = 0; word < 4; ++word) cursor.next_word();
  const std::string_view action = cursor.next_word();
  ++counts.decisions;
  if (action == "demote") ++counts.preemptions;
  if (action == "interrupt") ++counts.interrupts;
  if (action == "migrate") ++counts.migrations;
}

void take_line(std::string_view line, ReproHead& head) {
  LineCursor cursor(line);
  const std::string_view keyword = cursor.next_word();
  if (keyword == "signature") {
    head.signature = std::string(cursor.rest());
  } else if (keyword == "expect" && head.expectations.size() < kExpectationsMax) {
    const std::string_view variant = cursor.next_word();
    const auto verdict = verdict_from_name(cursor.next_word());
    if (verdict && !variant.empty()) head.expectations.push_back({std::string(variant), *verdict});
  } else if (keyword == "cpu") {
    ++head.counts.cpus;
  } else if (keyword == "at") {
    count_directive(cursor, head.counts);
  }
}

bool is_bug_expected(const Expectation& expectation) {
  return is_bug(expectation.verdict);
}

}  // namespace

Expectation ReproHead::bug_in(std::string_view variant) const {
  const auto of_variant = std::ranges::find_if(expectations, [&](const Expectation& expectation) {
    return expectation.variant == variant && is_bug_expected(expectation);
  });
  if (of_variant != expectations.end()) return *of_variant;
  const auto first = std::ranges::find_if(expectations, is_bug_expected);
  return first != expectations.end() ? *first : Expectation{};
}

Result<ReproHead> read_repro_head(std::string_view text, std::string_view path) {
  auto target = repro_target(text, path);
  if (!target) return std::unexpected(target.error());
  ReproHead head;
  head.target = std::move(*target);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (first_byte_not_text(line) != std::string_view::npos) {
      return failure("read the repro", std::string(path), "it holds bytes that are no text");
    }
    take_line(line, head);
  }
  if (head.signature.empty() || head.signature.size() > kSignatureBytesMax) {
    return failure("read the repro", std::string(path), "it has no signature, or none that can be one");
  }
  if (std::ranges::none_of(head.expectations, is_bug_expected)) {
    return failure("read the repro", std::string(path), "no variant is expected to fail");
  }
  return head;
}

}  // namespace gridlock::campaign
