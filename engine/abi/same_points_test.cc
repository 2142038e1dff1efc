// The points are the same in every flavour: the trace of one scenario, printed with function and line, is compared with
// one file by the test of each flavour.
//
// When a test target or the trace changes on purpose, the test says where it left the new text.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "engine/machine/machine_fixture.h"
#include "engine/symbolize/symbolize.h"

namespace gridlock {
namespace {

// The innermost frame in a file of the target: inlined functions of the standard library differ in nothing.
std::string place_of(const SiteNames& names, Site site) {
  if (site == 0) return "-";
  for (const Frame& frame : names.frames_at(site)) {
    if (frame.file.ends_with(".cc")) return frame.function + " " + frame.file + ":" + std::to_string(frame.line);
  }
  return "?";
}

std::string printed(const Trace& trace, const SiteNames& names) {
  std::ostringstream out;
  for (const Step& step : trace.steps) {
    out << "cpu " << step.cpu.value() << " point " << step.point.value() << " depth " << int{step.depth} << " "
        << step_kind_name(step.kind);
    if (step.width_bytes != 0) {
      out << " " << int{step.width_bytes} << " bytes " << std::hex << step.before << " -> " << step.after << std::dec;
    }
    out << " " << place_of(names, step.frames[0]) << "\n";
  }
  return out.str();
}

struct Recording {
  const char* target;
  std::vector<std::string> programs;
  std::vector<Directive> directives;
};

const Recording kRecordings[] = {
    {"ticket", {"section; section", "section", "section"}, {demote(0, 3), demote(1, 2), demote(0, 5)}},
    {"irq", {"work; touch 1", "send 0; send 0"}, {interrupt(0, 2, 0), demote(0, 2), interrupt(0, 4, 2)}},
    {"accesses", {"volatile 4 9; fences; library 24 3; library 3 1; intrinsics 64; access 4107 1 2 1"}, {}},
    {"proofs",
     {"spin_on_two_words", "write_sequence 0; set", "read_sequence; set_other"},
     {demote(1, 2), demote(2, 3)}},
    {"delivery",
     {"wait_ready 500; create 2 1", "make_ready; wait_out 40 0"},
     {migrate(0, 3, 1, 0), interrupt(1, 2, 3)}},
};

using SamePointsTest = MachineFixture;

TEST_F(SamePointsTest, TheTraceIsTheOneThatEveryFlavourHas) {
  auto names = open_site_names();
  ASSERT_TRUE(names.has_value()) << names.error().message();
  std::string actual;
  for (const Recording& recording : kRecordings) {
    const RunView& view = run(recording.target, recording.programs, recording.directives, {.trace = true});
    ASSERT_EQ(view.end, RunEnd::kCompleted) << recording.target;
    actual += std::string("target ") + recording.target + "\n" + printed(*view.trace, **names) + "\n";
  }
  const auto golden = std::filesystem::path(__FILE__).parent_path() / "testdata" / "same_points.txt";
  std::ifstream file(golden);
  std::stringstream expected;
  expected << file.rdbuf();
  const std::string fresh = testing::TempDir() + "same_points." + Machine::flavour() + ".txt";
  if (actual != expected.str()) std::ofstream(fresh) << actual;
  EXPECT_TRUE(actual == expected.str()) << "diff " << golden.string() << " " << fresh;
}

}  // namespace
}  // namespace gridlock
