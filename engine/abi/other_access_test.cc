// What is not an atomic entry point: volatile accesses, fences, memory intrinsics, calls of the atomic library.
#include <gtest/gtest.h>

#include "engine/machine/machine_fixture.h"
#include "engine/machine/test_targets/access_cases.h"

namespace gridlock {
namespace {

using test_targets::spread;

class OtherAccessTest : public MachineFixture {
 protected:
  std::uint64_t points_of(const std::string& program) {
    const RunView& view = run("accesses", {program});
    EXPECT_EQ(view.end, RunEnd::kCompleted) << program << (view.failure != nullptr ? ": " + view.failure->what : "");
    return view.points;
  }
};

TEST_F(OtherAccessTest, VolatileAccessesArePointsOfTheirWidth) {
  const std::uint64_t none = points_of("nothing");
  for (const std::uint32_t width_bytes : {1u, 2u, 4u, 8u}) {
    const std::string program = "volatile " + std::to_string(width_bytes) + " 77";
    EXPECT_EQ(points_of(program), none + 2) << width_bytes;
    const RunView& view = run("accesses", {program}, {}, {.trace = true});
    const auto writes = steps_of_kind(view, StepKind::kVolatileWrite);
    const auto reads = steps_of_kind(view, StepKind::kVolatileRead);
    ASSERT_EQ(writes.size(), 1u);
    ASSERT_EQ(reads.size(), 1u);
    EXPECT_EQ(writes[0].width_bytes, width_bytes);
    EXPECT_EQ(reads[0].width_bytes, width_bytes);
    const std::uint64_t mask = ~std::uint64_t{0} >> (64 - 8 * width_bytes);
    EXPECT_EQ(reads[0].before, static_cast<std::uint64_t>(spread(77)) & mask);
    EXPECT_EQ(reads[0].address, writes[0].address);
  }
}

TEST_F(OtherAccessTest, AFenceIsNoPointAndShows) {
  EXPECT_EQ(points_of("fences"), points_of("nothing") + 1);  // the load between them
  const RunView& view = run("accesses", {"fences"}, {}, {.trace = true});
  EXPECT_EQ(steps_of_kind(view, StepKind::kFence).size(), 2u);  // a signal fence orders nothing between cpus
}

TEST_F(OtherAccessTest, MemoryIntrinsicsDoTheirWorkAndAreNoPoints) {
  const std::uint64_t none = points_of("nothing");
  for (const char* bytes : {"0", "1", "7", "8", "64", "299"}) {
    EXPECT_EQ(points_of(std::string("intrinsics ") + bytes), none) << bytes;
  }
}

struct LibraryAccess {
  const char* argument;
  StepKind kind;
  bool changes;
};
constexpr LibraryAccess kLibraryAccesses[] = {{"0", StepKind::kLoad, false},
                                              {"1", StepKind::kStore, true},
                                              {"2", StepKind::kExchange, true},
                                              {"3", StepKind::kCompareExchange, true},
                                              {"4", StepKind::kCompareExchange, false}};

TEST_F(OtherAccessTest, AnAccessByTheAtomicLibraryIsOnePointOfItsSize) {
  const std::uint64_t none = points_of("nothing");
  for (const std::uint32_t size : {3u, 24u}) {
    for (const LibraryAccess& access : kLibraryAccesses) {
      const std::string program = "library " + std::to_string(size) + " " + access.argument;
      EXPECT_EQ(points_of(program), none + 1) << program;
      const RunView& view = run("accesses", {program}, {}, {.trace = true});
      const auto steps = steps_of_kind(view, access.kind);
      ASSERT_EQ(steps.size(), 1u) << program;
      EXPECT_EQ(steps[0].width_bytes, size) << program;
      EXPECT_EQ(steps[0].changed, access.changes) << program;
      EXPECT_EQ(steps[0].before, size == 3 ? 0x030201u : 1u) << program;
      EXPECT_EQ(steps[0].after, access.changes ? (size == 3 ? 0x060504u : 4u) : steps[0].before) << program;
    }
  }
}

}  // namespace
}  // namespace gridlock
