// The table of docs/LITMUS.md: small programs, what C++ prescribes for them, and what Gridlock and ThreadSanitizer
// find. The programs are machine/test_targets/litmus.cc and litmus_kernel.cc.
//
// A program races if some sequentially consistent interleaving of it does. Where C++11 and a later standard differ the
// answer is the later one's and the last column says so; the rows about interrupts follow the kernel where C++ has no
// say.
//
// Used by tests only. May include: nothing of the engine.
#pragma once

#include <cstdint>

namespace gridlock::litmus {

enum class Answer : std::uint8_t { kNone, kRace, kNotSaid };
inline constexpr Answer none = Answer::kNone, race = Answer::kRace, not_said = Answer::kNotSaid;

struct Litmus {
  const char* target;
  const char* name;    // of the operation that each cpu runs
  std::uint32_t cpus;  // that have a part in it
  const char* source;  // abbreviations: docs/LITMUS.md
  Answer prescribed, judge, sanitizer;
  const char* why;  // of an answer that is not obvious
};

inline constexpr const char* kOrders = "litmus";
inline constexpr const char* kKernel = "litmus_kernel";

inline constexpr Litmus kLitmus[] = {
    {kOrders, "MP+rel+acq", 2, "[LK] MP+pooncerelease+poacquireonce", none, none, none, ""},
    {kOrders, "MP+rlx+acq", 2, "[Ba]", race, race, race, ""},
    {kOrders, "MP+rel+rlx", 2, "[Ba]", race, race, race, ""},
    {kOrders, "MP+rlx+rlx", 2, "[HC] MP", race, race, race, ""},
    {kOrders, "MP+sc+sc", 2, "[Ba]", none, none, none, ""},
    {kOrders, "MP+rel+consume", 2, "P3475R2", none, none, none,
     "C++11 to C++23: race, for want of a dependency; C++26, and compilers always, make acquire of consume"},
    {kOrders, "MP+rel+acq-unguarded", 2, "[intro.races]", race, race, race, "what the acquire read is not looked at"},
    {kOrders, "MP+volatile", 2, "[LK] MP+poonceonces", race, race, race, ""},
    {kOrders, "MP+rel+failing-cas-acq", 2, "[atomics.types.operations]", none, none, none,
     "a failing compare-exchange is a load"},
    {kOrders, "MP+rel+failing-cas-rlx", 2, "[atomics.types.operations]", race, race, race,
     "with the order of the failure"},
    {kOrders, "S+rel+acq", 2, "[LK] S+fencewmbonceonce+poacquireonce", none, none, none, ""},
    {kOrders, "S+rlx+rlx", 2, "[LK] S+poonceonces", race, race, race, ""},
    {kOrders, "MP+fence-rel+acq", 2, "[atomics.fences] 3", none, none, race, "ThreadSanitizer ignores fences"},
    {kOrders, "MP+rel+fence-acq", 2, "[atomics.fences] 4", none, none, race, "ThreadSanitizer ignores fences"},
    {kOrders, "MP+fence-rel+fence-acq", 2, "[atomics.fences] 2", none, none, race, "ThreadSanitizer ignores fences"},
    {kOrders, "MP+fence-sc+fence-sc", 2, "[LK] MP+fencembonceonces", none, none, race,
     "ThreadSanitizer ignores fences"},
    {kOrders, "MP+fence-volatile+volatile-fence", 2, "[LK] MP+fencewmbonceonce+fencermbonceonce", none, none, race,
     "ThreadSanitizer ignores fences"},
    {kOrders, "MP+fence-acq+acq", 2, "[atomics.fences]", race, race, race, "the wrong fence"},
    {kOrders, "MP+rel+fence-rel", 2, "[atomics.fences]", race, race, race, "the wrong fence"},
    {kOrders, "MP+fence-sc+rlx", 2, "[atomics.fences]", race, race, race, "one fence is none"},
    {kOrders, "MP+flag-fence+acq", 2, "[atomics.fences] 3", race, race, race, "the fence stands behind the store"},
    {kOrders, "MP+fence-data-flag+acq", 2, "[atomics.fences] 3", race, race, race, "the data stands behind the fence"},
    {kOrders, "MP+rel+fence-acq-load", 2, "[atomics.fences] 4", race, race, race, "the fence stands before the load"},
    {kOrders, "RS+rmw", 3, "[intro.races] release sequence", none, none, none, ""},
    {kOrders, "RS+exchange", 3, "[intro.races] release sequence", none, none, none, ""},
    {kOrders, "RS+rmw-rlx-reader", 3, "[intro.races] release sequence", race, race, race, ""},
    {kOrders, "RS+fence+rmw", 3, "[atomics.fences] 3", none, none, race, "ThreadSanitizer ignores fences"},
    {kOrders, "RS+rlx+rmw-rel", 3, "[intro.races] release sequence", race, race, race,
     "the store before the head publishes nothing"},
    {kOrders, "RS+rel+rmw-acq-rel", 3, "[intro.races] release sequence", none, none, none, ""},
    {kOrders, "RS+other-store", 3, "[intro.races] release sequence", race, race, none,
     "ThreadSanitizer lets a relaxed store go on with the sequence"},
    {kOrders, "RS+own-store", 2, "P0982R1", race, race, none,
     "C++11: none, one's own stores went on with the sequence; C++20: race"},
    {kOrders, "RS+own-rmw", 2, "P0982R1", none, none, none, ""},
    {kOrders, "RS+two-heads", 3, "[intro.races] release sequence", none, none, none, "both releases head a sequence"},
    {kOrders, "RS+one-head", 3, "[intro.races] release sequence", race, race, race, ""},
    {kOrders, "refcount+acq-rel", 2, "Boost.Atomic, reference counting", none, none, none, ""},
    {kOrders, "refcount+rel+fence", 2, "Boost.Atomic, reference counting", none, none, race,
     "ThreadSanitizer ignores fences"},
    {kOrders, "refcount+rel", 2, "Boost.Atomic, reference counting", race, race, race, ""},
    {kOrders, "refcount+rlx", 2, "Boost.Atomic, reference counting", race, race, race, ""},
    {kOrders, "SB+sc", 2, "[BA] Dekker", none, none, none, ""},
    {kOrders, "SB+fence-sc", 2, "[LK] SB+fencembonceonces", none, none, none,
     "nothing but the order of the fences keeps them apart"},
    {kOrders, "SB+rel+acq", 2, "[Ba] SB", none, none, none,
     "only an execution that is not sequentially consistent races"},
    {kOrders, "LB+acq+rel", 2, "[LK] LB+poacquireonce+pooncerelease", none, none, none, ""},
    {kOrders, "LB+rlx", 2, "[LK] LB+poonceonces", none, none, none,
     "only an execution that is not sequentially consistent races"},
    {kOrders, "IRIW+sc", 4, "[Ba] IRIW", none, none, none, ""},
    {kOrders, "IRIW+rel+acq", 4, "[Ba] IRIW", none, none, none,
     "only an execution that is not sequentially consistent races"},
    {kOrders, "IRIW-data+acq", 4, "[Ba] IRIW", none, none, none, ""},
    {kOrders, "IRIW-data+rlx", 4, "[Ba] IRIW", race, race, race, ""},
    {kOrders, "ISA2+rel+acq-rel+acq", 3, "[LK] ISA2+pooncerelease+poacquirerelease+poacquireonce", none, none, none,
     ""},
    {kOrders, "ISA2+rel+rlx-rel+acq", 3, "[HC] ISA2", race, race, race,
     "the kernel's release would be enough: it is cumulative"},
    {kOrders, "ISA2+rel+acq-rlx+acq", 3, "[HC] ISA2", race, race, race, ""},
    {kOrders, "2+2W+rel+acq", 2, "[HC] 2+2W", none, none, none, ""},
    {kOrders, "2+2W+rlx", 2, "[HC] 2+2W", race, race, race, ""},
    {kOrders, "R+acq", 2, "[HC] R", none, none, none, ""},
    {kOrders, "R+rlx", 2, "[HC] R", race, race, race, ""},
    {kOrders, "plain-flags", 2, "[BA]", none, none, none, "neither write can happen"},
    {kOrders, "plain-flag", 2, "[BA]", race, race, race, ""},
    {kKernel, "lock+rel", 2, "[atomics.flag]", none, none, none, ""},
    {kKernel, "lock+rlx", 2, "[atomics.flag]", race, race, race, ""},
    {kKernel, "DCL+rel+acq", 2, "Meyers & Alexandrescu 2004", none, none, none, ""},
    {kKernel, "DCL+rlx", 2, "Meyers & Alexandrescu 2004", race, race, race, ""},
    {kKernel, "seqlock-plain", 2, "Boehm, MSPC 2012", race, race, race, "also where the value is thrown away"},
    {kKernel, "MS+u16+u32", 2, "[MS]; Linux, qspinlock", not_said, none, race,
     "ThreadSanitizer synchronises by first address"},
    {kKernel, "MS+u32+u16", 2, "[MS]", not_said, none, none, ""},
    {kKernel, "MS+u64+u128", 2, "[MS]", not_said, none, race, "ThreadSanitizer synchronises by first address"},
    {kKernel, "MS+u8+byte-beside", 2, "[intro.memory]", race, race, race, "another location"},
    {kKernel, "MS+u64+byte-over", 3, "[MS]", not_said, none, none, "seven bytes are still the release's"},
    {kKernel, "MS+atomics", 2, "[MS]", not_said, none, none, ""},
    {kKernel, "MS+atomic+plain", 2, "[intro.races]", race, race, race, ""},
    {kKernel, "MS+plain", 2, "[intro.memory]", race, race, race, ""},
    {kKernel, "bytes-beside", 2, "[intro.memory] 3; [BA]", none, none, none, ""},
    {kKernel, "bit-fields", 2, "[intro.memory] 3", race, race, race, "adjacent bit-fields are one location"},
    {kKernel, "bit-fields-apart", 2, "[intro.memory] 3", none, none, none, "a width of 0 parts them"},
    {kKernel, "RCU", 2, "[LK] MP+onceassign+derefonce", none, none, race, "ThreadSanitizer knows no dependencies"},
    {kKernel, "RCU+once", 2, "Linux, rcu_assign_pointer", race, race, race, "published without a release"},
    {kKernel, "RCU+beside", 2, "[atomics.order] carries a dependency", race, race, race, "not behind the pointer"},
    {kKernel, "RCU+control", 2, "[atomics.order] carries a dependency", race, none, race,
     "Gridlock goes by the block, not by how its address was come by"},
    {kKernel, "RCU+two", 2, "Linux, rcu_dereference", none, none, race, "ThreadSanitizer knows no dependencies"},
    {kKernel, "RCU+two-publishers", 3, "Linux, rcu_dereference", none, none, race,
     "ThreadSanitizer knows no dependencies"},
    {kKernel, "RCU+passed-on", 3, "[intro.races] dependency-ordered before", none, none, race,
     "ThreadSanitizer knows no dependencies"},
    {kKernel, "IPI", 2, "Linux, smp_call_function", none, none, none, ""},
    {kKernel, "IPI+late", 2, "Linux, smp_call_function", race, race, race, ""},
    {kKernel, "irq+on", 2, "Linux, local_irq_disable", race, race, race, ""},
    {kKernel, "irq+off", 2, "Linux, local_irq_disable", none, none, none, ""},
    {kKernel, "irq+own-flag", 2, "Linux, barrier()", not_said, none, race,
     "C++ knows signals, and wants atomic_signal_fence; barrier() leaves no trace in the program, and interrupts are "
     "precise"},
    {kKernel, "irq+lock", 2, "Linux, spin_trylock_irqsave", none, none, none, ""},
    {kKernel, "create", 1, "[thread.thread.constr]", none, none, none, ""},
    {kKernel, "create+late", 1, "[thread.thread.constr]", race, race, race, ""},
    {kKernel, "join", 1, "[thread.thread.member]", none, none, none, ""},
};

}  // namespace gridlock::litmus
