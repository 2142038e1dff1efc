// Boost.Lockfree as the compiler instruments it: its plain accesses are judged for data races.
//
// May include: engine/hook, the standard library, Boost.
#include <boost/lockfree/queue.hpp>
#include <boost/lockfree/spsc_queue.hpp>
#include <boost/lockfree/stack.hpp>

#include "targets/boost_lockfree/kinds.h"
#include "targets/boost_lockfree/structures.h"

const boost_lockfree::Kind* const boost_lockfree::kJudged = kKinds;
