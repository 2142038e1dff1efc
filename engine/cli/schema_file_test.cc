#include "engine/cli/schema_file.h"

#include <gtest/gtest.h>

namespace gridlock {
namespace {

TargetSchema lock_schema() {
  TargetSchema schema;
  schema.name = "lock \"of\" many";
  schema.cpus_minimum = 2;
  schema.cpus_maximum = 64;
  schema.parameters = {{{"spins", 1, 1024}, 2, 4}};
  schema.operations = {{"take", {{"how", 0, 4294967295}, {"often", 1, 1}}}, {"release", {}}};
  schema.vectors = {"timer", "kick"};
  schema.external_vectors = {0};
  schema.entities = {"task 1"};
  return schema;
}

TEST(SchemaFile, GivesBackWhatMattersToAMutation) {
  const TargetSchema written = lock_schema();
  const auto read = schema_from_text(schema_to_text(written));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(schema_to_text(*read), schema_to_text(written));
  EXPECT_EQ(read->name, written.name);
  EXPECT_EQ(read->cpus_minimum, 2u);
  EXPECT_EQ(read->cpus_maximum, 64u);
  ASSERT_EQ(read->parameters.size(), 1u);
  EXPECT_EQ(read->parameters[0].range.maximum, 1024u);
  EXPECT_EQ(read->parameters[0].fuzz_maximum, 4u);
  ASSERT_EQ(read->operations.size(), 2u);
  ASSERT_EQ(read->operations[0].arguments.size(), 2u);
  EXPECT_EQ(read->operations[0].arguments[0].maximum, 4294967295u);
  EXPECT_EQ(read->vectors, written.vectors);
  EXPECT_EQ(read->external_vectors, written.external_vectors);
  EXPECT_EQ(read->entities, written.entities);
}

TEST(SchemaFile, RefusesOtherText) {
  const std::string text = schema_to_text(lock_schema());
  for (const std::string& bad : {std::string(), std::string("{}"), std::string("[1]"), text.substr(0, text.size() / 2),
                                 std::string(R"({"name": 3})")}) {
    EXPECT_FALSE(schema_from_text(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace gridlock
