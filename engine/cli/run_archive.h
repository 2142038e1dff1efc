// All that a RunView says, as bytes between two processes that are copies of each other: one function tells what there
// is, for writing and for reading. Pointers to what is a part of the program mean the same in both.
//
// May include: base, model.
#pragma once

#include <cstddef>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "engine/base/check.h"
#include "engine/model/lock_graph.h"
#include "engine/model/run_view.h"

namespace gridlock {

// Writes to, or reads from, a piece of memory. What does not fit is a defect.
class Archive {
 public:
  Archive(std::span<std::byte> memory, bool is_reading) : memory_(memory), is_reading_(is_reading) {}

  template <typename T>
  void value(T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    bytes(&value, sizeof value);
  }
  void bytes(void* data, std::size_t size) {
    GRIDLOCK_CHECK(size <= memory_.size() - used_ && "a run says more than its process has room for");
    if (size == 0) return;
    if (is_reading_) {
      std::memcpy(data, &memory_[used_], size);
    } else {
      std::memcpy(&memory_[used_], data, size);
    }
    used_ += size;
  }
  // A row of plain values.
  template <typename T>
  void row(std::vector<T>& values) {
    static_assert(std::is_trivially_copyable_v<T>);
    resize(values);
    bytes(values.data(), values.size() * sizeof(T));
  }
  void text(std::string& text) {
    resize(text);
    bytes(text.data(), text.size());
  }
  // A row of what `each` transfers.
  template <typename T, typename Each>
  void list(std::vector<T>& values, const Each& each) {
    resize(values);
    for (T& value : values) each(value);
  }
  template <typename T, typename Each>
  void maybe(std::optional<T>& value, const Each& each) {
    bool is_there = value.has_value();
    this->value(is_there);
    if (is_reading_ && is_there) value.emplace();
    if (is_there) each(*value);
  }

 private:
  template <typename Container>
  void resize(Container& container) {
    std::size_t size = container.size();
    value(size);
    if (is_reading_) container.resize(size);
  }

  std::span<std::byte> memory_;
  std::size_t used_ = 0;
  bool is_reading_;
};

// A view with all that it points to.
struct OwnedView {
  OwnedView() = default;
  // Copies what `run` points to.
  explicit OwnedView(const RunView& run);
  OwnedView(const OwnedView&) = delete;
  OwnedView& operator=(const OwnedView&) = delete;

  void transfer(Archive& archive);
  // The view of what is here; lives as long as this and no later call of transfer().
  [[nodiscard]] const RunView& view();

 private:
  RunView run_;
  std::vector<CpuView> cpus_;
  std::vector<Directive> directives_;
  std::optional<Failure> failure_;
  std::optional<RaceReport> race_, ordered_report_;
  std::optional<Trace> trace_;
  std::optional<RunProfile> profile_;
  std::vector<LockObject> locks_;
  std::vector<LockMoment> moments_;
  std::vector<LockSync> syncs_;
  std::optional<LockGraph> graph_;
};

}  // namespace gridlock
