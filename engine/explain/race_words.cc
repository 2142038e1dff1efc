// Sentences about a race; see race_words.h.
//
// May include: base, model.
#include "engine/explain/race_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "engine/explain/race_story.h"
#include "engine/explain/step_kinds.h"

namespace gridlock {
namespace {

using Lines = std::vector<std::string>;

// "plain write", "atomic read".
std::string access_name(const RaceAccess& access) {
  return fmt::format("{} {}", access.is_atomic ? "atomic" : "plain", access.is_write ? "write" : "read");
}

std::string_view context_name(ContextView::Kind kind) {
  switch (kind) {
    case ContextView::Kind::kTask:
      return "in the task";
    case ContextView::Kind::kIrq:
      return "in an interrupt handler";
    case ContextView::Kind::kSoftirq:
      return "in a softirq";
    case ContextView::Kind::kMigrate:
      return "in a migration request";
  }
}

std::string memory_of(const RaceReport& race, const Words& words) {
  return fmt::format("{}, {} byte{}", race.on_stack ? "memory on a stack" : words.memory(race.offset), race.bytes,
                     race.bytes == 1 ? "" : "s");
}

// What is said of one side and of what is between them, with the trace at hand.
class RaceTeller {
 public:
  RaceTeller(const RunView& run, const RaceStory& story, const Words& words)
      : run_(run), steps_(run.trace->steps), story_(story), words_(words) {}

  [[nodiscard]] Lines side(const RaceSide& side) const {
    Lines lines;
    lines.push_back(side.held.irqs_enabled ? "interrupts are enabled" : "interrupts are disabled");
    for (const HeldLock& lock : side.held.locks) {
      lines.push_back(fmt::format("holds {}, taken at {}", words_.memory(lock.offset), step(lock.taken)));
    }
    add_steps("before it", side.before, lines);
    add_steps("behind it", side.after, lines);
    return lines;
  }

  [[nodiscard]] Lines missing_edge() const {
    Lines lines;
    if (story_.is_same_cpu) {
      lines.push_back(between_contexts());
      return lines;
    }
    for (std::size_t i = 0; i < story_.way.size(); ++i) add_hop(i, lines);
    if (story_.way.empty()) {
      lines.push_back(
          fmt::format("nothing that {0} wrote after its access was read by {1} before its own: no lock and no "
                      "release/acquire pair connects them",
                      cpu(story_.first.access), cpu(story_.second.access)));
    }
    add_locks(lines);
    return lines;
  }

 private:
  [[nodiscard]] std::string cpu(std::size_t at) const { return fmt::format("cpu {}", steps_[at].cpu.value()); }
  // "step 6 in send (harness.cc:43)".
  [[nodiscard]] std::string step(std::size_t at) const {
    return fmt::format("step {}{}", at + 1, words_.at(steps_[at]));
  }

  void add_steps(const char* title, const std::vector<std::size_t>& steps, Lines& lines) const {
    if (!steps.empty()) lines.emplace_back(title);
    for (const std::size_t at : steps) {
      lines.push_back(fmt::format("  step {}: {}{}", at + 1, words_.ordered_action(steps_[at]), words_.at(steps_[at])));
    }
  }

  // The side in the context below is the one that should have kept the handler out.
  [[nodiscard]] std::string between_contexts() const {
    const bool is_first_below = steps_[story_.first.access].depth < steps_[story_.second.access].depth;
    const RaceSide& below = is_first_below ? story_.first : story_.second;
    const RaceAccess& access = run_.race->accesses[is_first_below ? 0 : 1];
    if (!below.held.irqs_enabled) return "both are of one cpu, in contexts of which one can interrupt the other";
    return fmt::format("the handler can come between: interrupts are enabled at the {} in {}", access_name(access),
                       words_.place(access.frames).text());
  }

  void add_hop(std::size_t number, Lines& lines) const {
    const Hop& hop = story_.way[number];
    const bool is_last = number + 1 == story_.way.size();
    lines.push_back(fmt::format("{}: {}{}", cpu(hop.store), stored(hop), number == 0 ? ", after its access" : ""));
    add_store_side(hop, number == 0, lines);
    lines.push_back(fmt::format("{}: {}{}", cpu(hop.read), read(hop), is_last ? ", before its access" : ""));
    add_read_side(hop, is_last, lines);
  }

  [[nodiscard]] std::string stored(const Hop& hop) const {
    return words_.ordered_action(steps_[hop.store]) + " at " + step(hop.store);
  }
  [[nodiscard]] std::string read(const Hop& hop) const {
    return fmt::format("{} at {}, which reads that value", words_.ordered_action(steps_[hop.read]), step(hop.read));
  }

  void add_store_side(const Hop& hop, bool is_first, Lines& lines) const {
    if (hop.release_fence) lines.push_back("  released by the fence at " + step(*hop.release_fence));
    if (hop.releases) return;
    lines.push_back(is_first ? "  needs release, or a release fence between the access and it"
                             : "  needs release, or a release fence before it");
    if (!hop.misplaced_release_fence) return;
    const bool is_behind = *hop.misplaced_release_fence > hop.store;
    lines.push_back(fmt::format("  the fence at {} stands {}, where it does not order them",
                                step(*hop.misplaced_release_fence), is_behind ? "behind it" : "before the access"));
  }

  void add_read_side(const Hop& hop, bool is_last, Lines& lines) const {
    if (hop.acquire_fence) lines.push_back("  acquired by the fence at " + step(*hop.acquire_fence));
    if (hop.acquires) return;
    const Step& step_of_read = steps_[hop.read];
    if (step_of_read.kind == StepKind::kCompareExchange && !step_of_read.changed) {
      lines.emplace_back("  it failed, and so acquires only if its order for failure does");
      return;
    }
    lines.push_back(is_last ? "  needs acquire, or an acquire fence between it and the access"
                            : "  needs acquire, or an acquire fence behind it");
    if (!hop.misplaced_acquire_fence) return;
    const bool is_before = *hop.misplaced_acquire_fence < hop.read;
    lines.push_back(fmt::format("  the fence at {} stands {}, where it does not order them",
                                step(*hop.misplaced_acquire_fence), is_before ? "before it" : "behind the access"));
  }

  void add_locks(Lines& lines) const {
    const auto& first = story_.first.held.locks;
    const auto& second = story_.second.held.locks;
    const bool shares = std::any_of(first.begin(), first.end(), [&](const HeldLock& lock) {
      return std::any_of(second.begin(), second.end(), [&](const HeldLock& o) { return o.offset == lock.offset; });
    });
    if (shares || (first.empty() && second.empty())) return;
    const bool is_both = !first.empty() && !second.empty();
    Lines parts;
    if (!first.empty()) parts.push_back(fmt::format("{} holds {}", cpu(story_.first.access), locks(first)));
    if (!second.empty()) parts.push_back(fmt::format("{} holds {}", cpu(story_.second.access), locks(second)));
    lines.push_back(
        fmt::format("{}: {}", fmt::join(parts, ", "),
                    is_both ? "different locks, which order nothing" : "no lock that the other is seen to hold"));
  }

  [[nodiscard]] std::string locks(const std::vector<HeldLock>& held) const {
    Lines names;
    for (const HeldLock& lock : held) names.push_back(words_.memory(lock.offset));
    return fmt::format("{}", fmt::join(names, " and "));
  }

  const RunView& run_;
  const std::vector<Step>& steps_;
  const RaceStory& story_;
  const Words& words_;
};

Stand access_stand(const ExplainInput& input, const Words& words, std::size_t number) {
  const RaceReport& race = *input.run->race;
  const RaceAccess& access = race.accesses[number];
  Stand stand{fmt::format("{}: cpu {}, {}, {} of {}", number == 0 ? "first" : "second", access.cpu.value(),
                          context_name(access.context), access_name(access), memory_of(race, words)),
              {}};
  add_chain(words, access.frames, "", stand.lines);
  return stand;
}

// ThreadSanitizer knows neither cpus nor contexts.
Stand reported_stand(const Words& words, const RaceAccess& access) {
  Stand stand{"a " + access_name(access) + ", as ThreadSanitizer sees it", {}};
  add_chain(words, access.frames, "", stand.lines);
  return stand;
}

Stand what_to_look_at() {
  return {"what to look at",
          {"The exact judge sees what the target's own code does to memory of gl_alloc and to stacks.",
           "This pair it does not see. Either the memory is a static variable or of malloc: take it from gl_alloc.",
           "Or a library function makes the access: call one that is compiled with the target."}};
}

}  // namespace

std::vector<std::string> missing_edge(const ExplainInput& input, const Words& words) {
  const auto story = story_of_race(*input.run);
  return story ? RaceTeller(*input.run, *story, words).missing_edge() : Lines{};
}

std::vector<Stand> race_stands(const ExplainInput& input, const Words& words) {
  const RunView& run = *input.run;
  if (run.end == RunEnd::kSanitizerReport) {
    return {reported_stand(words, run.race->accesses[0]), reported_stand(words, run.race->accesses[1]),
            what_to_look_at()};
  }
  std::vector<Stand> stands = {access_stand(input, words, 0), access_stand(input, words, 1)};
  const auto story = story_of_race(run);
  if (!story) return stands;
  const RaceTeller teller(run, *story, words);
  for (std::size_t i = 0; i < 2; ++i) {
    const Lines lines = teller.side(i == 0 ? story->first : story->second);
    stands[i].lines.insert(stands[i].lines.end(), lines.begin(), lines.end());
  }
  stands.push_back({"the missing edge", teller.missing_edge()});
  if (run.race->sanitizer_agrees) stands.back().lines.emplace_back("ThreadSanitizer reports this race too");
  return stands;
}

}  // namespace gridlock
