#include "engine/cli/corpus_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "engine/cli/fake_machine.h"

namespace gridlock {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class CorpusFolderTest : public testing::Test {
 protected:
  CorpusFolderTest() { path_ = *make_work_folder("test"); }
  ~CorpusFolderTest() override { std::filesystem::remove_all(path_); }

  void put(const std::string& name, const std::string& bytes) { std::ofstream(path_ + "/" + name) << bytes; }

  std::string path_;
  Target target_ = fake_target();
};

TEST_F(CorpusFolderTest, WhatOneAddsAnotherTakesInOnce) {
  CorpusFolder ours(path_, target_), theirs(path_, target_);
  const Scenario scenario = fake_scenario(FakeMachine::kStick);
  ASSERT_TRUE(ours.add(scenario).has_value());
  EXPECT_THAT(ours.take_in(10), IsEmpty()) << "it is our own";
  const auto taken = theirs.take_in(10);
  ASSERT_THAT(taken, SizeIs(1));
  EXPECT_EQ(taken.front().scenario, scenario);
  EXPECT_NE(taken.front().id, 0u);
  EXPECT_THAT(theirs.take_in(10), IsEmpty());
}

TEST_F(CorpusFolderTest, TheSameScenarioIsOneFile) {
  CorpusFolder ours(path_, target_), theirs(path_, target_);
  ASSERT_TRUE(ours.add(fake_scenario(FakeMachine::kStick)).has_value());
  ASSERT_TRUE(theirs.add(fake_scenario(FakeMachine::kStick)).has_value());
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(path_), {}), 1);
}

TEST_F(CorpusFolderTest, FilesOfAnyNameAreInputsButHiddenAndUnfinishedOnes) {
  put("from-libfuzzer", "\x01\x02");
  put(".hidden", "\x01");
  put("half.input.77.tmp", "\x01");
  CorpusFolder folder(path_, target_);
  EXPECT_THAT(folder.take_in(10), SizeIs(1));
}

TEST_F(CorpusFolderTest, NoMoreThanAskedForAndTheRestNextTime) {
  for (int i = 0; i < 5; ++i) put("entry-" + std::to_string(i), std::string(1, static_cast<char>(i)));
  CorpusFolder folder(path_, target_);
  EXPECT_THAT(folder.take_in(3), SizeIs(3));
  EXPECT_THAT(folder.take_in(3), SizeIs(2));
}

TEST_F(CorpusFolderTest, AFolderThatIsGoneIsAnErrorForAddAndEmptyForTakeIn) {
  CorpusFolder folder(path_ + "/gone", target_);
  EXPECT_THAT(folder.take_in(3), IsEmpty());
  const auto added = folder.add(fake_scenario(FakeMachine::kStick));
  ASSERT_FALSE(added.has_value());
  EXPECT_THAT(added.error().message(), testing::HasSubstr("gone"));
}

}  // namespace
}  // namespace gridlock
