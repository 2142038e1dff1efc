// With shell scripts as siblings: what they answer is made by the test.
#include "engine/cli/sibling_replay.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "engine/cli/exit_code.h"
#include "engine/cli/fake_machine.h"

namespace gridlock {
namespace {

constexpr std::string_view kTwo[] = {"plain", "tsan"};

class SiblingReplayTest : public testing::Test {
 protected:
  SiblingReplayTest() : folder_(testing::TempDir() + "siblings-" + std::to_string(::getpid())) {
    std::filesystem::create_directory(folder_);
    for (const char* name : {"a.repro", "b.repro"}) {
      files_.push_back({name, {&target_, {}, true}, {{0, VerdictKind::kHang}, {1, VerdictKind::kOk}}});
    }
  }
  ~SiblingReplayTest() override { std::filesystem::remove_all(folder_); }

  // The sibling of a flavour does what the script says.
  void sibling(const std::string& name, const std::string& script) {
    const std::filesystem::path path = folder_ / name;
    std::ofstream(path) << "#!/bin/sh\n" << script << "\n";
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  }
  // As `replay --json` prints them; all as expected.
  [[nodiscard]] std::string answer(const std::string& flavour) const {
    std::vector<ReplayRow> rows;
    for (const auto& file : files_) {
      for (const auto& work : file.cases) {
        ReplayRow row;
        row.file = file.path;
        row.target = "fake";
        row.variant = target_.schema.variants[work.variant].name;
        row.flavour = flavour;
        row.expected = work.expected;
        row.seen.kind = *work.expected;
        row.as_expected = row.times = 1;
        rows.push_back(row);
      }
    }
    return "echo a line for people; echo '" + replay_json(rows, 0).dump() + "'";
  }
  [[nodiscard]] auto replay() const { return replay_in_siblings(folder_ / "gridlock", files_, kTwo, 2); }

  std::filesystem::path folder_;
  Target target_ = fake_target();
  std::vector<ReplayFile> files_;
};

TEST_F(SiblingReplayTest, RowsComeByFileThenCaseThenFlavour) {
  sibling("gridlock", answer("plain"));
  sibling("gridlock-tsan", answer("tsan") + "; exit 1");
  const auto rows = replay();
  ASSERT_TRUE(rows.has_value()) << rows.error().message();
  std::vector<std::string> order;
  for (const auto& row : *rows) order.push_back(row.file + " " + row.variant + " " + row.flavour);
  EXPECT_EQ(order, (std::vector<std::string>{"a.repro broken plain", "a.repro broken tsan", "a.repro fixed plain",
                                             "a.repro fixed tsan", "b.repro broken plain", "b.repro broken tsan",
                                             "b.repro fixed plain", "b.repro fixed tsan"}));
}

TEST_F(SiblingReplayTest, AMissingSiblingIsNamed) {
  sibling("gridlock", answer("plain"));
  const auto rows = replay();
  ASSERT_FALSE(rows.has_value());
  EXPECT_NE(rows.error().message().find("gridlock-tsan"), std::string::npos);
  EXPECT_NE(rows.error().message().find("build all flavours"), std::string::npos);
}

TEST_F(SiblingReplayTest, ASiblingThatDoesNotJudgeIsAnErrorWithItsLastWords) {
  sibling("gridlock", answer("plain"));
  sibling("gridlock-tsan", "echo unexpected memory mapping >&2; exit 66");
  const auto rows = replay();
  ASSERT_FALSE(rows.has_value());
  EXPECT_NE(rows.error().message().find("exited with code 66: unexpected memory mapping"), std::string::npos);
}

TEST_F(SiblingReplayTest, AnAnswerThatIsNoneIsAnError) {
  sibling("gridlock", answer("plain"));
  for (const char* script : {"true", "echo", "echo nonsense", "echo '{\"results\": []}'"}) {
    sibling("gridlock-tsan", script);
    EXPECT_FALSE(replay().has_value()) << script;
  }
}

TEST_F(SiblingReplayTest, ADefectOfASiblingIsOneOfThisProgram) {
  sibling("gridlock", answer("plain"));
  sibling("gridlock-tsan", "echo GRIDLOCK_CHECK failed >&2; exit 3");
  EXPECT_EXIT(static_cast<void>(replay()), testing::ExitedWithCode(static_cast<int>(ExitCode::kInternalDefect)),
              "GRIDLOCK_CHECK failed");
}

}  // namespace
}  // namespace gridlock
