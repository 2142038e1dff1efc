// The byte form: what single bytes mean, that everything is legal, and that everything legal comes back.
#include "engine/decode/decode.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "engine/base/prng.h"
#include "engine/decode/any_scenario.h"
#include "engine/model/repro_text.h"
#include "engine/model/toy_schema.h"

namespace gridlock {
namespace {

using Bytes = std::vector<std::uint8_t>;

Repro repro_of(const Scenario& scenario, const TargetSchema& schema) {
  return {.target = schema.name,
          .signature = {},
          .expectations = {},
          .scenario = scenario,
          .site_hints = std::vector<std::string>(scenario.directives.size())};
}

// The scenario as text from its first `cpu` line on, so that a test reads as what it means.
std::string text_of(const Scenario& scenario, const TargetSchema& schema) {
  const std::string text = print_repro(repro_of(scenario, schema), schema);
  return text.substr(text.find("cpu 0:"));
}

// What the toy target makes of a header for three cpus and these records.
std::string toy_records(Bytes records) {
  const Bytes header = {0x02, 0x00, 0x00};
  records.insert(records.begin(), header.begin(), header.end());
  return text_of(decode(records, toy_schema()), toy_schema());
}

TEST(Decode, NoBytesAtAllAreTheSmallestScenario) {
  const Scenario scenario = decode({}, toy_schema());
  EXPECT_EQ(scenario.parameters, (std::vector<std::uint32_t>{2, 0}));
  EXPECT_EQ(text_of(scenario, toy_schema()), "cpu 0:\norder 0\n");
  EXPECT_TRUE(is_legal(scenario, toy_schema()));
  EXPECT_EQ(text_of(decode({}, bare_schema()), bare_schema()), "cpu 0:\ncpu 1:\norder 0 1\n");
}

TEST(Decode, TheHeaderIsTheNumberOfCpusAndTheParameters) {
  const Scenario scenario = decode(Bytes{0x03, 0xfc, 0xff, 0x03, 0x00, 0x00, 0x07}, toy_schema());
  EXPECT_EQ(scenario.cpu_count(), 4u);
  EXPECT_EQ(scenario.parameters, (std::vector<std::uint32_t>{1024, 7}));
}

TEST(Decode, EachKindOfRecordReadsItsOwnNumbers) {
  const struct {
    const char* name;
    Bytes record;
    const char* text;
  } rows[] = {
      {"call", {0x80, 0x01, 0x00, 0x03}, "cpu 0:\ncpu 1: lock(3)\ncpu 2:\norder 0 1 2\n"},
      {"call without arguments", {0x89, 0x02, 0x01}, "cpu 0:\ncpu 1:\ncpu 2: unlock()\norder 0 1 2\n"},
      {"demote", {0x8a, 0x01, 0x08}, "cpu 0:\ncpu 1:\ncpu 2:\norder 0 1 2\nat cpu 1 point 9 demote\n"},
      {"interrupt",
       {0x94, 0x00, 0x15, 0x01},
       "cpu 0:\ncpu 1:\ncpu 2:\norder 0 1 2\nat cpu 0 point 22 interrupt disk\n"},
      {"defer",
       {0x98, 0x02, 0x00, 0x01, 0x0c},
       "cpu 0:\ncpu 1:\ncpu 2:\norder 0 1 2\nat cpu 2 point 1 defer kick 12\n"},
      {"migrate",
       {0x9a, 0x00, 0x15, 0x01, 0x02},
       "cpu 0:\ncpu 1:\ncpu 2:\norder 0 1 2\nat cpu 0 point 22 migrate task_b 2\n"},
      {"front", {0x9c, 0x01, 0x9c, 0x02}, "cpu 0:\ncpu 1:\ncpu 2:\norder 2 1 0\n"},
      {"stale, reserved", {0x9e, 0x01, 0x08, 0x05}, "cpu 0:\ncpu 1:\ncpu 2:\norder 0 1 2\nat cpu 1 point 9 demote\n"},
      {"delay-store, reserved",
       {0x9f, 0x01, 0x08, 0x05},
       "cpu 0:\ncpu 1:\ncpu 2:\norder 0 1 2\nat cpu 1 point 9 demote\n"},
      {"a cpu that the run creates",
       {0x8a, 0xfc, 0x3f, 0x00, 0x00, 0x00, 0x08},
       "cpu 0:\ncpu 1:\ncpu 2:\norder 0 1 2\nat cpu 63 point 9 demote\n"},
      {"bytes below 0x80 where a tag should stand",
       {0x00, 0x7f, 0x8a, 0x01, 0x08, 0x11},
       "cpu 0:\ncpu 1:\ncpu 2:\norder 0 1 2\nat cpu 1 point 9 demote\n"},
      {"a record cut short", {0x94, 0x01}, "cpu 0:\ncpu 1:\ncpu 2:\norder 0 1 2\nat cpu 1 point 1 interrupt timer\n"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(toy_records(row.record), row.text) << row.name;
    // The high bits of a tag but the first do not matter.
    if (row.record[0] < 0x80) continue;
    Bytes other = row.record;
    other[0] |= 0x60;
    EXPECT_EQ(toy_records(other), row.text) << row.name;
  }
}

TEST(Decode, TheWorkedExampleOfTheFormatPageIsTrue) {
  const Bytes bytes = {0x02, 0x00, 0x07, 0x9c, 0x02, 0x80, 0x00, 0x00, 0x03, 0x80,
                       0x01, 0x01, 0x8a, 0x01, 0x08, 0x94, 0x00, 0x15, 0x01};
  const Scenario scenario = decode(bytes, toy_schema());
  EXPECT_EQ(print_repro({.target = "toy",
                         .signature = "hang: spin_until_free<lock",
                         .expectations = {{"broken", VerdictKind::kHang}, {"fixed", VerdictKind::kOk}},
                         .scenario = scenario,
                         .site_hints = {"unlock (toy.cc:88)", "spin_until_free (toy.cc:41)"}},
                        toy_schema()),
            "gridlock-repro 1\n"
            "target toy\n"
            "signature hang: spin_until_free<lock\n"
            "expect broken hang\n"
            "expect fixed ok\n"
            "parameter spin_budget 2\n"
            "parameter salt 7\n"
            "cpu 0: lock(3)\n"
            "cpu 1: unlock()\n"
            "cpu 2:\n"
            "order 2 0 1\n"
            "at cpu 1 point 9 demote           # unlock (toy.cc:88)\n"
            "at cpu 0 point 22 interrupt disk  # spin_until_free (toy.cc:41)\n");
  EXPECT_EQ(encode(scenario, toy_schema()), bytes);
}

TEST(Decode, WhatTheTargetDoesNotHaveBecomesADemote) {
  const Bytes bytes = {0x00, 0x94, 0x00, 0x04, 0x01, 0x98, 0x01, 0x05, 0x01, 0x0c, 0x9a, 0x01, 0x06, 0x01, 0x01};
  EXPECT_EQ(text_of(decode(bytes, bare_schema()), bare_schema()),
            "cpu 0:\ncpu 1:\norder 0 1\nat cpu 0 point 5 demote\nat cpu 1 point 6 demote\nat cpu 1 point 7 demote\n");
}

TEST(Decode, TruncatedInputIsALegalScenario) {
  Prng prng(1);
  for (int i = 0; i < 200; ++i) {
    const Bytes bytes = encode(AnyScenario(prng, toy_schema()).draw(), toy_schema());
    for (std::size_t length = 0; length <= bytes.size(); ++length) {
      EXPECT_TRUE(is_legal(decode(std::span(bytes).first(length), toy_schema()), toy_schema()));
    }
  }
}

TEST(Decode, EveryByteStringIsALegalScenarioThatComesBack) {
  Prng prng(2);
  for (const TargetSchema& schema : {toy_schema(), bare_schema(), wide_schema()}) {
    for (int i = 0; i < 10'000; ++i) {
      Bytes bytes(prng.below(200));
      for (auto& byte : bytes) byte = static_cast<std::uint8_t>(prng.next());
      const Scenario scenario = decode(bytes, schema);
      ASSERT_TRUE(is_legal(scenario, schema));
      ASSERT_EQ(decode(encode(scenario, schema), schema), scenario);
    }
  }
}

TEST(Decode, WhatIsOverTheLimitsIsIgnored) {
  Bytes bytes = {0x00, 0x00, 0x00};
  for (std::uint32_t i = 0; i < kProgramCallsMax + 1; ++i) bytes.insert(bytes.end(), {0x80, 0x00, 0x01});
  for (std::uint32_t i = 0; i < kDirectivesMax + 1; ++i) bytes.insert(bytes.end(), {0x8a, 0x00, 0x01});
  const Scenario scenario = decode(bytes, toy_schema());
  EXPECT_EQ(scenario.programs[0].size(), kProgramCallsMax);
  EXPECT_EQ(scenario.directives.size(), kDirectivesMax);
  EXPECT_TRUE(is_legal(scenario, toy_schema()));

  Bytes long_input(kInputBytesMax);
  long_input.insert(long_input.end(), {0x8a, 0x00, 0x01});
  EXPECT_TRUE(decode(long_input, toy_schema()).directives.empty());
}

TEST(Decode, TheLargestScenarioComesBack) {
  const TargetSchema schema = wide_schema();
  Scenario scenario{.parameters = {1024, kAnyNumberMax}, .programs = {}, .start_order = {}, .directives = {}};
  const auto last = static_cast<std::uint32_t>(schema.operations.size() - 1);
  const OperationCall call{OperationId(last), {9, 5, 2'000'000, kAnyNumberMax}};
  scenario.programs.assign(kCpusMax, std::vector<OperationCall>(kProgramCallsMax, call));
  for (std::uint32_t cpu = kCpusMax; cpu > 0; --cpu) scenario.start_order.push_back(CpuId(cpu - 1));
  const Directive directive{.cpu = CpuId(kCpusMax - 1),
                            .point = PointIndex(kPointOrdinalMax),
                            .action = Action::kDefer,
                            .a = 2,
                            .b = kDeferPointsMax};
  scenario.directives.assign(kDirectivesMax, directive);
  ASSERT_TRUE(is_legal(scenario, schema));
  const Bytes bytes = encode(scenario, schema);
  EXPECT_LE(bytes.size(), kInputBytesMax);
  EXPECT_EQ(decode(bytes, schema), scenario);
}

TEST(Decode, EveryLegalScenarioComesBackFromItsBytesAndFromItsText) {
  Prng prng(3);
  for (const TargetSchema& schema : {toy_schema(), bare_schema(), wide_schema()}) {
    for (int i = 0; i < 4'000; ++i) {
      const Scenario scenario = AnyScenario(prng, schema).draw();
      ASSERT_TRUE(is_legal(scenario, schema));
      ASSERT_EQ(decode(encode(scenario, schema), schema), scenario);
      const Repro repro = repro_of(scenario, schema);
      ASSERT_EQ(parse_repro(print_repro(repro, schema), schema, "x.repro"), repro);
    }
  }
}

// How many of `kept` are in `all`, in this order.
std::size_t common(const std::vector<Directive>& kept, const std::vector<Directive>& all) {
  std::size_t count = 0;
  auto from = all.begin();
  for (const Directive& directive : kept) {
    const auto at = std::find(from, all.end(), directive);
    if (at == all.end()) continue;
    from = at + 1;
    ++count;
  }
  return count;
}

// The property that the layout is made for. Points below 128, which are one byte that is no tag.
TEST(Decode, AByteThatIsDeletedOrInsertedHarmsAtMostTwoRecords) {
  Scenario scenario = decode(Bytes{0x02}, toy_schema());
  for (std::uint32_t i = 0; i < 20; ++i) {
    scenario.directives.push_back({.cpu = CpuId(i % 3), .point = PointIndex(1 + 6 * i)});
    if (i % 4 == 0) scenario.directives.back().action = Action::kInterrupt;
  }
  const Bytes bytes = encode(scenario, toy_schema());
  for (std::size_t at = 3; at < bytes.size(); ++at) {
    Bytes deleted = bytes;
    deleted.erase(deleted.begin() + static_cast<std::ptrdiff_t>(at));
    EXPECT_GE(common(decode(deleted, toy_schema()).directives, scenario.directives), 18u) << "byte " << at;
    for (const std::uint8_t inserted : Bytes{0x00, 0x8a}) {
      Bytes longer = bytes;
      longer.insert(longer.begin() + static_cast<std::ptrdiff_t>(at), inserted);
      EXPECT_GE(common(decode(longer, toy_schema()).directives, scenario.directives), 18u) << "byte " << at;
    }
  }
}

// ---- is_legal ----

// A legal scenario of the toy target with something of everything.
Scenario legal_scenario() {
  Scenario scenario{.parameters = {2, 0},
                    .programs = {{{OperationId(0), {3}}}, {{OperationId(1), {}}}},
                    .start_order = {CpuId(1), CpuId(0)},
                    .directives = {{.cpu = CpuId(0), .point = PointIndex(1)}}};
  return scenario;
}

void expect_illegal(const char* why, void (*change)(Scenario&)) {
  Scenario scenario = legal_scenario();
  change(scenario);
  EXPECT_FALSE(is_legal(scenario, toy_schema())) << why;
}

TEST(IsLegal, EveryBrokenRuleIsSeen) {
  ASSERT_TRUE(is_legal(legal_scenario(), toy_schema()));
  expect_illegal("a parameter below its range", [](Scenario& s) { s.parameters[0] = 0; });
  expect_illegal("a parameter above its range", [](Scenario& s) { s.parameters[0] = 1025; });
  expect_illegal("a parameter missing", [](Scenario& s) { s.parameters.pop_back(); });
  expect_illegal("a parameter too many", [](Scenario& s) { s.parameters.push_back(0); });
  expect_illegal("no cpu", [](Scenario& s) { s.programs.clear(), s.start_order.clear(); });
  expect_illegal("a cpu too many", [](Scenario& s) {
    s.programs.resize(5);
    s.start_order = {CpuId(0), CpuId(1), CpuId(2), CpuId(3), CpuId(4)};
  });
  expect_illegal("a call too many", [](Scenario& s) { s.programs[0].resize(kProgramCallsMax + 1); });
  expect_illegal("no such operation", [](Scenario& s) { s.programs[0][0].operation = OperationId(3); });
  expect_illegal("an argument out of range", [](Scenario& s) { s.programs[0][0].arguments[0] = 4; });
  expect_illegal("an argument that the operation does not take",
                 [](Scenario& s) { s.programs[0][0].arguments[1] = 1; });
  expect_illegal("a cpu missing in the order", [](Scenario& s) { s.start_order.pop_back(); });
  expect_illegal("a cpu twice in the order", [](Scenario& s) { s.start_order[0] = CpuId(0); });
  expect_illegal("no such cpu in the order", [](Scenario& s) { s.start_order[0] = CpuId(2); });
  expect_illegal("a directive too many", [](Scenario& s) { s.directives.resize(kDirectivesMax + 1, s.directives[0]); });
}

TEST(IsLegal, EveryRuleOfADirectiveIsSeen) {
  const struct {
    Directive directive;
    bool legal;
  } rows[] = {
      {{CpuId(0), PointIndex(0), Action::kDemote, 0, 0}, false},
      {{CpuId(0), PointIndex(1), Action::kDemote, 0, 0}, true},
      {{CpuId(0), PointIndex(kPointOrdinalMax), Action::kDemote, 0, 0}, true},
      {{CpuId(0), PointIndex(kPointOrdinalMax + 1), Action::kDemote, 0, 0}, false},
      {{CpuId(kCpusMax - 1), PointIndex(1), Action::kDemote, 0, 0}, true},
      {{CpuId(kCpusMax), PointIndex(1), Action::kDemote, 0, 0}, false},
      {{CpuId(0), PointIndex(1), Action::kDemote, 1, 0}, false},
      {{CpuId(0), PointIndex(1), Action::kDemote, 0, 1}, false},
      {{CpuId(0), PointIndex(1), Action::kInterrupt, 2, 0}, true},
      {{CpuId(0), PointIndex(1), Action::kInterrupt, 1, 0}, false},  // an IPI
      {{CpuId(0), PointIndex(1), Action::kInterrupt, 3, 0}, false},
      {{CpuId(0), PointIndex(1), Action::kInterrupt, 0, 1}, false},
      {{CpuId(0), PointIndex(1), Action::kDefer, 1, kDeferPointsMax}, true},
      {{CpuId(0), PointIndex(1), Action::kDefer, 1, kDeferPointsMax + 1}, false},
      {{CpuId(0), PointIndex(1), Action::kDefer, 3, 1}, false},
      {{CpuId(0), PointIndex(1), Action::kMigrate, 1, 1}, true},
      {{CpuId(0), PointIndex(1), Action::kMigrate, 2, 1}, false},
      {{CpuId(0), PointIndex(1), Action::kMigrate, 1, 2}, false},
      {{CpuId(0), PointIndex(1), Action::kStale, 1, 0}, false},
      {{CpuId(0), PointIndex(1), Action::kDelayStore, 1, 0}, false},
  };
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    Scenario scenario = legal_scenario();
    scenario.directives = {rows[i].directive};
    EXPECT_EQ(is_legal(scenario, toy_schema()), rows[i].legal) << "row " << i;
  }
}

}  // namespace
}  // namespace gridlock
