// xenium's queues over its reclamation schemes, as Debian's package has them. The parameter `queue` says which: one
// harness with one oracle asks them all. README.md says what is checked.
//
// May include: engine/hook, the standard library, xenium.
#include <array>  // which xenium leaves to its user
#include <cstdint>
#include <memory>
#include <new>
#include <xenium/michael_scott_queue.hpp>
#include <xenium/ramalhete_queue.hpp>
#include <xenium/reclamation/generic_epoch_based.hpp>
#include <xenium/reclamation/hazard_eras.hpp>
#include <xenium/reclamation/hazard_pointer.hpp>
#include <xenium/vyukov_bounded_queue.hpp>

#include "engine/hook/gridlock.h"
#include "engine/hook/handover.h"
#include "engine/hook/replace_new.h"
#include "engine/hook/thread_locals.h"

namespace {

namespace policy = xenium::policy;
namespace reclamation = xenium::reclamation;

// In the order of kVariants.
enum Variant : unsigned { kUnguarded, kThreadEnds, kAsShipped };
constexpr gl_variant_entry kVariants[] = {
    {"unguarded", "who looks at a node holds no guard on it: misuse by the harness", "memory-error"},
    {"thread-ends",
     "as shipped, threads end under epochs too, and what they retired is freed too early: a bug of xenium",
     "memory-error"},
    {"as-shipped", "the package's headers; threads end under hazard pointers and hazard eras only", "ok"},
    {},
};

enum Kind : unsigned {
  kMsHazardPointer,
  kMsHazardEras,
  kMsEpochs,
  kMsDebra,
  kRamalheteHazardPointer,
  kRamalheteEpochs,
  kVyukov,
  kKinds
};
// In the order of kParameters.
enum Parameter : unsigned { kQueue };
constexpr gl_parameter_entry kParameters[] = {{"queue", 0, kKinds - 1, 0, kKinds - 1}, {}};

// The schemes, set so that they look for nodes to reclaim as often as they can. renew() makes their static variables
// what they are when a program begins.
struct HazardPointer {
  // Three guards a thread, and a scan with each retired node.
  using Strategy = reclamation::hp_allocation::static_strategy<3, 0, 1>;
  using Type = reclamation::hazard_pointer<>::with<policy::allocation_strategy<Strategy>>;
  static void renew() {
    std::construct_at(&Type::global_thread_block_list);
    std::construct_at(&Strategy::number_of_active_hps);
  }
};
struct HazardEras {
  using Strategy = reclamation::he_allocation::static_strategy<3, 0, 1>;
  using Type = reclamation::hazard_eras<>::with<policy::allocation_strategy<Strategy>>;
  static void renew() {
    std::construct_at(&Type::era_clock, 1U);
    std::construct_at(&Type::global_thread_block_list);
    std::construct_at(&Strategy::number_of_active_hes);
  }
};
template <class Scheme>
struct EpochBased {
  using Type = Scheme;
  static void renew() {
    std::construct_at(&Type::global_epoch);
    std::construct_at(&Type::global_thread_block_list);
    std::construct_at(&Type::orphans);
  }
};
using Epochs =
    EpochBased<reclamation::generic_epoch_based<>::with<policy::scan_frequency<0>,
                                                        policy::region_extension<reclamation::region_extension::none>>>;
using Debra = EpochBased<reclamation::debra<>::with<policy::scan_frequency<0>>>;

struct Item {
  std::uint32_t number;
};

// A node that is replaced and looked at, reclaimed by the scheme: what a user's own structure is made of.
template <class Scheme>
struct Cell {
  struct Node : Scheme::Type::template enable_concurrent_ptr<Node> {
    explicit Node(std::uint32_t number) : value(number), again(number) {}
    std::uint32_t value;
    std::uint32_t again;
  };
  using Pointer = typename Scheme::Type::template concurrent_ptr<Node>;
  using Guard = typename Pointer::guard_ptr;

  Pointer pointer{typename Pointer::marked_ptr(new Node(0))};

  void replace(std::uint32_t number) {
    Node* const node = new Node(number);
    Guard old;
    for (;;) {
      old.acquire(pointer);
      typename Pointer::marked_ptr expected(old.get());
      if (pointer.compare_exchange_strong(expected, typename Pointer::marked_ptr(node))) break;
    }
    old.reclaim();
  }
  void look() {
    Guard guard;
    if (gl_variant() != kUnguarded) guard.acquire(pointer);
    const Node* const node = gl_variant() == kUnguarded ? pointer.load().get() : guard.get();
    const std::uint32_t value = node->value;
    gl_cpu_relax();
    GL_PROMISE(node->again == value, "a node stays as it is while it is guarded");
  }
};

// A queue and a cell over one scheme.
class Structure {
 public:
  virtual bool push(Item* item) = 0;
  virtual bool pop(Item*& item) = 0;
  virtual void replace(std::uint32_t number) = 0;
  virtual void look() = 0;

 protected:
  ~Structure() = default;
};

template <class Queue, class Scheme>
class Over final : public Structure {
 public:
  bool push(Item* item) override {
    queue_.push(item);
    return true;
  }
  bool pop(Item*& item) override { return queue_.try_pop(item); }
  void replace(std::uint32_t number) override { cell_.replace(number); }
  void look() override { cell_.look(); }

 private:
  Queue queue_;
  Cell<Scheme> cell_;
};

// Of fixed size: nothing is reclaimed.
class Bounded final : public Structure {
 public:
  bool push(Item* item) override { return queue_.try_push(item); }
  bool pop(Item*& item) override { return queue_.try_pop(item); }
  void replace(std::uint32_t) override {}
  void look() override {}

 private:
  xenium::vyukov_bounded_queue<Item*> queue_{2};
};

struct State {
  oracle::Handover handover{oracle::Order::kFirstInFirstOut};
  Item items[oracle::Handover::kItemsMax] = {};
  Structure* structure = nullptr;
};
State* state;

template <class Scheme>
Structure* michael_scott() {
  Scheme::renew();
  return new Over<xenium::michael_scott_queue<Item*, policy::reclaimer<typename Scheme::Type>>, Scheme>();
}
// Two entries a node, so that nodes come and go, and one look for a push that is under way.
template <class Scheme>
Structure* ramalhete() {
  Scheme::renew();
  return new Over<xenium::ramalhete_queue<Item*, policy::reclaimer<typename Scheme::Type>, policy::entries_per_node<2>,
                                          policy::pop_retries<1>>,
                  Scheme>();
}

// One variant is about the scheme alone: it has the smallest of programs, over epochs, and no queue.
bool has_queue() {
  return gl_variant() != kThreadEnds;
}
std::uint32_t kind() {
  return has_queue() ? gl_parameter(kQueue) : kMsEpochs;
}

Structure* make() {
  switch (kind()) {
    case kMsHazardPointer:
      return michael_scott<HazardPointer>();
    case kMsHazardEras:
      return michael_scott<HazardEras>();
    case kMsEpochs:
      return michael_scott<Epochs>();
    case kMsDebra:
      return michael_scott<Debra>();
    case kRamalheteHazardPointer:
      return ramalhete<HazardPointer>();
    case kRamalheteEpochs:
      return ramalhete<Epochs>();
    default:
      return new Bounded();
  }
}

void replace(const std::uint32_t*) {
  state->structure->replace(gl_this_cpu() + 1);
}
void look(const std::uint32_t*) {
  state->structure->look();
}

void push(const std::uint32_t* arguments) {
  if (!has_queue()) return replace(arguments);
  for (std::uint32_t i = 0; i < arguments[0]; ++i) {
    const std::uint32_t number = state->handover.make();
    if (number == oracle::Handover::kNone) return;
    state->items[number].number = number;
    if (state->structure->push(&state->items[number])) {
      state->handover.pushed(number);
    } else {
      state->handover.withdraw(number);
    }
  }
}

void pop(const std::uint32_t* arguments) {
  if (!has_queue()) return look(arguments);
  for (std::uint32_t i = 0; i < arguments[0]; ++i) {
    state->handover.looks();
    Item* item = nullptr;
    if (state->structure->pop(item)) {
      state->handover.takes(item->number);
    } else {
      state->handover.found_nothing();
    }
  }
}

bool is_epoch_based() {
  return kind() == kMsEpochs || kind() == kMsDebra || kind() == kRamalheteEpochs;
}

// The cpu goes on as another thread: what it has retired goes to the others, and its place in the scheme's list to
// whoever comes next.
void end_thread(const std::uint32_t*) {
  if (is_epoch_based() && gl_variant() == kAsShipped) return;
  thread_locals::end_thread();
}

constexpr gl_operation_entry kOperations[] = {{"push", push, {{"count", 1, 3}}}, {"pop", pop, {{"count", 1, 3}}},
                                              {"replace", replace, {}},          {"look", look, {}},
                                              {"end_thread", end_thread, {}},    {}};

void setup() {
  thread_locals::begin_run();
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  state->structure = make();
  // What setup needed of the scheme belongs to a thread that has ended.
  thread_locals::end_thread();
}

}  // namespace

extern "C" const gl_target gl_target_xenium_queues;

const gl_target gl_target_xenium_queues = {
    .name = "xenium-queues",
    .summary = "xenium's queues over its reclamation schemes, unmodified",
    .models =
        "Debian's libxenium-dev: michael_scott_queue, ramalhete_queue, vyukov_bounded_queue; hazard pointers, "
        "hazard eras, epochs, DEBRA",
    .cpus_minimum = 2,
    .cpus_maximum = oracle::Handover::kMakersMax,
    .variants = kVariants,
    .parameters = kParameters,
    .operations = kOperations,
    .setup = setup,
};
