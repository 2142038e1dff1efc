#include "engine/cli/known_bugs.h"

#include <algorithm>

#include "engine/judge/judge.h"

namespace gridlock {
namespace {

std::string key(const Verdict& verdict) {
  return std::string(verdict_name(verdict.kind)) + '\t' + verdict.signature;
}

}  // namespace

void KnownBugs::add_raw(const Verdict& verdict) {
  raw_.insert(key(verdict));
}

void KnownBugs::add_minimal(const Verdict& verdict) {
  add_raw(verdict);
  minimal_.push_back(verdict);
}

bool KnownBugs::contains(const Verdict& verdict) const {
  if (raw_.contains(key(verdict))) return true;
  return std::any_of(minimal_.begin(), minimal_.end(),
                     [&](const Verdict& minimal) { return is_same_bug(verdict, minimal); });
}

std::string KnownBugs::to_text() const {
  std::string text;
  for (const auto& raw : raw_) text += "raw\t" + raw + '\n';
  for (const auto& minimal : minimal_) text += "minimal\t" + key(minimal) + '\n';
  return text;
}

KnownBugs KnownBugs::from_text(std::string_view text) {
  KnownBugs bugs;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto first = line.find('\t');
    const auto second = line.find('\t', first == line.npos ? first : first + 1);
    if (second == line.npos) continue;
    const auto kind = verdict_from_name(line.substr(first + 1, second - first - 1));
    if (!kind) continue;
    const Verdict verdict{*kind, std::string(line.substr(second + 1)), ""};
    if (line.starts_with("raw\t")) bugs.add_raw(verdict);
    if (line.starts_with("minimal\t")) bugs.add_minimal(verdict);
  }
  return bugs;
}

}  // namespace gridlock
