// Which bugs need no second look: a fuzzer meets the same one thousands of times, each with other bystanders.
//
// May include: base, model, judge.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/verdict.h"

namespace gridlock {

class KnownBugs {
 public:
  // A bug as it was found, with whatever else was stuck beside it.
  void add_raw(const Verdict& verdict);
  // The same bug once minimal. A raw verdict that contains it counts as known from then on: its reduction would end
  // here again. A different bug that only ever shows up together with this one stays hidden until this one is fixed.
  void add_minimal(const Verdict& verdict);

  [[nodiscard]] bool contains(const Verdict& verdict) const;

  // A line a bug, for a worker that is another program: "raw" or "minimal", verdict and signature between tabs.
  [[nodiscard]] std::string to_text() const;
  // Lines that are none are left out.
  [[nodiscard]] static KnownBugs from_text(std::string_view text);

 private:
  std::set<std::string> raw_;  // verdict, tab, signature
  std::vector<Verdict> minimal_;
};

}  // namespace gridlock
