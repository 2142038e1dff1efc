// The statements behind Store::findings, for the test that asks SQLite how it runs each of them.
//
// May include: base, model.
#pragma once

#include <array>
#include <string>

namespace gridlock::store {

// By order and direction. What the ways are: finding_pages.cc.
struct PageTexts {
  std::array<std::string, 12> walk;
  std::array<std::string, 12> walk_on;  // from a mark, which is in
  std::array<std::string, 12> gather;
  std::array<std::string, 12> search;
};
[[nodiscard]] const PageTexts& page_texts();

}  // namespace gridlock::store
