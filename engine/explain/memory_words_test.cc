#include "engine/explain/memory_words.h"

#include <gtest/gtest.h>

#include "engine/explain/fake_traced_run.h"

namespace gridlock {
namespace {

using Lines = std::vector<std::string>;

class MemoryWordsTest : public testing::Test {
 protected:
  MemoryWordsTest() { run_.trace.names = {{0x40, 24, "node[0]"}}; }
  // Of an access to 4 bytes of the block [0x40, 0x58), unless the test says otherwise.
  Lines told(const std::string& what, BadAccess access) {
    access.has_block = !access.on_stack;
    Failure failure{what, "", CpuId(0), {}, access};
    const ExplainInput& input = run_.input();
    return bad_access_lines(Words(input), History(run_.trace.steps), failure);
  }
  static BadAccess at(std::uint64_t offset) {
    return {.is_write = true, .offset = offset, .bytes = 4, .block_begin = 0x40, .block_bytes = 24};
  }

  FakeTracedRun run_;
};

TEST_F(MemoryWordsTest, AUseAfterFreeNamesTheBlockAndWhoFreedIt) {
  run_.at(1, {"retire", "unlink"}).step({.kind = StepKind::kFree, .address = 0x40});
  EXPECT_EQ(told("use-after-free", at(0x48)),
            (Lines{"writes 4 bytes at +8 of a block of 24 bytes named node[0]", "freed by cpu 1 at step 1",
                   "  in retire (code.cc:1)", "  called from unlink (code.cc:2)"}));
}

TEST_F(MemoryWordsTest, ABlockThatSetupFreedHasNoStep) {
  run_.at(1, {"f"}).load(0x80, 1);
  EXPECT_EQ(told("use-after-free", at(0x40)).back(), "freed before the run began");
}

TEST_F(MemoryWordsTest, AnAccessBehindABlockSaysSo) {
  EXPECT_EQ(told("out-of-bounds", at(0x58)),
            (Lines{"writes 4 bytes at +24, behind the end of a block of 24 bytes named node[0]"}));
}

TEST_F(MemoryWordsTest, ABlockWithoutANameHasItsSize) {
  run_.trace.names.clear();
  EXPECT_EQ(told("out-of-bounds", at(0x58)), (Lines{"writes 4 bytes at +24, behind the end of a block of 24 bytes"}));
}

TEST_F(MemoryWordsTest, WhereOnlyPartsHaveNamesThePartIsNamed) {
  run_.trace.names = {{0x40, 4, "node.count"}, {0x48, 4, "node.next"}};
  EXPECT_EQ(told("use-after-free", at(0x48)).at(0), "writes 4 bytes of node.next, at +8 of a block of 24 bytes");
  EXPECT_EQ(told("use-after-free", at(0x50)).at(0), "writes 4 bytes at +16 of a block of 24 bytes");
}

TEST_F(MemoryWordsTest, ADoubleFreeSaysWhoWasFirst) {
  run_.at(0, {"first"}).step({.kind = StepKind::kFree, .address = 0x40});
  BadAccess access = at(0x40);
  access.bytes = 0;
  EXPECT_EQ(told("double-free", access),
            (Lines{"frees a block of 24 bytes named node[0]", "freed by cpu 0 at step 1", "  in first (code.cc:1)"}));
}

TEST_F(MemoryWordsTest, AFreeOfTheMiddleOfABlockIsNoDoubleFree) {
  BadAccess access = at(0x48);
  access.bytes = 0;
  EXPECT_EQ(told("double-free", access).at(0),
            "frees what is no block's beginning: at +8 of a block of 24 bytes named node[0]");
}

TEST_F(MemoryWordsTest, AStackFrameThatIsGoneHasNoBlock) {
  EXPECT_EQ(told("stack-use-after-return", {.is_write = false, .on_stack = true, .bytes = 8}),
            (Lines{"reads 8 bytes in a frame that has returned"}));
}

TEST_F(MemoryWordsTest, AddressSanitizersAgreementIsTold) {
  BadAccess access = at(0x58);
  access.sanitizer_agrees = true;
  EXPECT_EQ(told("out-of-bounds", access).back(), "AddressSanitizer takes these bytes for dead too");
}

}  // namespace
}  // namespace gridlock
