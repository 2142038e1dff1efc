#include "engine/cli/input_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "engine/cli/fake_machine.h"
#include "engine/cli/finding_files.h"
#include "engine/decode/decode.h"
#include "engine/model/repro_text.h"

namespace gridlock {
namespace {

class InputFile : public testing::Test {
 protected:
  InputFile() {
    std::string path = testing::TempDir() + "gridlock-input-XXXXXX";
    folder_ = ::mkdtemp(path.data());
  }
  ~InputFile() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& name, std::string_view bytes) {
    EXPECT_TRUE(write_file(folder_ + "/" + name, bytes));
    return folder_ + "/" + name;
  }
  std::string repro_text() {
    return print_repro({"fake", "", {{"broken", VerdictKind::kHang}}, scenario_, {""}}, targets_[0].schema);
  }
  std::string raw_bytes() {
    const auto bytes = encode(scenario_, targets_[0].schema);
    return {bytes.begin(), bytes.end()};
  }
  Result<LoadedInput> load(const std::string& path, std::string_view target = "") {
    return load_input(path, target, targets_);
  }

  std::string folder_;
  Scenario scenario_ = fake_scenario(FakeMachine::kStick);
  std::vector<Target> targets_ = {fake_target()};
};

TEST_F(InputFile, AReproNamesItsOwnTarget) {
  const auto input = load(file("x.repro", repro_text()));
  ASSERT_TRUE(input.has_value());
  EXPECT_TRUE(input->is_repro);
  EXPECT_EQ(input->target, targets_.data());
  EXPECT_EQ(input->repro.scenario, scenario_);
  EXPECT_EQ(input->repro.expectations.size(), 1u);
}

TEST_F(InputFile, RawBytesAreOfTheTargetOnTheCommandLine) {
  const auto input = load(file("x.input", raw_bytes()), "fake");
  ASSERT_TRUE(input.has_value());
  EXPECT_FALSE(input->is_repro);
  EXPECT_EQ(input->repro.scenario, scenario_);
  EXPECT_TRUE(input->repro.expectations.empty());
}

TEST_F(InputFile, AnEmptyFileIsALegalRawInput) {
  EXPECT_TRUE(load(file("empty", ""), "fake").has_value());
}

TEST_F(InputFile, BadInputIsAnErrorThatNamesIt) {
  const std::tuple<std::string, std::string, std::string> kBad[] = {
      {folder_ + "/missing", "", "missing"},
      {folder_, "", "folder"},
      {file("raw", "\1\2\3"), "", "--target"},
      {file("raw2", "\1\2\3"), "nosuch", "known targets: fake"},
      {file("other", "gridlock-repro 1\ntarget other\n"), "", "known targets: fake"},
      {file("mismatch", repro_text()), "other", "not of other"},
      {file("broken", "gridlock-repro 1\ntarget fake\nnonsense\n"), "", "broken:3:"},
      {file("version", "gridlock-repro 999\ntarget fake\n"), "", "999"},
      {file("long", std::string(kReproBytesMax + 1, 'x')), "fake", "longer"},
  };
  for (const auto& [path, target, named] : kBad) {
    const auto input = load(path, target);
    ASSERT_FALSE(input.has_value()) << path;
    EXPECT_NE(input.error().message().find(named), std::string::npos) << input.error().message();
  }
}

TEST_F(InputFile, ACorpusHoldsRawInputsAndReprosInTheOrderOfNames) {
  file("b", raw_bytes());
  file("a.repro", repro_text());
  file(".hidden", "gridlock-repro nonsense");
  file("c.repro", "gridlock-repro 1\ntarget other\n");
  std::filesystem::create_directory(folder_ + "/folder");
  const auto corpus = load_corpus(folder_, targets_[0]);
  ASSERT_TRUE(corpus.has_value());
  EXPECT_EQ(*corpus, (std::vector<Scenario>{scenario_, scenario_}));
}

TEST_F(InputFile, AWalkTellsReprosFromRawInputsAndEndsWithTheFirstError) {
  file("a", raw_bytes());
  file("b.repro", repro_text());
  file("c", raw_bytes());
  std::vector<bool> repros;
  const auto walked = walk_corpus(folder_, targets_[0], [&](const CorpusFile& entry) -> Result<void> {
    EXPECT_EQ(entry.scenario, scenario_);
    repros.push_back(entry.is_repro);
    return repros.size() == 2 ? failure("go on", "b", "enough") : Result<void>{};
  });
  EXPECT_FALSE(walked.has_value());
  EXPECT_EQ(repros, (std::vector<bool>{false, true}));
}

TEST_F(InputFile, ACorpusIsReadThoughFilesGoMeanwhile) {
  constexpr int kFiles = 300;
  const auto path = [&](int number) { return folder_ + "/entry-" + std::to_string(number); };
  for (int number = 0; number < kFiles; ++number) std::ofstream(path(number)) << number;
  const std::jthread tidying([&](const std::stop_token& stop) {
    for (int number = 0; !stop.stop_requested(); number = (number + 1) % kFiles) {
      std::filesystem::remove(path(number));
      std::ofstream(path(number)) << number;
    }
  });
  for (int round = 0; round < 50; ++round) {
    const auto corpus = load_corpus(folder_, targets_[0]);
    ASSERT_TRUE(corpus.has_value()) << corpus.error().message();
  }
}

TEST_F(InputFile, AMissingCorpusIsEmptyAndABrokenOneAnError) {
  EXPECT_TRUE(load_corpus(folder_ + "/missing", targets_[0])->empty());
  file("x.repro", "gridlock-repro 1\ntarget fake\nnonsense\n");
  EXPECT_FALSE(load_corpus(folder_, targets_[0]).has_value());
}

}  // namespace
}  // namespace gridlock
