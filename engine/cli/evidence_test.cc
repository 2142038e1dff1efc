#include "engine/cli/evidence.h"

#include <gtest/gtest.h>

#include "engine/cli/fake_machine.h"

namespace gridlock {
namespace {

class EvidenceTest : public testing::Test {
 protected:
  EvidenceTest() {
    race_.accesses[0] = {.is_write = true, .frames = {5, 6, 7}};
    race_.accesses[1] = {.is_write = false, .frames = {8}};
    race_.sanitizer_accesses[0] = race_.accesses[0];
    race_.sanitizer_accesses[1] = race_.accesses[1];
    race_.sanitizer_agrees = true;
    run_.end = RunEnd::kDataRace;
    run_.race = &race_;
  }
  std::optional<Evidence> evidence(std::string_view flavour = "tsan") { return evidence_of(run_, names_, flavour); }

  FakeSiteNames names_;
  RaceReport race_;
  RunView run_;
};

TEST_F(EvidenceTest, ThreadSanitizerIsAskedAboutRacesAlone) {
  EXPECT_EQ(evidence(), (Evidence{true, ""}));
  EXPECT_EQ(evidence("plain"), std::nullopt);
  EXPECT_EQ(evidence("asan"), std::nullopt);
  run_.end = RunEnd::kSelfLoops;
  EXPECT_EQ(evidence(), std::nullopt);
}

TEST_F(EvidenceTest, ARaceThatItMissedCounts) {
  race_.sanitizer_agrees = false;
  EXPECT_EQ(evidence(), (Evidence{false, ""}));
}

TEST_F(EvidenceTest, ItsFramesAreToldWhereTheyDiffer) {
  race_.sanitizer_accesses[0].frames = {5, 9};
  EXPECT_EQ(evidence()->frames, "write: #0 f5 (fake.c:5) #1 f9 (fake.c:9)\n");
  race_.sanitizer_accesses[1].frames.clear();
  EXPECT_NE(evidence()->frames.find("read: no frames\n"), std::string::npos);
}

TEST_F(EvidenceTest, AChainThatIsCutShortIsTheSame) {
  race_.sanitizer_accesses[0].frames = {5};
  EXPECT_EQ(evidence()->frames, "");
}

TEST_F(EvidenceTest, AddressSanitizerIsAskedAboutMemoryErrorsOfTheEngine) {
  Failure failure{.what = "use-after-free", .access = BadAccess{.sanitizer_agrees = true}};
  run_.end = RunEnd::kMemoryError;
  run_.failure = &failure;
  EXPECT_EQ(evidence("asan"), (Evidence{true, ""}));
  EXPECT_EQ(evidence("tsan"), std::nullopt);
  failure.access->on_stack = true;  // AddressSanitizer's own frames are not where the target's are
  EXPECT_EQ(evidence("asan"), std::nullopt);
  failure.access.reset();
  EXPECT_EQ(evidence("asan"), std::nullopt);
}

TEST_F(EvidenceTest, RunsAreCountedAndTheFirstFramesKept) {
  EvidenceCount count;
  count.add(std::optional<Evidence>());
  EXPECT_EQ(count.reports, std::nullopt);
  EXPECT_EQ(describe(count, VerdictKind::kDataRace, 3, 4), "");
  count.add(Evidence{});
  count.add(Evidence{true, "write: x\n"});
  count.add(Evidence{true, "write: y\n"});
  EXPECT_EQ(describe(count, VerdictKind::kDataRace, 3, 4),
            "ThreadSanitizer reports it in 2 of 3 runs, with other frames:\n    write: x\n");
  EXPECT_EQ(evidence_from_message(to_message(count)), count);
}

}  // namespace
}  // namespace gridlock
