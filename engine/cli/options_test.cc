#include "engine/cli/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace gridlock {
namespace {

Result<Invocation> parse(const std::string& line) {
  std::istringstream words(line);
  std::vector<std::string> arguments;
  for (std::string word; words >> word;) arguments.push_back(word);
  std::vector<const char*> pointers;
  for (const auto& argument : arguments) pointers.push_back(argument.c_str());
  return parse_command_line(pointers);
}

template <typename Options>
Options parse_as(const std::string& line) {
  return std::get<Options>(parse(line).value().command);
}

TEST(Options, FuzzHasTheDefaultsOfTheContract) {
  const auto options = parse_as<FuzzOptions>("fuzz lock");
  EXPECT_EQ(options.target, "lock");
  EXPECT_EQ(options.variant, "");
  EXPECT_EQ(options.engine, FuzzEngine::kBuiltin);
  EXPECT_EQ(options.strategy, "");
  EXPECT_EQ(strategy_of(options), "adaptive");
  EXPECT_TRUE(options.feedback);
  EXPECT_TRUE(options.structure);
  EXPECT_FALSE(options.runs.has_value());
  EXPECT_FALSE(options.seconds.has_value());
  EXPECT_EQ(options.jobs, 1u);
  EXPECT_EQ(options.out, "findings");
  EXPECT_EQ(options.max_findings, 1u);
  EXPECT_FALSE(options.json);
}

TEST(Options, FuzzTakesEveryFlag) {
  const auto options = parse_as<FuzzOptions>(
      "fuzz lock --variant v --engine libfuzzer --strategy pct --runs 10 --seconds 2.5 --seed 18446744073709551615 "
      "--jobs 3 --out o --max-findings 0 --corpus c --no-feedback --no-structure --status-page p --json");
  EXPECT_EQ(options.status_page, "p");
  EXPECT_EQ(options.variant, "v");
  EXPECT_EQ(options.engine, FuzzEngine::kLibfuzzer);
  EXPECT_EQ(options.strategy, "pct");
  EXPECT_EQ(options.runs, 10u);
  EXPECT_EQ(options.seconds, 2.5);
  EXPECT_EQ(options.seed, 18446744073709551615u);
  EXPECT_EQ(options.jobs, 3u);
  EXPECT_EQ(options.out, "o");
  EXPECT_EQ(options.max_findings, 0u);
  EXPECT_EQ(options.corpus, "c");
  EXPECT_FALSE(options.feedback);
  EXPECT_FALSE(options.structure);
  EXPECT_TRUE(options.json);
  EXPECT_EQ(strategy_of(parse_as<FuzzOptions>("fuzz lock --engine libfuzzer")), "directed");
  EXPECT_EQ(strategy_of(parse_as<FuzzOptions>("fuzz lock --strategy surw")), "surw");
}

TEST(Options, FlagsMayStandBeforeThePositionals) {
  EXPECT_EQ(parse_as<FuzzOptions>("fuzz --runs 5 lock").target, "lock");
}

TEST(Options, SanitizersAreKnownOnEveryCommandThatRuns) {
  for (const char* command : {"fuzz t", "replay f", "minimize f", "explain f", "regress"}) {
    EXPECT_EQ(parse(std::string(command) + " --sanitizer thread").value().sanitizer, Sanitizer::kThread) << command;
    EXPECT_EQ(parse(std::string(command) + " --sanitizer address").value().sanitizer, Sanitizer::kAddress) << command;
    EXPECT_EQ(parse(std::string(command) + " --sanitizer none").value().sanitizer, Sanitizer::kNone) << command;
    EXPECT_EQ(parse(command).value().sanitizer, Sanitizer::kAsBuilt) << command;
  }
}

TEST(Options, ReplayTakesManyFiles) {
  const auto options = parse_as<ReplayOptions>("replay a b c --variant v --times 7 --stop-at 9 --twice --json");
  EXPECT_THAT(options.files, testing::ElementsAre("a", "b", "c"));
  EXPECT_EQ(options.times, 7u);
  EXPECT_EQ(options.stop_at_step, 9u);
  EXPECT_TRUE(options.twice);
  EXPECT_FALSE(options.show_ordered);
  EXPECT_TRUE(parse_as<ReplayOptions>("replay a --sanitizer thread --show-ordered").show_ordered);
  EXPECT_TRUE(options.json);
}

TEST(Options, MinimizeExplainAndRegressTakeTheirFlags) {
  EXPECT_EQ(parse_as<MinimizeOptions>("minimize f -o out --target t").output, "out");
  EXPECT_EQ(parse_as<ExplainOptions>("explain f --format html -o out").format, ExplainFormat::kHtml);
  EXPECT_EQ(parse_as<ExplainOptions>("explain f").format, ExplainFormat::kText);
  EXPECT_EQ(parse_as<ExplainOptions>("explain f --format json").format, ExplainFormat::kJson);
  EXPECT_EQ(parse_as<ExplainOptions>("explain f --format test").format, ExplainFormat::kTest);
  EXPECT_EQ(parse_as<RegressOptions>("regress").directory, "corpus");
  EXPECT_EQ(parse_as<RegressOptions>("regress dir --junit j --sarif s").sarif, "s");
  EXPECT_EQ(parse_as<RegressOptions>("regress").sanitizer, Sanitizer::kAsBuilt);
  EXPECT_EQ(parse_as<RegressOptions>("regress --sanitizer none --jobs 7").sanitizer, Sanitizer::kNone);
  EXPECT_EQ(parse_as<RegressOptions>("regress --jobs 7").jobs, 7u);
  EXPECT_TRUE(parse_as<TargetsOptions>("targets --json").json);
}

TEST(Options, HelpIsNoError) {
  EXPECT_THAT(parse_as<Help>("--help").text, testing::HasSubstr("fuzz"));
  EXPECT_THAT(parse_as<Help>("fuzz --help").text, testing::HasSubstr("--max-findings"));
}

TEST(Options, WrongUseNamesTheFlag) {
  const std::pair<const char*, const char*> kWrong[] = {
      {"", "subcommand"},
      {"fly", "fly"},
      {"fuzz", "target"},
      {"fuzz a b", "b"},
      {"fuzz lock --nosuch", "--nosuch"},
      {"fuzz lock --runs 0", "--runs"},
      {"fuzz lock --runs -1", "--runs"},
      {"fuzz lock --runs 1x", "--runs"},
      {"fuzz lock --runs 99999999999999999999", "--runs"},
      {"fuzz lock --runs", "--runs"},
      {"fuzz lock --seconds 0", "--seconds"},
      {"fuzz lock --seconds soon", "--seconds"},
      {"fuzz lock --seed -1", "--seed"},
      {"fuzz lock --jobs 0", "--jobs"},
      {"fuzz lock --jobs 257", "--jobs"},
      {"fuzz lock --max-findings -1", "--max-findings"},
      {"replay", "files"},
      {"replay f --times 0", "--times"},
      {"replay f --stop-at 0", "--stop-at"},
      {"minimize", "file"},
      {"explain f --format pdf", "--format"},
      {"regress a b", "b"},
      {"regress --jobs 0", "--jobs"},
  };
  for (const auto& [line, named] : kWrong) {
    const auto parsed = parse(line);
    ASSERT_FALSE(parsed.has_value()) << line;
    EXPECT_THAT(parsed.error().message(), testing::HasSubstr(named)) << line;
  }
}

TEST(Options, RealCoresRefuseWhatWouldDecideForThem) {
  EXPECT_EQ(parse_as<FuzzOptions>("fuzz lock").machine, MachineKind::kFibers);
  EXPECT_EQ(parse_as<FuzzOptions>("fuzz lock --machine threads").machine, MachineKind::kThreads);
  EXPECT_EQ(parse_as<FuzzOptions>("fuzz lock --machine threads --sanitizer none").machine, MachineKind::kThreads);
  const std::pair<const char*, const char*> kRefused[] = {
      {"fuzz lock --machine threads --engine libfuzzer", "--engine"},
      {"fuzz lock --machine threads --engine afl", "--engine"},
      {"fuzz lock --machine threads --strategy pct", "--strategy"},
      {"fuzz lock --machine threads --twice", "--twice"},
      {"fuzz lock --machine threads --jobs 2", "--jobs"},
      {"fuzz lock --machine threads --sanitizer address", "--sanitizer"},
      {"fuzz lock --machine quantum", "fibers, threads"},
  };
  for (const auto& [line, named] : kRefused) {
    const auto parsed = parse(line);
    ASSERT_FALSE(parsed.has_value()) << line;
    EXPECT_THAT(parsed.error().message(), testing::HasSubstr(named)) << line;
  }
}

TEST(Options, AnUnknownNameIsAnsweredWithTheKnownOnes) {
  const auto strategy = parse("fuzz lock --strategy best");
  ASSERT_FALSE(strategy.has_value());
  EXPECT_THAT(strategy.error().message(), testing::HasSubstr("directed, random, pct, pos"));
  const auto sanitizer = parse("fuzz lock --sanitizer memory");
  ASSERT_FALSE(sanitizer.has_value());
  EXPECT_THAT(sanitizer.error().message(), testing::HasSubstr("address, none, thread"));
  const auto engine = parse("fuzz lock --engine hongg");
  ASSERT_FALSE(engine.has_value());
  EXPECT_THAT(engine.error().message(), testing::HasSubstr("afl, builtin, libfuzzer"));
}

TEST(Options, AProgramTakesThePlaceOfATarget) {
  const auto fuzz = parse_as<FuzzOptions>("fuzz --program ./a.gridlock --runs 5 -- --runs x");
  EXPECT_EQ(fuzz.program, "./a.gridlock");
  EXPECT_EQ(fuzz.runs, 5u);
  EXPECT_THAT(fuzz.arguments, testing::ElementsAre("--runs", "x"));
  for (const char* line : {"targets --program p", "replay --program p f", "minimize --program p f",
                           "explain --program p f", "regress --program p"}) {
    EXPECT_EQ(program_of(parse(line).value()), "p") << line;
  }
  EXPECT_EQ(program_of(parse("fuzz lock").value()), "");
}

TEST(Options, ATargetOrAProgramIsFuzzedAndOnlyAProgramHasArguments) {
  const auto error = [](const std::string& line) {
    const auto invocation = parse(line);
    return invocation ? "accepted" : invocation.error().message();
  };
  EXPECT_THAT(error("fuzz"), testing::HasSubstr("name a target"));
  EXPECT_THAT(error("fuzz lock --program p"), testing::HasSubstr("there is no target beside it"));
  EXPECT_THAT(error("fuzz lock -- x"), testing::HasSubstr("only a --program takes what is behind `--`"));
}

}  // namespace
}  // namespace gridlock
