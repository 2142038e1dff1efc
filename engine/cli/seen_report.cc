// See seen_report.h. May include: base, model.
#include "engine/cli/seen_report.h"

#include <fmt/format.h>

#include "engine/cli/threads_retry.h"
#include "engine/model/repro_text.h"

namespace gridlock {

std::string seen_report(const CoreSighting& sighting, SeenAgain again, const Target& target, std::uint32_t variant) {
  const Repro scenario{.target = target.schema.name,
                       .scenario = sighting.scenario,
                       .site_hints = std::vector<std::string>(sighting.scenario.directives.size())};
  return fmt::format(
      "{} in {} {}: seen on real cores, not reproduced on fibers\n"
      "signature  {}\n"
      "summary    {}\n"
      "seen       in {} of {} more runs of the same scenario on real cores\n"
      "fibers     not in {} runs: in the recorded order, near it, and in other schedules of the program\n"
      "\n"
      "What that can mean: a reordering of the hardware, which fibers do not have; code that takes what lies between\n"
      "two points for one step; or a report of ThreadSanitizer that is wrong (it knows no fences, no accesses of\n"
      "different sizes and no address dependencies).\n"
      "\n"
      "== state ==\n"
      "{}"
      "\n"
      "== scenario (the interrupts that arrived; nothing can say in which order the cpus ran) ==\n"
      "{}",
      verdict_name(sighting.verdict.kind), target.schema.name, target.schema.variants[variant].name,
      sighting.verdict.signature, sighting.verdict.summary, again.seen, again.of, kRetryRuns,
      sighting.state.empty() ? "not known: the process died\n" : sighting.state, print_repro(scenario, target.schema));
}

}  // namespace gridlock
