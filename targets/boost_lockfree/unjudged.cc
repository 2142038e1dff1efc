// Boost.Lockfree with its atomic accesses instrumented and its plain ones not: atomics are instrumented in any
// function, plain accesses only where the attribute is missing. README.md says why both are asked.
//
// May include: engine/hook, the standard library, Boost.
#include <atomic>
#include <boost/array.hpp>
#include <boost/parameter.hpp>
#include <boost/tuple/tuple.hpp>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

#pragma clang attribute push(__attribute__((no_sanitize("thread"))), apply_to = function)
#include <boost/lockfree/queue.hpp>
#include <boost/lockfree/spsc_queue.hpp>
#include <boost/lockfree/stack.hpp>
#pragma clang attribute pop

#include "targets/boost_lockfree/kinds.h"
#include "targets/boost_lockfree/structures.h"

const boost_lockfree::Kind* const boost_lockfree::kUnjudged = kKinds;
