// For tests: a lock graph written by hand, a moment a call.
//
//     graph.cpu(0).takes("A", {"lock", "f"}).takes("B", {"lock", "g"}).drops("B").drops("A");
//
// May include: base, model.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/judge/fake_run_view.h"
#include "engine/model/lock_graph.h"

namespace gridlock {

class FakeLockGraph {
 public:
  FakeNames names;

  // From here on it is the task of this cpu that acts, with interrupts enabled, and holds nothing.
  FakeLockGraph& cpu(std::uint32_t number) {
    at_ = LockMoment{};
    at_.cpu = CpuId(number);
    at_.irqs_enabled = true;
    return *this;
  }
  // From here on it is a handler of this cpu, which may come at any time.
  FakeLockGraph& irq(std::uint32_t number, std::uint32_t vector) {
    cpu(number);
    at_.context = ContextView::Kind::kIrq;
    at_.number = vector;
    at_.depth = 1;
    at_.irqs_enabled = false;
    at_.comes_any_time = true;
    return *this;
  }
  FakeLockGraph& irqs_disabled() {
    at_.irqs_enabled = false;
    return *this;
  }
  // `lock`: the name of its class, and a number where there are several: "A", "A2". `functions`: innermost first.
  FakeLockGraph& takes(const char* lock, const std::vector<std::string>& functions) {
    LockMoment moment = at_;
    moment.takes = moment.may_wait = true;
    moment.use = {.lock = lock_of(lock), .depth = at_.depth, .taken = static_cast<std::uint32_t>(moments_.size())};
    const std::vector<Site> sites = names.calls(functions);
    std::copy(sites.begin(), sites.end(), moment.frames);
    moments_.push_back(moment);
    at_.held[at_.held_count++] = moment.use;
    return *this;
  }
  FakeLockGraph& drops(const char* lock) {
    LockUse* const end = at_.held + at_.held_count;
    LockUse* const found = std::find_if(at_.held, end, [&](const LockUse& use) { return use.lock == lock_of(lock); });
    std::copy(found + 1, end, found);
    --at_.held_count;
    return *this;
  }

  // Borrows from this object until the next call.
  [[nodiscard]] const LockGraph& graph() {
    graph_ = {.locks = locks_, .moments = moments_, .syncs = {}};
    return graph_;
  }

 private:
  std::uint32_t lock_of(std::string_view name) {
    // A number at the end tells instances apart and is no part of the name of the class.
    const std::uint64_t offset = 64 * (std::uint64_t{static_cast<unsigned char>(name.front())} * 10 +
                                       (name.size() > 1 ? static_cast<std::uint64_t>(name[1] - '0') : 0));
    const auto found =
        std::find_if(locks_.begin(), locks_.end(), [&](const LockObject& lock) { return lock.offset == offset; });
    if (found != locks_.end()) return static_cast<std::uint32_t>(found - locks_.begin());
    static constexpr const char* kNames[] = {"A", "B", "C", "D"};
    locks_.push_back({.offset = offset, .name = kNames[name.front() - 'A']});
    return static_cast<std::uint32_t>(locks_.size() - 1);
  }

  std::vector<LockObject> locks_;
  std::vector<LockMoment> moments_;
  LockMoment at_;
  LockGraph graph_;
};

}  // namespace gridlock
