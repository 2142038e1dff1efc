// What a queue of many producers and consumers promises, as an object that a harness tells of each push and pop: each
// item is taken once, by one, with what its maker wrote before, in the order that the queue keeps, and a pop does not
// say "empty" while there are items that nobody else can have.
//
//     push:   const auto item = handover.make();            ... or kNone: this cpu has made all that it may
//             if (queue.push(item)) handover.pushed(item); else handover.withdraw(item);
//     pop:    handover.looks();
//             if (queue.pop(item)) handover.takes(item); else handover.found_nothing();
//
// The queue's own accesses need no oracle beside them: what is told before a push and after a pop is true of any queue
// whose operations take effect between their call and their return.
//
// What an item stands for is plain memory, written by make and read by takes: if the queue does not order the two, that
// is a data race. All else is not instrumented, as in oracles.h.
//
// May include: engine/hook, the standard library. C++23; header only, because it is compiled as part of each target.
#pragma once

#include <cstdint>

#include "engine/hook/gridlock.h"
#include "engine/hook/oracles.h"

namespace oracle {

// In which order items come out.
enum class Order {
  kAny,
  // What one cpu pushed, one cpu takes in that order. Of a queue that is first in, first out, this is what holds
  // whatever the pushes and pops overlap with.
  kFirstInFirstOut
};

class Handover {
 public:
  static constexpr std::uint32_t kMakersMax = 4;
  static constexpr std::uint32_t kPerMaker = 16;
  static constexpr std::uint32_t kItemsMax = kMakersMax * kPerMaker;
  static constexpr std::uint32_t kNone = UINT32_MAX;

  // `ordering`: of what an item stands for. Ignored for a variant that is broken in another way, as in Exclusion.
  explicit Handover(Order order, Ordering ordering = Ordering::kJudged)
      : order_(order), touches_data_(ordering == Ordering::kJudged) {}

  // A number for a new item; kNone if this cpu has made all. From now on a pop may return it.
  std::uint32_t make() {
    const std::uint32_t item = next();
    if (item != kNone && touches_data_) written_[item] = item + 1;
    return item;
  }
  // The push of the item has returned.
  GL_ORACLE void pushed(std::uint32_t item) {
    const Step step;
    pushed_at_[item] = ++clock_;
  }
  // The push has failed.
  GL_ORACLE void withdraw(std::uint32_t item) {
    const Step step;
    GL_PROMISE(is_out_[item], "handover: an item is taken whose push failed");
    is_out_[item] = false;
    --made_[item / kPerMaker];
  }
  // A pop begins.
  GL_ORACLE void looks() {
    const Step step;
    looks_since_[gl_this_cpu()] = ++clock_;
  }
  // It has returned an item. `popper`: who took it, if its pops are in order; the cpu, as a rule.
  void takes(std::uint32_t item) {
    check_off(item);
    if (!touches_data_) return;
    GL_PROMISE(written_[item] == item + 1, "handover: an item comes with what its maker wrote");
  }
  // It has returned nothing. Only of queues whose pop takes effect at one moment.
  GL_ORACLE void found_nothing() {
    const Step step;
    const std::uint64_t since = looks_since_[gl_this_cpu()];
    looks_since_[gl_this_cpu()] = 0;
    std::uint32_t left = 0;
    for (std::uint32_t item = 0; item < kItemsMax; ++item) {
      left += is_out_[item] && pushed_at_[item] != 0 && pushed_at_[item] < since;
    }
    // What others are about to take may be gone already.
    for (std::uint32_t cpu = 0; cpu < kCpusMax && left != 0; ++cpu) left -= looks_since_[cpu] != 0;
    GL_PROMISE(left == 0, "handover: a pop finds nothing while there is an item for it");
  }
  // The same of a queue that promises less: nothing is checked.
  GL_ORACLE void gave_up() {
    const Step step;
    looks_since_[gl_this_cpu()] = 0;
  }
  // The calling cpu goes on as another maker: no order between what it made and what it makes.
  GL_ORACLE void become_another() {
    const Step step;
    ++life_[gl_this_cpu()];
  }
  // For invariants, and for who sleeps: how many were pushed and not taken. Pushes that are under way do not count.
  GL_ORACLE std::uint32_t count() const {
    std::uint32_t count = 0;
    for (std::uint32_t item = 0; item < kItemsMax; ++item) count += is_out_[item] && pushed_at_[item] != 0;
    return count;
  }

 private:
  GL_ORACLE std::uint32_t next() {
    const Step step;
    const unsigned cpu = gl_this_cpu();
    GL_ASSERT(cpu < kMakersMax);
    if (made_[cpu] == kPerMaker) return kNone;
    const std::uint32_t item = cpu * kPerMaker + made_[cpu]++;
    is_out_[item] = true;
    pushed_at_[item] = 0;
    life_of_[item] = life_[cpu];
    return item;
  }
  GL_ORACLE void check_off(std::uint32_t item) {
    const Step step;
    const unsigned cpu = gl_this_cpu();
    looks_since_[cpu] = 0;
    GL_PROMISE(item < kItemsMax && is_out_[item], "handover: an item is taken twice, or was never pushed");
    is_out_[item] = false;
    if (order_ == Order::kAny) return;
    std::uint32_t& last = last_taken_[cpu][item / kPerMaker];  // of this maker, + 1; 0: none yet
    if (last != 0 && life_of_[last - 1] == life_of_[item]) {
      GL_PROMISE(item >= last, "handover: an item overtakes one that was pushed before it");
    }
    if (last == 0 || life_of_[item] >= life_of_[last - 1]) last = item + 1;
  }

  const Order order_;
  const bool touches_data_;
  std::uint32_t written_[kItemsMax] = {};  // by item, plain on purpose
  bool is_out_[kItemsMax] = {};            // by item: made, and not taken yet
  std::uint64_t pushed_at_[kItemsMax] = {};
  std::uint32_t made_[kMakersMax] = {};
  std::uint64_t looks_since_[kCpusMax] = {};             // by cpu; 0: in no pop
  std::uint32_t last_taken_[kCpusMax][kMakersMax] = {};  // by taker and maker
  std::uint32_t life_[kMakersMax] = {};
  std::uint32_t life_of_[kItemsMax] = {};
  std::uint64_t clock_ = 0;
};

}  // namespace oracle
