// Names as compilers write them, and as people say them.
#include "engine/symbolize/function_name.h"

#include <gtest/gtest.h>

namespace gridlock {
namespace {

TEST(FunctionName, TemplateArgumentsAreDroppedAtEveryDepth) {
  EXPECT_EQ(without_template_arguments("push"), "push");
  EXPECT_EQ(without_template_arguments("push<int>"), "push");
  EXPECT_EQ(without_template_arguments("Queue<std::pair<int, long>>::push<4>"), "Queue::push");
  EXPECT_EQ(without_template_arguments(""), "");
}

TEST(FunctionName, OperatorsKeepTheirPunctuation) {
  EXPECT_EQ(without_template_arguments("operator<"), "operator<");
  EXPECT_EQ(without_template_arguments("operator< <int>"), "operator<");
  EXPECT_EQ(without_template_arguments("operator<<<int>"), "operator<<");
  EXPECT_EQ(without_template_arguments("operator<=><int>"), "operator<=>");
  EXPECT_EQ(without_template_arguments("Queue<int>::operator->"), "Queue::operator->");
  EXPECT_EQ(without_template_arguments("cooperator<int>"), "cooperator");
}

TEST(FunctionName, ScopesJoinAndEmptyOnesVanish) {
  EXPECT_EQ(join_scopes("", "lock"), "lock");
  EXPECT_EQ(join_scopes("Runqueue", "lock"), "Runqueue::lock");
  EXPECT_EQ(join_scopes("Runqueue", ""), "Runqueue");
  EXPECT_EQ(join_scopes("schedule::{lambda}", "operator()"), "schedule::{lambda}");
  EXPECT_EQ(join_scopes("Functor", "operator()"), "Functor::operator()");
}

TEST(FunctionName, SymbolsAreDemangledToTheBareName) {
  EXPECT_EQ(source_name_of_symbol("schedule"), "schedule");
  EXPECT_EQ(source_name_of_symbol("_ZN8Runqueue4lockEi"), "Runqueue::lock");
  EXPECT_EQ(source_name_of_symbol("_ZN12_GLOBAL__N_14spinEv"), "spin");
  EXPECT_EQ(source_name_of_symbol("_Z3maxIiET_S0_S0_"), "max");  // has a return type in front: "int max<int>(int, int)"
  EXPECT_EQ(source_name_of_symbol("_Znwm"), "operator new");
  EXPECT_EQ(source_name_of_symbol("_ZNK7FunctorclEv"), "Functor::operator()");
  EXPECT_EQ(source_name_of_symbol("_Znot mangled"), "_Znot mangled");
}

}  // namespace
}  // namespace gridlock
