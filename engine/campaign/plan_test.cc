#include "engine/campaign/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace gridlock::campaign {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsTrue;
using ::testing::SizeIs;

const std::vector<store::TargetVariant> kVariants = {
    {"demo-deadlock", "mutex", "", "deadlock"},
    {"demo-race", "plain", "", "data-race"},
    {"mcs-lock", "broken", "", "hang"},
    {"mcs-lock", "mcs", "", "ok"},
    {"xen-pv-spinlock", "kick-all", "", "ok"},
    {"xen-pv-spinlock", "kick-first", "", "hang"},
    {"xen-vcpu-migration", "set-flag-then-sleep", "", "assertion"},
};

TEST(ParseTargets, RefusesWhatIsNoList) {
  for (const char* text : {"", "garbage", "[]", "{}", R"({"targets":7})", R"({"targets":[7]})",
                           R"({"targets":[{"name":"a"}]})", R"({"targets":[{"name":7,"variants":[{"name":"b"}]}]})"}) {
    EXPECT_FALSE(parse_targets(text).has_value()) << text;
  }
}

TEST(ParseTargets, ReadsVariantsWithTheirExpectations) {
  const auto list = parse_targets(
      R"({"targets":[{"name":"a","summary":"s","bugs":[],"variants":[{"name":"x","summary":"sx","expect":"hang"},
          {"name":"y","expect":"ok"}]}]})");
  ASSERT_TRUE(list);
  EXPECT_THAT(*list,
              ElementsAre(store::TargetVariant{"a", "x", "sx", "hang"}, store::TargetVariant{"a", "y", "s", "ok"}));
}

TEST(PlanCampaigns, EveryVariantHasEachEngineAndFlavourOnce) {
  const auto plan = plan_campaigns(kVariants, {});
  ASSERT_TRUE(plan);
  std::set<CampaignKey> keys;
  for (const auto& campaign : *plan) keys.insert(campaign.key);
  EXPECT_THAT(keys, SizeIs(6 * 9)) << "all but the canary's";
  EXPECT_THAT(*plan, SizeIs(keys.size()));
}

TEST(PlanCampaigns, ShowsTheBugsItWasMadeForFirstThenTheBuiltinEngineInPlain) {
  const auto plan = plan_campaigns(kVariants, {});
  ASSERT_TRUE(plan);
  EXPECT_THAT((*plan)[0].key, Eq(CampaignKey{"xen-pv-spinlock", "kick-first", "builtin", "none"}));
  EXPECT_THAT((*plan)[1].key, Eq(CampaignKey{"xen-vcpu-migration", "set-flag-then-sleep", "builtin", "none"}));
  EXPECT_THAT((*plan)[2].key, Eq(CampaignKey{"mcs-lock", "broken", "builtin", "none"}));
  EXPECT_THAT((*plan)[3].key, Eq(CampaignKey{"mcs-lock", "mcs", "builtin", "none"}));
  EXPECT_THAT((*plan)[6].key.sanitizer, Eq("thread"));
  EXPECT_TRUE(std::ranges::is_sorted(*plan, {}, &PlannedCampaign::rank));
}

TEST(PlanCampaigns, KnowsWhichAreBroken) {
  const auto plan = plan_campaigns(kVariants, {.targets = {"mcs-lock/broken"}, .engines = {}});
  ASSERT_TRUE(plan);
  EXPECT_THAT(*plan, Each(Field(&PlannedCampaign::known_broken, IsTrue())));
  const auto correct = plan_campaigns(kVariants, {.targets = {"mcs-lock/mcs"}, .engines = {"afl"}});
  ASSERT_TRUE(correct);
  EXPECT_THAT(*correct, SizeIs(3));
  EXPECT_FALSE(correct->front().known_broken);
}

TEST(PlanCampaigns, AFilterThatNamesNothingIsAnError) {
  const auto unknown = plan_campaigns(kVariants, {.targets = {"mcs-lok"}, .engines = {}});
  ASSERT_FALSE(unknown.has_value());
  EXPECT_THAT(unknown.error().message(), HasSubstr("mcs-lok"));
  EXPECT_FALSE(plan_campaigns(kVariants, {.targets = {}, .engines = {"honggfuzz"}}).has_value());
  EXPECT_FALSE(plan_campaigns(kVariants, {.targets = {"demo-deadlock"}, .engines = {}}).has_value());
}

}  // namespace
}  // namespace gridlock::campaign
