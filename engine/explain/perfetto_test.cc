#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/explain/explain.h"
#include "engine/explain/fake_traced_run.h"

namespace gridlock {
namespace {

using Json = nlohmann::json;

Json events_of(FakeTracedRun& run) {
  return Json::parse(explain_perfetto(run.input())).at("traceEvents");
}

std::vector<std::string> names_of(const Json& events, const std::string& phase) {
  std::vector<std::string> names;
  for (const Json& event : events) {
    if (event.at("ph") == phase) names.push_back(event.at("name"));
  }
  return names;
}

// How many slices stay open, or -1 if one is closed that was not open. Also checks that time does not go back.
int open_slices(const Json& events) {
  std::map<int, int> open;
  int now = 0;
  for (const Json& event : events) {
    if (event.at("ph") == "M") continue;
    if (event.at("ts") < now) return -1;
    now = event.at("ts");
    if (event.at("ph") == "B") ++open[event.at("tid")];
    if (event.at("ph") == "E" && --open[event.at("tid")] < 0) return -1;
  }
  int sum = 0;
  for (const auto& [track, depth] : open) sum += depth;
  return sum;
}

TEST(ExplainPerfetto, EveryCpuIsANamedTrack) {
  FakeTracedRun run;
  build_xen_hang(run);
  std::vector<std::string> tracks;
  for (const Json& event : events_of(run)) {
    if (event.value("name", "") == "thread_name") tracks.push_back(event.at("args").at("name"));
  }
  EXPECT_EQ(tracks, (std::vector<std::string>{"cpu 0", "cpu 1", "cpu 2"}));
}

TEST(ExplainPerfetto, OperationsHandlersAndWaitsAreSlicesThatAllEnd) {
  FakeTracedRun run;
  build_xen_hang(run);
  const Json events = events_of(run);
  EXPECT_EQ(names_of(events, "B"),
            (std::vector<std::string>{"hold()", "schedule()", "wait", "balance(cpu=0)", "wait", "irq blkif"}));
  EXPECT_EQ(open_slices(events), 0);
}

TEST(ExplainPerfetto, DirectivesAreInstants) {
  FakeTracedRun run;
  build_xen_hang(run);
  const std::vector<std::string> instants = names_of(events_of(run), "i");
  EXPECT_NE(std::find(instants.begin(), instants.end(), "directive 1: demote"), instants.end());
  EXPECT_NE(std::find(instants.begin(), instants.end(), "directive 2: interrupt blkif"), instants.end());
}

TEST(ExplainPerfetto, AStepIsAMicrosecondAtItsNumber) {
  FakeTracedRun run;
  run.at(0, {"spin", "lock"}).load(0x40, 1).load(0x44, 2);
  for (const Json& event : events_of(run)) {
    if (event.at("ph") != "X" || event.at("name") != "load arena+0x44 = 2") continue;
    EXPECT_EQ(event.at("ts"), 2);
    EXPECT_EQ(event.at("dur"), 1);
    EXPECT_EQ(event.at("args").at("in"), "spin (code.cc:1) < lock (code.cc:2)");
    return;
  }
  FAIL() << "the second load is not on the timeline";
}

TEST(ExplainPerfetto, AnEndClosesWhatWasLeftOpenInside) {
  FakeTracedRun run;
  using enum StepKind;
  run.at(0, {"f"}).event(kIrqEnter, 0).event(kWaitEnter).event(kIrqExit, 0).event(kIrqEnter, 1);
  EXPECT_EQ(open_slices(events_of(run)), 0);
}

TEST(ExplainPerfetto, AnEndWithoutABeginningIsIgnored) {
  FakeTracedRun run;
  run.at(0, {"f"}).event(StepKind::kWaitDone).event(StepKind::kOperationEnd);
  EXPECT_EQ(open_slices(events_of(run)), 0);
}

TEST(ExplainPerfetto, ANameThatIsNotUtf8StaysReadableJson) {
  FakeTracedRun run;
  run.schema.name = "bad\xff";
  run.at(0, {"f"}).load(0x40, 1);
  EXPECT_FALSE(Json::parse(explain_perfetto(run.input()), nullptr, false).is_discarded());
}

TEST(ExplainPerfetto, ADataRaceIsAnArrowAndSoIsWhatNearlyOrderedIt) {
  FakeTracedRun run;
  run.at(0, {"send"}).racing(0, true, 0x80).store(0x40, 0, 1);
  run.at(1, {"receive"}).load(0x40, 1).racing(1, false, 0x80);
  const auto page = nlohmann::json::parse(explain_perfetto(run.input()));
  std::vector<std::string> arrows;
  for (const auto& event : page.at("traceEvents")) {
    if (event.at("ph") == "s" || event.at("ph") == "f") {
      arrows.push_back(event.at("name").get<std::string>() + " " + event.at("ts").dump());
    }
  }
  EXPECT_EQ(arrows, (std::vector<std::string>{"data race 1", "data race 4", "does not order 2", "does not order 3"}));
  EXPECT_EQ(page.at("otherData").at("missing edge").size(), 4U);
}

}  // namespace
}  // namespace gridlock
