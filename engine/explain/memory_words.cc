// Sentences about a memory error; see memory_words.h.
//
// May include: base, model.
#include "engine/explain/memory_words.h"

#include <fmt/format.h>

#include "engine/explain/ending.h"

namespace gridlock {
namespace {

std::string bytes(std::uint64_t count) {
  return fmt::format("{} byte{}", count, count == 1 ? "" : "s");
}

// "a block of 24 bytes named node[0]".
std::string block_of(const Words& words, const BadAccess& access) {
  const std::string name = words.block(access.block_begin, access.block_bytes);
  return fmt::format("a block of {}{}", bytes(access.block_bytes), name.empty() ? "" : " named " + name);
}

std::string what_was_hit(const Words& words, const BadAccess& access) {
  const std::uint64_t at = access.offset - access.block_begin;
  if (access.bytes == 0) {
    return at == 0 ? "frees " + block_of(words, access)
                   : fmt::format("frees what is no block's beginning: at +{} of {}", at, block_of(words, access));
  }
  const std::string verb = fmt::format("{} {}", access.is_write ? "writes" : "reads", bytes(access.bytes));
  const bool is_behind = at >= access.block_bytes;
  const bool names_part =
      !is_behind && words.is_named(access.offset) && words.block(access.block_begin, access.block_bytes).empty();
  if (names_part) {
    return fmt::format("{} of {}, at +{} of {}", verb, words.memory(access.offset), at, block_of(words, access));
  }
  return fmt::format("{} at +{}{} {}", verb, at, is_behind ? ", behind the end of" : " of", block_of(words, access));
}

void add_freeing(const Words& words, const History& history, const Failure& failure, std::vector<std::string>& lines) {
  const bool is_dead = failure.what == "use-after-free" || failure.what == "double-free";
  if (!is_dead || !failure.access->has_block) return;
  const auto freed = history.freeing_step(failure);
  if (!freed) {
    if (!history.steps().empty()) lines.emplace_back("freed before the run began");
    return;
  }
  const Step& step = history.steps()[*freed];
  lines.push_back(fmt::format("freed by cpu {} at step {}", step.cpu.value(), *freed + 1));
  add_chain(words, step.frames, "  ", lines);
}

}  // namespace

std::vector<std::string> bad_access_lines(const Words& words, const History& history, const Failure& failure) {
  const BadAccess& access = *failure.access;
  std::vector<std::string> lines;
  if (access.on_stack) {
    lines.push_back(
        fmt::format("{} {} in a frame that has returned", access.is_write ? "writes" : "reads", bytes(access.bytes)));
  } else if (access.has_block) {
    lines.push_back(what_was_hit(words, access));
  } else {
    lines.push_back(
        fmt::format("{} {} of the arena, before any block", access.is_write ? "writes" : "reads", bytes(access.bytes)));
  }
  add_freeing(words, history, failure, lines);
  if (access.sanitizer_agrees) lines.emplace_back("AddressSanitizer takes these bytes for dead too");
  return lines;
}

}  // namespace gridlock
