// Which of several ways to search comes next: mostly those that paid, each now and then. A bandit in its simplest form
// that forgets: pay and cost of each way decay, its value is their quotient, and it is chosen in proportion to that
// beside a share for all alike, because what pays late in a search is not what paid early.
//
// May include: base. Deterministic in the Prng.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/prng.h"

namespace gridlock {

class Mix {
 public:
  explicit Mix(std::size_t ways) : ways_(ways) {}

  // The number of a way for which `possible` holds. REQUIRES: for at least one.
  template <typename Possible>
  [[nodiscard]] std::size_t choose(Prng& prng, Possible possible) const {
    std::vector<double> weights(ways_.size(), 0);
    double values = 0;
    std::size_t count = 0;
    for (std::size_t way = 0; way < ways_.size(); ++way) {
      if (!possible(way)) continue;
      weights[way] = value(way);
      values += weights[way];
      ++count;
    }
    double total = 0;
    for (std::size_t way = 0; way < ways_.size(); ++way) {
      if (!possible(way)) continue;
      weights[way] = kEvenShare / static_cast<double>(count) + (1 - kEvenShare) * weights[way] / values;
      total += weights[way];
    }
    double drawn = static_cast<double>(prng.below(1u << 30)) / (1u << 30) * total;
    std::size_t last = 0;
    for (std::size_t way = 0; way < ways_.size(); ++way) {
      if (weights[way] == 0) continue;
      last = way;
      if (drawn < weights[way]) return way;
      drawn -= weights[way];
    }
    return last;
  }

  // Way `way` was tried: what came of it, and what it cost, in units that are the same for all ways.
  void learn(std::size_t way, double pay, double cost) {
    for (Way& other : ways_) {
      other.pay *= kMemory;
      other.cost *= kMemory;
    }
    ways_[way].pay += pay;
    ways_[way].cost += cost;
  }

  // Pay for a unit of cost, as far as is known.
  [[nodiscard]] double value(std::size_t way) const {
    return (ways_[way].pay + kPriorPay) / (ways_[way].cost + kPriorCost);
  }

 private:
  struct Way {
    double pay = 0;
    double cost = 0;
  };
  static constexpr double kEvenShare = 0.3;   // of all choices
  static constexpr double kMemory = 0.995;    // what is left of pay and cost after another batch
  static constexpr double kPriorPay = 0.01;   // so that what never paid keeps a value
  static constexpr double kPriorCost = 1000;  // and what was never tried is no wonder

  std::vector<Way> ways_;
};

}  // namespace gridlock
