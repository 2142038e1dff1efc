// The words for what is in a trace: memory by the names that the target gave, values, operations with their arguments,
// directives, and what a step did. One place, so that the text, the page and the timeline say the same.
//
// May include: base, model. Pure; borrows all of ExplainInput.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/explain/explain.h"

namespace gridlock {

// Where a step stands: the innermost function of the target's own source.
struct Place {
  std::string function;  // empty: the step has no place
  std::string file;      // empty: unknown
  std::uint32_t line = 0;

  // "function (file:line)", or "" without a place.
  [[nodiscard]] std::string text() const;
};

class Words {
 public:
  explicit Words(const ExplainInput& input) : input_(input) {}

  // "rq[0].lock", "rq[0]+4", "arena+0x40".
  [[nodiscard]] std::string memory(std::uint64_t offset) const;
  // True if the target gave the memory a name.
  [[nodiscard]] bool is_named(std::uint64_t offset) const;
  // True if the engine keeps it beside the target's own, for a program's threads.
  [[nodiscard]] bool is_engines(std::uint64_t offset) const;
  // The name of all of [offset, offset + bytes), which is a block; empty if the target named only parts of it.
  [[nodiscard]] std::string block(std::uint64_t offset, std::uint64_t bytes) const;
  // What a step accessed; "its stack" for memory on a stack.
  [[nodiscard]] std::string memory_of(const Step& step) const;

  [[nodiscard]] std::string vector(std::uint32_t number) const;           // "blkif"
  [[nodiscard]] std::string vectors(std::uint64_t bits) const;            // "blkif, kick"
  [[nodiscard]] std::string entity(std::uint32_t number) const;           // "vcpu0"
  [[nodiscard]] std::string call(const OperationCall& call) const;        // "timer_tick(cpu=1)"
  [[nodiscard]] std::string directive(const Directive& directive) const;  // "interrupt blkif"
  [[nodiscard]] std::string context(const ContextView& context) const;    // "irq blkif"

  // The function of the C library that a program under test called there, "pthread_cond_wait"; empty: none.
  [[nodiscard]] std::string library_call(Site call) const;
  // "pthread_join" if a cpu waits in such a call; empty otherwise.
  [[nodiscard]] std::string waiting_call(const CpuView& cpu) const;

  // What the step did, in few words: "xchg rq[0].lock 0 -> 1".
  [[nodiscard]] std::string action(const Step& step) const;
  // The same with the memory order of an access: "xchg rq[0].lock 0 -> 1 (acquire)".
  [[nodiscard]] std::string ordered_action(const Step& step) const;
  // " in function (file:line)", or "" without a place.
  [[nodiscard]] std::string at(const Step& step) const;
  // The operation that begins or ends. REQUIRES: kOperationBegin or kOperationEnd.
  [[nodiscard]] std::string operation(const Step& step) const;

  // Call chains up to the first site 0, innermost first, without the standard library.
  [[nodiscard]] std::vector<Place> places(std::span<const Site> frames) const;
  [[nodiscard]] Place place(std::span<const Site> frames) const;

 private:
  [[nodiscard]] const NamedMemory* named(std::uint64_t offset) const;
  [[nodiscard]] std::string access(const Step& step) const;
  [[nodiscard]] std::string call_action(const std::string& call, const Step& step) const;

  const ExplainInput& input_;
};

// Small numbers in decimal, large ones (pointers, packed words) in hexadecimal; `width_bytes` 0 to 8 cuts sign bits.
[[nodiscard]] std::string value_text(std::uint64_t value, std::uint8_t width_bytes);

// "relaxed", "acquire", ... of Step::order.
[[nodiscard]] const char* order_name(std::uint8_t order);

// Steps that read, and steps that write, memory of the target's arena (not a stack).
[[nodiscard]] bool reads_memory(const Step& step);
[[nodiscard]] bool writes_memory(const Step& step);
// True if the step accessed the byte at `offset` of the arena.
[[nodiscard]] bool touches(const Step& step, std::uint64_t offset);

}  // namespace gridlock
