#include "engine/cli/afl_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "engine/cli/fake_machine.h"
#include "engine/decode/decode.h"

namespace gridlock {
namespace {

using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class AflQueueTest : public testing::Test {
 protected:
  AflQueueTest() {
    std::filesystem::create_directories(queue());
    std::filesystem::create_directories(corpus());
  }
  ~AflQueueTest() override { std::filesystem::remove_all(path_); }

  [[nodiscard]] std::filesystem::path queue() const { return path_ / "queue"; }
  [[nodiscard]] std::filesystem::path corpus() const { return path_ / "corpus"; }

  // A scenario of its own for each byte, as a file that AFL++ has named so.
  Scenario put(const std::string& name, std::uint8_t byte) {
    const std::uint8_t bytes[] = {byte, 1, 2, 3, byte};
    std::ofstream(queue() / name).write(reinterpret_cast<const char*>(bytes), sizeof bytes);
    return decode(bytes, target_.schema);
  }

  std::vector<Scenario> gathered() {
    CorpusFolder ours(corpus(), target_);
    EXPECT_TRUE(add_afl_queue(queue(), target_.schema, ours).has_value());
    std::vector<Scenario> scenarios;
    for (auto& entry : CorpusFolder(corpus(), target_).take_in(100)) scenarios.push_back(std::move(entry.scenario));
    return scenarios;
  }

  Target target_ = fake_target();

 private:
  std::filesystem::path path_ = *make_work_folder("test");
};

TEST_F(AflQueueTest, FindsAreAddedSeedsAndWhatCameFromOthersAreNot) {
  put("id:000000,time:0,execs:0,orig:000007", 1);
  const Scenario found =
      put("id:000008,src:000000+000003,time:47,execs:17,op:libgridlock-afl-mutator.so,pos:0,+cov", 2);
  put("id:000009,sync:001,src:000123", 3);
  put("id:000010,sync:foreign_1,src:abcdef", 4);
  std::filesystem::create_directories(queue() / ".state");
  EXPECT_THAT(gathered(), UnorderedElementsAre(found));
}

// An instance that somebody kills is started again and takes its queue over, under new names.
TEST_F(AflQueueTest, WhatWasFoundBeforeAKillIsAdded) {
  const Scenario before = put("id:000000,time:0,execs:0,orig:id:000609,src:000018+000404,time:31053,op:havoc,+cov", 1);
  const Scenario after = put("id:000610,src:000002+000293,time:17899,execs:47647,op:havoc", 2);
  put("id:000001,time:0,execs:0,orig:000003", 3);
  put("id:000002,time:0,execs:0,orig:id:000010,sync:001,src:000123", 4);
  EXPECT_THAT(gathered(), UnorderedElementsAre(before, after));
}

TEST_F(AflQueueTest, AnInstanceThatNeverGotAsFarAsAQueueGivesNothing) {
  std::filesystem::remove_all(queue());
  EXPECT_THAT(gathered(), SizeIs(0));
}

}  // namespace
}  // namespace gridlock
