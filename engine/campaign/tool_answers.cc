#include "engine/campaign/tool_answers.h"

#include <charconv>
#include <nlohmann/json.hpp>

namespace gridlock::campaign {
namespace {

constexpr std::size_t kTitleBytesMax = 1000;

// The number behind `mark`, which is moved over.
template <typename Number>
bool take_number(std::string_view& text, std::string_view mark, Number& number) {
  const std::size_t at = text.find(mark);
  if (at == std::string_view::npos) return false;
  text.remove_prefix(at + mark.size());
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

ReplayAnswer answer_in(const nlohmann::json& row) {
  ReplayAnswer answer;
  answer.variant = row.at("variant").get<std::string>();
  answer.verdict = verdict_from_name(row.at("verdict").get<std::string>()).value_or(VerdictKind::kInconclusive);
  answer.signature = row.at("signature").get<std::string>();
  answer.summary = row.at("summary").get<std::string>();
  answer.as_expected = row.at("as_expected").get<std::uint32_t>();
  answer.times = row.at("times").get<std::uint32_t>();
  if (row.contains("sanitizer_reports") && row["sanitizer_reports"].is_number_unsigned()) {
    answer.sanitizer_reports = row["sanitizer_reports"].get<std::uint32_t>();
  }
  return answer;
}

}  // namespace

Result<std::vector<ReplayAnswer>> replay_answers(std::string_view line) {
  const auto document = nlohmann::json::parse(line, nullptr, false);
  std::vector<ReplayAnswer> answers;
  try {
    for (const auto& row : document.at("results")) answers.push_back(answer_in(row));
  } catch (const nlohmann::json::exception&) {
    return failure("understand the replay", "gridlock replay --json", "its last line is no such answer");
  }
  return answers;
}

std::optional<MinimizeFigures> minimize_figures(std::string_view errors) {
  MinimizeFigures figures;
  if (!take_number(errors, "directives ", figures.decisions_before)) return std::nullopt;
  if (!take_number(errors, " -> ", figures.decisions_after)) return std::nullopt;
  if (!take_number(errors, "; ", figures.trials)) return std::nullopt;
  return figures;
}

std::string explanation_title(std::string_view json) {
  const auto document = nlohmann::json::parse(json, nullptr, false);
  if (!document.is_object() || !document.contains("title") || !document["title"].is_string()) return {};
  std::string title = document["title"].get<std::string>();
  if (title.size() > kTitleBytesMax) return {};
  return title;
}

bool is_fuzz_answer(std::string_view line) {
  const auto document = nlohmann::json::parse(line, nullptr, false);
  return document.is_object() && document.contains("runs") && document.contains("findings");
}

}  // namespace gridlock::campaign
