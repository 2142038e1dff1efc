// What C++ prescribes for small programs of atomics, and what the race judge and ThreadSanitizer find in them, over all
// interleavings. docs/LITMUS.md is this table.
//
// A program races if some sequentially consistent interleaving of it does: "race" is found in at least one, "none" in
// none. Programs that race in executions which are not sequentially consistent alone are marked in the last column.
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "engine/abi/litmus_table.h"
#include "engine/base/check.h"
#include "engine/machine/machine_fixture.h"
#include "engine/strategy/policy.h"

namespace gridlock {
using litmus::Answer;
using litmus::kLitmus;
using litmus::Litmus;

namespace {

// Each run takes the next way through the tree of all choices of who makes the next step.
class AllInterleavings final : public PolicyStrategy {
 public:
  // False if the run before was the last.
  bool advance() {
    for (; count_ > 0; --count_) {
      if (++choices_[count_ - 1].taken < choices_[count_ - 1].of) return true;
    }
    return false;
  }

 protected:
  void begin_run(const Scenario&) override {
    at_ = 0;
    picked_.reset();
  }
  CpuId pick(const Moment& moment) override {
    if (!picked_ || !contains(moment.runnable, *picked_)) picked_ = choose(moment.runnable);
    return *picked_;
  }
  void passes(const Moment&) override { picked_.reset(); }
  void sent_back(CpuId) override { picked_.reset(); }
  [[nodiscard]] std::uint32_t policy_quiet_points() const override { return 0; }

 private:
  struct Choice {
    std::uint32_t taken, of;
  };
  static constexpr std::uint32_t kChoicesMax = 64;

  CpuId choose(CpuSet set) {
    const auto of = static_cast<std::uint32_t>(std::popcount(set));
    if (of == 1) return lowest(set);
    if (at_ == count_) {
      GRIDLOCK_CHECK(count_ < kChoicesMax);
      choices_[count_++] = {0, of};
    }
    for (std::uint32_t skip = choices_[at_++].taken; skip > 0; --skip) set &= set - 1;
    return lowest(set);
  }

  std::array<Choice, kChoicesMax> choices_{};
  std::uint32_t count_ = 0, at_ = 0;
  std::optional<CpuId> picked_;
};

const char* print(Answer answer) {
  switch (answer) {
    case Answer::kNone:
      return "none";
    case Answer::kRace:
      return "race";
    case Answer::kNotSaid:
      return "not said";
  }
}

std::string printed_table() {
  std::ostringstream out;
  out << "| program | cpus | source | prescribed | Gridlock | ThreadSanitizer | why |\n|---|---|---|---|---|---|---|\n";
  for (const Litmus& litmus : kLitmus) {
    out << "| `" << litmus.name << "` | " << litmus.cpus << " | " << litmus.source << " | " << print(litmus.prescribed)
        << " | " << print(litmus.judge) << " | " << print(litmus.sanitizer) << " | " << litmus.why << " |\n";
  }
  return out.str();
}

class LitmusTest : public MachineFixture {
 protected:
  struct Found {
    bool by_judge = false, by_sanitizer = false;
    std::uint32_t runs = 0;
  };

  Found run_all(const Litmus& litmus) {
    constexpr std::uint32_t kRunsMax = 100'000;
    Found found;
    const Scenario scenario = make_scenario(litmus.target, std::vector<std::string>(litmus.cpus, litmus.name));
    AllInterleavings all;
    do {
      const RunView& view = machine_->run(test_target(litmus.target), scenario, all, {});
      EXPECT_TRUE(view.end == RunEnd::kCompleted || view.race != nullptr) << litmus.name;
      found.by_judge |= view.end == RunEnd::kDataRace;
      found.by_sanitizer |= view.ordered_reports > 0 || view.end == RunEnd::kSanitizerReport ||
                            (view.race != nullptr && view.race->sanitizer_agrees);
      ++found.runs;
    } while (all.advance() && found.runs < kRunsMax);
    EXPECT_LT(found.runs, kRunsMax) << litmus.name;
    return found;
  }
};

TEST_F(LitmusTest, AllInterleavingsOfEachProgramGiveTheAnswerOfTheTable) {
  std::uint32_t runs = 0;
  for (const Litmus& litmus : kLitmus) {
    const Found found = run_all(litmus);
    runs += found.runs;
    EXPECT_EQ(found.by_judge, litmus.judge == Answer::kRace)
        << litmus.name << ", the judge, in " << found.runs << " runs";
    if (!is_flavour("tsan")) continue;
    EXPECT_EQ(found.by_sanitizer, litmus.sanitizer == Answer::kRace) << litmus.name << ", ThreadSanitizer";
  }
  RecordProperty("runs", static_cast<int>(runs));
}

TEST(LitmusPage, TheTableInTheDocumentationIsThisOne) {
  const auto page = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path() / "docs" / "LITMUS.md";
  std::ifstream file(page);
  std::stringstream text;
  text << file.rdbuf();
  const std::string table = printed_table(), fresh = testing::TempDir() + "litmus_table.md";
  const bool is_there = text.str().find(table) != std::string::npos;
  if (!is_there) std::ofstream(fresh) << table;
  EXPECT_TRUE(is_there) << page.string() << " must contain the table in " << fresh;
}

}  // namespace
}  // namespace gridlock
