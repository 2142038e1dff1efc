// A table of tables that break a rule of engine/hook/gridlock.h first, then what a good one becomes.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "engine/machine/machine_fixture.h"

namespace gridlock {
namespace {

void run_nothing(const std::uint32_t*) {}
void do_nothing() {}
bool always() {
  return true;
}
void migrate_nothing(unsigned, unsigned) {}
void show_flag(char*, std::size_t) {}

// A good table with one entry of everything, whose entries a test spoils.
struct Table {
  gl_variant_entry variants[3] = {{"broken", "", "hang"}, {"fixed", "", "ok"}, {}};
  gl_bug_entry bugs[3] = {{"broken", "fixed", "Linux 0123456789ab (2013)", "a waiter sleeps for ever"}, {}, {}};
  gl_parameter_entry parameters[3] = {{"budget", 1, 100, 2, 4}, {"depth", 0, 0, 0, 0}, {}};
  gl_operation_entry operations[3] = {{"lock", run_nothing, {{"index", 0, 3}}}, {"unlock", run_nothing, {}}, {}};
  std::vector<gl_vector_entry> vectors = {{"timer", do_nothing, true}, {"ipi", do_nothing, false}, {}};
  std::vector<gl_softirq_entry> softirqs = {{"net", do_nothing}, {}};
  gl_invariant_entry invariants[2] = {{"holds", always, nullptr}, {}};
  std::vector<gl_state_entry> states = {{"flag", show_flag}, {}};
  const char* entities[3] = {"task", "vcpu", nullptr};
  gl_target target = {};

  Table() {
    target.name = "table";
    target.cpus_minimum = 2;
    target.cpus_maximum = 8;
    target.migrate = migrate_nothing;
    target.setup = do_nothing;
  }
  Result<TargetSchema> schema() {
    target.variants = variants;
    target.bugs = bugs;
    target.parameters = parameters;
    target.operations = operations;
    target.vectors = vectors.data();
    target.softirqs = softirqs.data();
    target.invariants = invariants;
    target.states = states.data();
    target.entities = entities;
    return schema_of(target);
  }
};

struct BadTable {
  std::string message;  // what the error says, in part
  std::function<void(Table&)> spoil;
};

TEST(SchemaOf, EachBrokenRuleIsNamed) {
  const std::vector<BadTable> bad = {
      {"no name or no setup", [](Table& table) { table.target.name = nullptr; }},
      {"no name or no setup", [](Table& table) { table.target.setup = nullptr; }},
      {"its name is not one word", [](Table& table) { table.target.name = "two words"; }},
      {"its name is not one word", [](Table& table) { table.target.name = ""; }},
      {"1 to 64", [](Table& table) { table.target.cpus_minimum = 0; }},
      {"1 to 64", [](Table& table) { table.target.cpus_minimum = 9; }},
      {"1 to 64", [](Table& table) { table.target.cpus_maximum = 65; }},
      {"it has no variant", [](Table& table) { table.variants[0].name = nullptr; }},
      {"variant fixed expects what is no verdict", [](Table& table) { table.variants[1].expect = nullptr; }},
      {"variant fixed expects what is no verdict", [](Table& table) { table.variants[1].expect = "fine"; }},
      {"variant \"a;b\" is not one word", [](Table& table) { table.variants[1].name = "a;b"; }},
      {"variant broken twice", [](Table& table) { table.variants[1].name = "broken"; }},
      {"bug of variant other is of none that", [](Table& table) { table.bugs[0].variant = "other"; }},
      {"bug of variant fixed is of none that", [](Table& table) { table.bugs[0].variant = "fixed"; }},
      {"bug of variant broken is of none that", [](Table& table) { table.variants[0].expect = "inconclusive"; }},
      {"bug of variant broken twice", [](Table& table) { table.bugs[1] = table.bugs[0]; }},
      {"no fixed variant that expects ok", [](Table& table) { table.bugs[0].fixed = nullptr; }},
      {"no fixed variant that expects ok", [](Table& table) { table.bugs[0].fixed = "other"; }},
      {"no fixed variant that expects ok", [](Table& table) { table.bugs[0].fixed = "broken"; }},
      {"a line of source and one of failure", [](Table& table) { table.bugs[0].source = nullptr; }},
      {"a line of source and one of failure", [](Table& table) { table.bugs[0].source = ""; }},
      {"a line of source and one of failure", [](Table& table) { table.bugs[0].failure = nullptr; }},
      {"a line of source and one of failure", [](Table& table) { table.bugs[0].failure = "two\nlines"; }},
      {"parameter budget do not nest", [](Table& table) { table.parameters[0].minimum = 101; }},
      {"parameter budget do not nest", [](Table& table) { table.parameters[0].fuzz_minimum = 0; }},
      {"parameter budget do not nest", [](Table& table) { table.parameters[0].fuzz_maximum = 101; }},
      {"parameter budget do not nest", [](Table& table) { table.parameters[0].fuzz_minimum = 5; }},
      {"parameter \"spin budget\" is not one word", [](Table& table) { table.parameters[0].name = "spin budget"; }},
      {"parameter budget twice", [](Table& table) { table.parameters[1].name = "budget"; }},
      {"it has no operation", [](Table& table) { table.operations[0].name = nullptr; }},
      {"operation lock has no function", [](Table& table) { table.operations[0].run = nullptr; }},
      {"operation \"lock()\" is not one word", [](Table& table) { table.operations[0].name = "lock()"; }},
      {"operation lock twice", [](Table& table) { table.operations[1].name = "lock"; }},
      {"argument index of lock is upside down", [](Table& table) { table.operations[0].arguments[0].minimum = 4; }},
      {"vector ipi has no handler", [](Table& table) { table.vectors[1].handler = nullptr; }},
      {"vector \"#1\" is not one word", [](Table& table) { table.vectors[1].name = "#1"; }},
      {"vector timer twice", [](Table& table) { table.vectors[1].name = "timer"; }},
      {"softirq net has no handler", [](Table& table) { table.softirqs[0].handler = nullptr; }},
      {"more than 32 softirqs",
       [](Table& table) { table.softirqs.insert(table.softirqs.begin(), 32, {"more", do_nothing}); }},
      {"invariant holds has no function", [](Table& table) { table.invariants[0].holds = nullptr; }},
      {"state flag has no function", [](Table& table) { table.states[0].show = nullptr; }},
      {"more than 32 states", [](Table& table) { table.states.insert(table.states.begin(), 32, {"more", show_flag}); }},
      {"entity \"a:b\" is not one word", [](Table& table) { table.entities[1] = "a:b"; }},
      {"entity task twice", [](Table& table) { table.entities[1] = "task"; }},
      {"no migrate function", [](Table& table) { table.target.migrate = nullptr; }},
  };
  for (const BadTable& row : bad) {
    Table table;
    row.spoil(table);
    const auto schema = table.schema();
    ASSERT_FALSE(schema.has_value()) << row.message;
    EXPECT_NE(schema.error().message().find(row.message), std::string::npos) << schema.error().message();
  }
}

TEST(SchemaOf, MoreThan64VectorsAreTooMany) {
  std::vector<std::string> names;
  for (int i = 0; i < 65; ++i) names.push_back("vector" + std::to_string(i));
  for (const std::size_t count : {64u, 65u}) {
    Table table;
    table.vectors.assign(1, {});
    for (std::size_t i = count; i-- > 0;) {
      table.vectors.insert(table.vectors.begin(), {names[i].c_str(), do_nothing, true});
    }
    EXPECT_EQ(table.schema().has_value(), count == 64);
  }
}

TEST(SchemaOf, AGoodTableBecomesItsValues) {
  Table table;
  const auto schema = table.schema();
  ASSERT_TRUE(schema.has_value()) << schema.error().message();
  EXPECT_EQ(schema->name, "table");
  EXPECT_EQ(schema->cpus_minimum, 2u);
  EXPECT_EQ(schema->cpus_maximum, 8u);
  ASSERT_EQ(schema->variants.size(), 2u);
  EXPECT_EQ(schema->variants[0].expect, "hang");
  ASSERT_EQ(schema->bugs.size(), 1u);
  EXPECT_EQ(schema->bugs[0].variant, "broken");
  EXPECT_EQ(schema->bugs[0].fixed, "fixed");
  EXPECT_EQ(schema->bugs[0].source, "Linux 0123456789ab (2013)");
  EXPECT_EQ(schema->bugs[0].failure, "a waiter sleeps for ever");
  ASSERT_EQ(schema->parameters.size(), 2u);
  EXPECT_EQ(schema->parameters[0].range.maximum, 100u);
  EXPECT_EQ(schema->parameters[0].fuzz_maximum, 4u);
  ASSERT_EQ(schema->operations.size(), 2u);
  ASSERT_EQ(schema->operations[0].arguments.size(), 1u);
  EXPECT_EQ(schema->operations[0].arguments[0].name, "index");
  EXPECT_TRUE(schema->operations[1].arguments.empty());
  EXPECT_EQ(schema->vectors, (std::vector<std::string>{"timer", "ipi"}));
  EXPECT_EQ(schema->external_vectors, std::vector<std::uint32_t>{0});
  EXPECT_EQ(schema->entities, (std::vector<std::string>{"task", "vcpu"}));
}

TEST(SchemaOf, EveryTestTargetIsGood) {
  for (const gl_target* const* target = machine_test_targets; *target != nullptr; ++target) {
    const auto schema = schema_of(**target);
    EXPECT_TRUE(schema.has_value()) << schema.error().message();
  }
}

}  // namespace
}  // namespace gridlock
