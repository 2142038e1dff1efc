#include <gtest/gtest.h>

#include <string_view>

#include "engine/explain/explain.h"
#include "engine/explain/fake_traced_run.h"

namespace gridlock {
namespace {

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

std::string xen_page() {
  FakeTracedRun run;
  build_xen_hang(run);
  return explain_html(run.input());
}

TEST(ExplainHtml, ThePageHasVerdictSignatureProgramAndProof) {
  const std::string page = xen_page();
  EXPECT_NE(page.find("<title>xen-pv-spinlock (broken): hang</title>"), std::string::npos);
  EXPECT_NE(page.find("hang: poll_irq&lt;lock_slow + poll_irq&lt;lock_slow &gt; try_to_wake_up"), std::string::npos);
  EXPECT_NE(page.find("cpu 0: balance(cpu=0)"), std::string::npos);
  EXPECT_NE(page.find("Why nobody can go on"), std::string::npos);
  EXPECT_NE(page.find("last changed by cpu 1 at step 5"), std::string::npos);
}

TEST(ExplainHtml, EachCpuHasAColumnInEveryRow) {
  const std::string page = xen_page();
  const std::size_t rows = count(page, "<tr class=");
  EXPECT_EQ(count(page, "<th>cpu "), 3U);
  EXPECT_EQ(count(page, "<td class=\"on\">"), rows);
  EXPECT_EQ(count(page, "<td class=\"state\">"), 2 * rows);
}

TEST(ExplainHtml, FoldedRoundsOpenToTheirSteps) {
  const std::string page = xen_page();
  EXPECT_NE(page.find("<details><summary>... 3 rounds more</summary>"), std::string::npos);
  EXPECT_EQ(count(page, "load rq[0].lock = 1"), 4U);
}

TEST(ExplainHtml, ThePageNeedsNothingFromElsewhere) {
  const std::string page = xen_page();
  for (const char* word : {"<script", "http:", "https:", "src=", "@import", "url("}) {
    EXPECT_EQ(page.find(word), std::string::npos) << word;
  }
}

TEST(ExplainHtml, ElementsAreBalanced) {
  const std::string page = xen_page();
  for (const std::string name : {"table", "tr", "td", "th", "dl", "dt", "dd", "ol", "li", "pre", "details", "span"}) {
    EXPECT_EQ(count(page, "<" + name + ">") + count(page, "<" + name + " "), count(page, "</" + name + ">")) << name;
  }
}

// Every text that a target or a compiler chooses carries markup here; none of it may reach the page as markup.
TEST(ExplainHtml, NamesAreEscapedWhereverTheyAppear) {
  const std::string evil = "<b id='x\"'>&";
  FakeTracedRun run;
  build_xen_hang(run);
  run.schema.name += evil;
  run.schema.operations[0].name += evil;
  run.schema.vectors[0] += evil;
  run.schema.parameters[0].range.name += evil;
  for (NamedMemory& name : run.trace.names) name.name += evil;
  run.verdict.signature += evil;
  run.verdict.summary += evil;
  run.at(0, {"operator<" + evil}).load(0x40, 1);
  for (CpuView& cpu : run.cpus) {
    for (ContextView& context : cpu.contexts) context.frames.push_back(run.chain({evil})[0]);
  }
  Failure failure{evil, evil, CpuId(0), run.chain({evil})};
  run.failure = &failure;
  const std::string page = explain_html(run.input());
  EXPECT_EQ(page.find("<b id"), std::string::npos);
  EXPECT_EQ(page.find("'x"), std::string::npos);
  EXPECT_NE(page.find("&lt;b id=&#39;x&quot;&#39;&gt;&amp;"), std::string::npos);
}

TEST(ExplainHtml, TheAccessesOfADataRaceStandOut) {
  FakeTracedRun run;
  run.at(0, {"send"}).racing(0, true, 0x80);
  run.at(1, {"receive"}).racing(1, false, 0x80);
  const std::string page = explain_html(run.input());
  EXPECT_EQ(count(page, "<tr class=\"matters race\">") + count(page, "<tr class=\"matters switched race\">"), 2U);
  EXPECT_NE(page.find("<b>the missing edge</b>"), std::string::npos);
}

TEST(ExplainHtml, ShownStateHasAColumnAndItsChangesStandOut) {
  FakeTracedRun run;
  run.at(0, {"set"}).xchg(0x40, 0, 1).load(0x80, 0);
  run.trace.states = {{"v<0>.flag", "-"}};
  run.trace.state_changes = {{0, 0, "<set>"}};
  const std::string page = explain_html(run.input());
  EXPECT_NE(page.find("<th>v&lt;0&gt;.flag</th>"), std::string::npos);
  EXPECT_EQ(count(page, "<td class=\"shown changed\">&lt;set&gt;</td>"), 1U);
  EXPECT_EQ(count(page, "<td class=\"shown\">&lt;set&gt;</td>"), 1U);
}

TEST(ExplainHtml, AFoldOfVeryManyStepsListsTheFirstAndCountsTheRest) {
  FakeTracedRun run;
  run.at(0, {"spin"});
  for (int i = 0; i < 1000; ++i) run.load(0x40, 1);
  const std::string page = explain_html(run.input());
  EXPECT_NE(page.find("... and 799 steps more"), std::string::npos);
}

}  // namespace
}  // namespace gridlock
