// The text form of a repro: what is refused and how it is said, then what is accepted, then what comes back. Round
// trips over many generated scenarios are in decode/decode_test.cc, which has a generator.
#include "engine/model/repro_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "engine/model/toy_schema.h"

namespace gridlock {
namespace {

// The golden text: every kind of line.
constexpr std::string_view kGolden =
    "gridlock-repro 1\n"
    "target toy\n"
    "signature hang: spin<lock + poll::{lambda()#1}\n"
    "expect broken hang\n"
    "expect fixed ok\n"
    "parameter spin_budget 2\n"
    "parameter salt 4294967295\n"
    "cpu 0: lock(3) ; work(1, 5, 2000000, 7) ; unlock()\n"
    "cpu 1:\n"
    "cpu 2: unlock()\n"
    "order 2 0 1\n"
    "at cpu 1 point 9 demote             # unlock (toy.cc:88)\n"
    "at cpu 0 point 22 interrupt disk    # poll (toy.cc:41)\n"
    "at cpu 2 point 1 defer kick 12\n"
    "at cpu 63 point 1048576 demote      # #1\n"
    "at cpu 0 point 22 migrate task_b 1\n";

Repro golden_repro() {
  Repro repro;
  repro.target = "toy";
  repro.signature = "hang: spin<lock + poll::{lambda()#1}";
  repro.expectations = {{"broken", VerdictKind::kHang}, {"fixed", VerdictKind::kOk}};
  repro.scenario.parameters = {2, kAnyNumberMax};
  const OperationCall lock{OperationId(0), {3}};
  const OperationCall unlock{OperationId(1), {}};
  const OperationCall work{OperationId(2), {1, 5, 2'000'000, 7}};
  repro.scenario.programs = {{lock, work, unlock}, {}, {unlock}};
  repro.scenario.start_order = {CpuId(2), CpuId(0), CpuId(1)};
  repro.scenario.directives = {
      {.cpu = CpuId(1), .point = PointIndex(9)},
      {.cpu = CpuId(0), .point = PointIndex(22), .action = Action::kInterrupt, .a = 2},
      {.cpu = CpuId(2), .point = PointIndex(1), .action = Action::kDefer, .a = 1, .b = 12},
      {.cpu = CpuId(63), .point = PointIndex(kPointOrdinalMax)},
      {.cpu = CpuId(0), .point = PointIndex(22), .action = Action::kMigrate, .a = 1, .b = 1},
  };
  repro.site_hints = {"unlock (toy.cc:88)", "poll (toy.cc:41)", "", "#1", ""};
  return repro;
}

std::string with(std::string_view from, std::string_view to) {
  std::string text(kGolden);
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}

// What parse_repro says of a text that it must refuse.
std::string refusal(std::string_view text) {
  const auto repro = parse_repro(text, toy_schema(), "x.repro");
  return repro.has_value() ? "accepted" : repro.error().message();
}

struct BadEdit {
  const char* from;  // in the golden text
  const char* to;
  const char* error;  // behind "cannot read the repro: x.repro:"
};

constexpr BadEdit kBadEdits[] = {
    // The first lines.
    {"gridlock-repro 1\n", "", "1:1: expected `gridlock-repro 1`, the first line of a repro, found 'target'"},
    {"gridlock-repro 1", "gridlock-repro 2", "1:16: expected version 1, the one that this build reads, found '2'"},
    {"gridlock-repro 1", "gridlock-repro one",
     "1:16: expected the version of the format, a number from 0 to 4294967295, found 'one'"},
    {"gridlock-repro 1", "gridlock-repro 1 2", "1:18: expected the end of the line, found '2'"},
    {"target toy\n", "",
     "2:1: expected `target NAME`, found a line `signature`; the order of lines is: "
     "gridlock-repro, target, program, signature, expect, parameter, cpu, order, at"},
    {"target toy", "target", "2:7: expected the name of a target, found the end of the line"},
    {"target toy", "target  other", "2:9: expected the target 'toy', found 'other'"},
    {"target toy", "target toy toy", "2:12: expected the end of the line, found 'toy'"},
    {"signature hang: spin<lock + poll::{lambda()#1}", "signature ",
     "3:11: expected a signature, found the end of the line"},
    // expect
    {"expect fixed", "expect mended", "5:8: expected a variant (one of: broken, fixed), found 'mended'"},
    {"fixed ok", "fixed fine",
     "5:14: expected a verdict (one of: ok, deadlock, hang, livelock, invariant, assertion, data-race, memory-error, "
     "crash, lock-order, inconclusive, sanitizer-report), found 'fine'"},
    {"fixed ok", "broken ok", "5:8: expected a variant that has no expectation yet, found 'broken'"},
    {"fixed ok", "fixed",
     "5:13: expected a verdict (one of: ok, deadlock, hang, livelock, invariant, assertion, "
     "data-race, memory-error, crash, lock-order, inconclusive, sanitizer-report), found the end of the line"},
    {"fixed ok", "fixed ok ok", "5:17: expected the end of the line, found 'ok'"},
    // parameter
    {"parameter spin_budget", "parameter spin", "6:11: expected a parameter (one of: spin_budget, salt), found 'spin'"},
    {"spin_budget 2", "spin_budget 0", "6:23: expected spin_budget, a number from 1 to 1024, found '0'"},
    {"spin_budget 2", "spin_budget 1025", "6:23: expected spin_budget, a number from 1 to 1024, found '1025'"},
    {"spin_budget 2", "spin_budget -2", "6:23: expected spin_budget, a number from 1 to 1024, found '-2'"},
    {"spin_budget 2", "spin_budget 0x2", "6:23: expected spin_budget, a number from 1 to 1024, found '0x2'"},
    {"spin_budget 2", "spin_budget", "6:22: expected spin_budget, a number from 1 to 1024, found the end of the line"},
    {"salt 4294967295", "salt 4294967296", "7:16: expected salt, a number from 0 to 4294967295, found '4294967296'"},
    {"parameter salt", "parameter spin_budget 2\nparameter salt",
     "7:11: expected a parameter that has no value yet, found 'spin_budget'"},
    {"parameter spin_budget 2\n", "",
     "7:1: expected `parameter spin_budget N`, N from 1 to 1024, found a line `cpu`; the order of lines is: "
     "gridlock-repro, target, program, signature, expect, parameter, cpu, order, at"},
    {"parameter salt", "expect broken hang\nparameter salt",
     "7:1: expected `parameter salt N`, N from 0 to 4294967295, found a line `expect`; the order of lines is: "
     "gridlock-repro, target, program, signature, expect, parameter, cpu, order, at"},
    // cpu
    {"cpu 1:", "cpu 0:", "9:5: expected 1, the number of the next cpu, found '0'"},
    {"cpu 1:", "cpu one:", "9:5: expected 1, the number of the next cpu, found 'one'"},
    {"cpu 1:", "cpu 1", "9:6: expected ':', found the end of the line"},
    {"cpu 2: unlock()",
     "cpu 2:\ncpu 3:\ncpu 4:", "12:1: expected `order`, as the target takes at most 4 cpus, found 'cpu'"},
    {"lock(3)", "seize(3)", "8:8: expected an operation (one of: lock, unlock, work), found 'seize'"},
    {"lock(3)", "lock 3", "8:13: expected '(', found '3'"},
    {"lock(3)", "lock()", "8:13: expected the argument index of lock, a number from 0 to 3, found ')'"},
    {"lock(3)", "lock(4)", "8:13: expected the argument index of lock, a number from 0 to 3, found '4'"},
    {"lock(3)", "lock(3, 1)", "8:14: expected ')' after the 1 arguments of lock, found ','"},
    {"work(1, 5", "work(1 5", "8:25: expected ',' and the argument b of work, found '5'"},
    {"lock(3) ;", "lock(3)", "8:16: expected ';' or the end of the line, found 'work'"},
    {"2000000, 7) ;", "2000000, 7) ; ;", "8:43: expected an operation (one of: lock, unlock, work), found ';'"},
    {"unlock()\ncpu 1", "unlock() ;\ncpu 1",
     "8:53: expected an operation (one of: lock, unlock, work), found the end of the line"},
    {"unlock()\ncpu 1", "unlock(\ncpu 1",
     "8:50: expected ')' after the 0 arguments of unlock, found the end of the line"},
    // order
    {"order 2 0 1\n", "",
     "11:1: expected `cpu 3:` or `order`, found a line `at`; the order of lines is: "
     "gridlock-repro, target, program, signature, expect, parameter, cpu, order, at"},
    {"order 2 0 1", "order 2 0", "11:10: expected a cpu, a number from 0 to 2, found the end of the line"},
    {"order 2 0 1", "order 2 0 3", "11:11: expected a cpu, a number from 0 to 2, found '3'"},
    {"order 2 0 1", "order 2 0 2", "11:11: expected a cpu that is not in the order yet, found '2'"},
    {"order 2 0 1", "order 2 0 1 3", "11:13: expected the end of the line, found '3'"},
    // at
    {"at cpu 1 point 9 demote", "at 1 point 9 demote", "12:4: expected `cpu`, found '1'"},
    {"at cpu 1 point 9 demote", "at cpu 64 point 9 demote", "12:8: expected a cpu, a number from 0 to 63, found '64'"},
    {"at cpu 1 point 9 demote", "at cpu 1 9 demote", "12:10: expected `point`, found '9'"},
    {"at cpu 1 point 9 demote", "at cpu 1 point 0 demote",
     "12:16: expected a point, a number from 1 to 1048576, found '0'"},
    {"point 1048576", "point 1048577", "15:17: expected a point, a number from 1 to 1048576, found '1048577'"},
    {"point 9 demote", "point 9 yield",
     "12:18: expected an action (one of: demote, interrupt VECTOR, defer VECTOR N, migrate ENTITY CPU), found 'yield'"},
    {"point 9 demote", "point 9",
     "12:30: expected an action (one of: demote, interrupt VECTOR, defer VECTOR N, migrate ENTITY CPU), found the end "
     "of the line"},
    {"point 9 demote", "point 9 demote 1", "12:25: expected the end of the line, found '1'"},
    {"point 9 demote", "point 9 stale 1",
     "12:18: expected demote, interrupt, defer or migrate, found 'stale', which is reserved and not supported by this "
     "version"},
    {"point 9 demote", "point 9 delay-store 1",
     "12:18: expected demote, interrupt, defer or migrate, found 'delay-store', which is reserved and not supported by "
     "this version"},
    {"interrupt disk", "interrupt disc",
     "13:29: expected a vector that a schedule may raise (one of: timer, disk), found 'disc'"},
    {"interrupt disk", "interrupt kick",
     "13:29: expected a vector that a schedule may raise (one of: timer, disk), found 'kick'"},
    {"defer kick 12", "defer kik 12", "14:24: expected a vector (one of: timer, kick, disk), found 'kik'"},
    {"defer kick 12", "defer kick 65537",
     "14:29: expected how many points the vector is deferred, a number from 0 to 65536, found '65537'"},
    {"migrate task_b 1", "migrate task_c 1", "16:27: expected an entity (one of: task_a, task_b), found 'task_c'"},
    {"migrate task_b 1", "migrate task_b 3", "16:34: expected the cpu to migrate to, a number from 0 to 2, found '3'"},
    {"at cpu 0 point 22 migrate", "order 2 0 1\nat cpu 0 point 22 migrate",
     "16:1: expected `at cpu N point N ACTION` or the end of the text, found a line `order`; the order of lines is: "
     "gridlock-repro, target, program, signature, expect, parameter, cpu, order, at"},
    {"at cpu 0 point 22 migrate", "around cpu 0 point 22 migrate",
     "16:1: expected `at cpu N point N ACTION` or the end of the text, found 'around'"},
    // Bytes.
    {"cpu 2: unlock()", "cpu 2: unlock()\x1b", "10:16: expected UTF-8 text, found byte 0x1b"},
    {"poll (toy.cc:41)", "p\xf6ll (toy.cc:41)", "13:40: expected UTF-8 text, found byte 0xf6"},
};

TEST(ReproText, EveryKindOfErrorNamesThePlaceWhatWasExpectedAndWhatStandsThere) {
  for (const BadEdit& edit : kBadEdits) {
    EXPECT_EQ(refusal(with(edit.from, edit.to)), std::string("cannot read the repro: x.repro:") + edit.error);
  }
}

TEST(ReproText, ATextThatEndsTooEarlyIsRefusedAtItsEnd) {
  EXPECT_EQ(refusal(""),
            "cannot read the repro: x.repro:1:1: expected `gridlock-repro 1`, the first line of a repro, found the end "
            "of the text");
  const std::size_t order = kGolden.find("order");
  for (std::size_t end = kGolden.find('\n') + 1; end <= order; end = kGolden.find('\n', end) + 1) {
    const std::string error = refusal(kGolden.substr(0, end));
    EXPECT_TRUE(error.ends_with(", found the end of the text")) << error;
  }
}

TEST(ReproText, TheLimitsOfAScenarioAreKept) {
  const std::string calls = repeated("unlock() ; ", kProgramCallsMax - 1) + "unlock()";
  EXPECT_EQ(refusal(with("cpu 1:", "cpu 1: " + calls)), "accepted");
  EXPECT_EQ(
      refusal(with("cpu 1:", "cpu 1: " + calls + " ; lock(0)")),
      "cannot read the repro: x.repro:9:712: expected the end of the line after 64 operations, the most a cpu may "
      "have, found 'lock'");
  const std::string until_order(kGolden.substr(0, kGolden.find("at cpu")));
  const std::string directives = repeated("at cpu 0 point 1 demote\n", kDirectivesMax);
  EXPECT_EQ(refusal(until_order + directives), "accepted");
  EXPECT_EQ(refusal(until_order + directives + "at cpu 0 point 1 demote\n"),
            "cannot read the repro: x.repro:4108:1: expected the end of the text after 4096 directives, the most there "
            "may be, found 'at'");
}

TEST(ReproText, TooLongATextIsRefusedUnread) {
  const std::string filler(kReproBytesMax - kGolden.size() - 1, '#');
  EXPECT_EQ(refusal(std::string(kGolden) + filler + "\n"), "accepted");
  EXPECT_EQ(refusal(std::string(kGolden) + filler + "\n\n"),
            "cannot read the repro: x.repro: expected at most 1048576 bytes, found 1048577");
}

TEST(ReproText, TooFewCpusAreRefused) {
  const std::string text = "gridlock-repro 1\ntarget bare\ncpu 0: step()\norder 0\n";
  const auto repro = parse_repro(text, bare_schema(), "x.repro");
  ASSERT_FALSE(repro.has_value());
  EXPECT_TRUE(repro.error().advice.starts_with("expected `cpu 1:`, as the target takes at least 2 cpus, found"))
      << repro.error().advice;
}

TEST(ReproText, WhatTheTargetHasNoneOfIsSaid) {
  const std::string text =
      "gridlock-repro 1\ntarget bare\ncpu 0: step()\ncpu 1:\norder 0 1\nat cpu 0 point 1 interrupt timer\n";
  const auto repro = parse_repro(text, bare_schema(), "x.repro");
  ASSERT_FALSE(repro.has_value());
  EXPECT_EQ(repro.error().advice,
            "expected a vector that a schedule may raise, of which the target has none, found 'timer'");
}

TEST(ReproText, TheTargetCanBeReadWithoutItsSchema) {
  EXPECT_EQ(repro_target(kGolden, "x.repro"), "toy");
  EXPECT_EQ(repro_target("# why\n\ngridlock-repro 1\ntarget  xen-pv-spinlock  # a comment", "x.repro"),
            "xen-pv-spinlock");
  const auto wrong = repro_target("gridlock-repro 1\ncpu 0:\n", "x.repro");
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error().on, "x.repro:2:1");
}

TEST(ReproText, TheGoldenTextIsReadAndWrittenToTheByte) {
  const auto repro = parse_repro(kGolden, toy_schema(), "x.repro");
  ASSERT_TRUE(repro.has_value()) << repro.error().message();
  EXPECT_EQ(*repro, golden_repro());
  EXPECT_EQ(print_repro(golden_repro(), toy_schema()), kGolden);
}

TEST(ReproText, BlanksCommentsLineEndingsAndParameterOrderDoNotMatter) {
  const std::string texts[] = {
      with("gridlock-repro 1\n", "# found by hand\n\n  \t\n  gridlock-repro 1  # first\n"),
      with("cpu 0: lock(3) ; work(1, 5, 2000000, 7) ; unlock()",
           "\tcpu  0 :lock ( 3 );work( 1,5 ,2000000,7);unlock( )# three"),
      with("parameter spin_budget 2\nparameter salt 4294967295", "parameter salt 4294967295\nparameter spin_budget 2"),
      with("order 2 0 1", "order 2\t0 1   # priority"),
      with("demote             # unlock (toy.cc:88)", "demote# unlock (toy.cc:88)   "),
      std::string(kGolden.substr(0, kGolden.size() - 1)),  // no newline at the end
      std::string(kGolden) + "\r\n# the end\r",
  };
  for (const std::string& text : texts) {
    const auto repro = parse_repro(text, toy_schema(), "x.repro");
    ASSERT_TRUE(repro.has_value()) << repro.error().message();
    EXPECT_EQ(*repro, golden_repro());
  }
  std::string crlf;
  for (const char c : kGolden) crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
  EXPECT_EQ(parse_repro(crlf, toy_schema(), "x.repro"), golden_repro());
}

TEST(ReproText, AHandWrittenReproNeedsNoSignatureNorExpectationNorDirective) {
  const std::string text = "gridlock-repro 1\ntarget bare\ncpu 0: step()\ncpu 1:\norder 1 0\n";
  const auto repro = parse_repro(text, bare_schema(), "x.repro");
  ASSERT_TRUE(repro.has_value()) << repro.error().message();
  EXPECT_TRUE(repro->expectations.empty() && repro->signature.empty() && repro->scenario.directives.empty());
  EXPECT_EQ(print_repro(*repro, bare_schema()), text);
}

TEST(ReproText, AHintOrSignatureThatIsNoLineIsMadeOne) {
  Repro repro = golden_repro();
  repro.signature = " assertion:\n\xff x ";
  repro.site_hints[2] = "a\r\nb";
  repro.site_hints.resize(3);
  const auto again = parse_repro(print_repro(repro, toy_schema()), toy_schema(), "x.repro");
  ASSERT_TRUE(again.has_value()) << again.error().message();
  EXPECT_EQ(again->signature, "assertion:   x");
  EXPECT_EQ(again->site_hints[2], "a  b");
  EXPECT_EQ(again->scenario, repro.scenario);
}

TEST(ReproText, TheArgumentsOfAProgramComeBackAsTheyWere) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{},
                                                    {""},
                                                    {"a", "b c"},
                                                    {"\"", "\\", "# no comment", "a;b"},
                                                    {"tab\t", "line\n", "\x7f"},
                                                    {"gr\xc3\xb6\xc3\x9f"},
                                                    {"\xff\xc3\xb6"}}) {
    Repro repro = golden_repro();
    repro.program_arguments = arguments;
    const auto again = parse_repro(print_repro(repro, toy_schema()), toy_schema(), "x.repro");
    ASSERT_TRUE(again.has_value()) << again.error().message();
    EXPECT_EQ(*again, repro);
  }
}

TEST(ReproText, TheLineOfAProgramIsReadable) {
  Repro repro = golden_repro();
  repro.program_arguments = {"-n", "say \"hi\"\n"};
  EXPECT_NE(print_repro(repro, toy_schema()).find("target toy\nprogram \"-n\" \"say \\\"hi\\\"\\x0a\"\nsignature"),
            std::string::npos);
}

TEST(ReproText, ABrokenLineOfAProgramIsRefusedWhereItBreaks) {
  const auto line = [](std::string_view text) {
    return with("target toy\n", "target toy\n" + std::string(text) + "\n");
  };
  for (const char* const text : {"program fast", "program \"open", "program \"\\n\"", "program \"\\x0\"",
                                 "program \"\\x00\"", "program \"\\xA0\"", "program \"a\" b"}) {
    EXPECT_THAT(refusal(line(text)), testing::HasSubstr("x.repro:3:")) << text;
    EXPECT_THAT(refusal(line(text)), testing::HasSubstr("an argument between quotation marks")) << text;
  }
  EXPECT_EQ(refusal(line("program \"a\"  \"b\"  # why")), "accepted");
  EXPECT_THAT(refusal(with("order 2", "program\norder 2")), testing::HasSubstr("a line `program`; the order of lines"));
  const std::string many = "program" + repeated(" \"\"", kProgramArgumentsMax + 1);
  EXPECT_THAT(refusal(line(many)), testing::HasSubstr("the end of the line after 1024 arguments"));
}

}  // namespace
}  // namespace gridlock
