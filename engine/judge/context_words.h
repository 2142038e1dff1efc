// How a context is called: in signatures, and in sentences for people.
//
// May include: base, model.
#pragma once

#include <string_view>

#include "engine/model/run_view.h"

namespace gridlock {

// Before a function name of a signature: "" for the task.
[[nodiscard]] constexpr std::string_view context_prefix(ContextView::Kind kind) {
  switch (kind) {
    case ContextView::Kind::kTask:
      return "";
    case ContextView::Kind::kIrq:
      return "irq ";
    case ContextView::Kind::kSoftirq:
      return "softirq ";
    case ContextView::Kind::kMigrate:
      return "migrate ";
  }
}

[[nodiscard]] constexpr std::string_view context_words(ContextView::Kind kind) {
  switch (kind) {
    case ContextView::Kind::kTask:
      return "the task";
    case ContextView::Kind::kIrq:
      return "an interrupt";
    case ContextView::Kind::kSoftirq:
      return "a softirq";
    case ContextView::Kind::kMigrate:
      return "a migration request";
  }
}

}  // namespace gridlock
