#include "engine/explain/test_source.h"

#include <gtest/gtest.h>

#include "engine/explain/fake_traced_run.h"
#include "engine/model/repro_text.h"

namespace gridlock {
namespace {

class TestSource : public testing::Test {
 protected:
  TestSource() {
    build_xen_hang(run_);
    run_.schema.cpus_maximum = 4;
    run_.schema.variants = {{"kick-first", "", "hang"}, {"kick-all", "", "ok"}};
    repro_ = {.target = run_.schema.name,
              .signature = run_.verdict.signature,
              .expectations = {{"kick-first", VerdictKind::kHang}, {"kick-all", VerdictKind::kOk}},
              .scenario = run_.scenario};
  }

  FakeTracedRun run_;
  Repro repro_;
};

TEST_F(TestSource, HoldsTheReproAndATestForEachExpectation) {
  const std::string source = test_source(repro_, run_.schema);
  EXPECT_NE(source.find("R\"repro(" + print_repro(repro_, run_.schema) + ")repro\""), std::string::npos);
  EXPECT_NE(source.find("TEST_F(XenPvSpinlock, KickFirstIsHang) {\n  EXPECT_EQ(replay(\"kick-first\"), 0);"),
            std::string::npos);
  EXPECT_NE(source.find("TEST_F(XenPvSpinlock, KickAllIsOk)"), std::string::npos);
}

TEST_F(TestSource, TwoExpectationsThatLookTheSameAreTwoTests) {
  repro_.expectations = {{"kick-first", VerdictKind::kHang}, {"kick.first", VerdictKind::kHang}};
  const std::string source = test_source(repro_, run_.schema);
  EXPECT_NE(source.find("KickFirstIsHang)"), std::string::npos);
  EXPECT_NE(source.find("KickFirstIsHangAgain)"), std::string::npos);
}

TEST_F(TestSource, WhatWouldEndTheStringOrTheCommentDoesNot) {
  repro_.signature = "hang: )repro\" \\";
  const std::string source = test_source(repro_, run_.schema);
  EXPECT_NE(source.find("R\"repro_("), std::string::npos);
  EXPECT_NE(source.find("// Regression test of xen-pv-spinlock: hang: )repro\"  \n"), std::string::npos);
}

}  // namespace
}  // namespace gridlock
