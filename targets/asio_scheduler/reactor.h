// The reactor that Boost.Asio's scheduler runs as its task, in the place of epoll_reactor: the scheduler asks two
// things of it, and this has their contract over an interrupt of the machine instead of over epoll.
//
//     run:        waits for a device or an interrupt() for at most so long, then hands over what is ready
//     interrupt:  ends a run that waits, or else the wait of the next: it is never forgotten
//
// Operations that a device will make ready are in slots, by number. The device is an interrupt handler: what it does
// holds no lock and only sets bits, as the kernel does beneath epoll_wait.
//
// It stands in the place of Asio's two headers that choose a reactor, and includes Asio's scheduler behind it.
//
// May include: engine/hook, the standard library, Boost.Asio.
#pragma once

// Asio's own would choose epoll_reactor.
#define BOOST_ASIO_DETAIL_REACTOR_FWD_HPP
#define BOOST_ASIO_DETAIL_REACTOR_HPP
namespace boost::asio::detail {
class interrupt_reactor;
using reactor = interrupt_reactor;
}  // namespace boost::asio::detail

#include <atomic>
#include <boost/asio/detail/mutex.hpp>
#include <boost/asio/detail/op_queue.hpp>
#include <boost/asio/detail/scheduler_operation.hpp>
#include <boost/asio/execution_context.hpp>
#include <cstdint>

#include "engine/hook/gridlock.h"

namespace boost::asio::detail {

class interrupt_reactor : public execution_context_service_base<interrupt_reactor> {
 public:
  static constexpr unsigned kSlots = 64;

  // Broken on purpose: an interrupt() that finds nobody waiting is forgotten.
  static inline bool forgets_interrupts = false;

  explicit interrupt_reactor(execution_context& context) : execution_context_service_base<interrupt_reactor>(context) {}

  // What the scheduler calls. `usec`: 0 does not wait, less than 0 waits without a limit.
  void run(long usec, op_queue<scheduler_operation>& operations) {
    wait(usec);
    is_interrupted_.store(false);
    const std::uint64_t ready = ready_.exchange(0);
    mutex::scoped_lock lock(mutex_);
    for (unsigned slot = 0; slot < kSlots; ++slot) {
      if ((ready >> slot & 1) != 0) take(slot, operations);
    }
  }
  void interrupt() {
    if (forgets_interrupts && !is_waiting_.load()) return;
    is_interrupted_.store(true);
  }
  void shutdown() override {}

  // What the harness calls: the operation completes once a device has said so.
  void start(unsigned slot, scheduler_operation* operation) {
    mutex::scoped_lock lock(mutex_);
    slots_[slot] = operation;
    started_.fetch_or(std::uint64_t{1} << slot);
  }
  // Hands over all that no device has made ready yet.
  void cancel(op_queue<scheduler_operation>& operations) {
    mutex::scoped_lock lock(mutex_);
    for (unsigned slot = 0; slot < kSlots; ++slot) take(slot, operations);
  }
  // In the device's interrupt handler: all that was started is ready.
  void device() { ready_.fetch_or(started_.load()); }

  // For invariants.
  unsigned pending() const {
    unsigned count = 0;
    for (const scheduler_operation* operation : slots_) count += operation != nullptr;
    return count;
  }
  void name() const {
    gl_name(&mutex_.mutex_, sizeof(mutex_.mutex_), "reactor.mutex");
    gl_name(&is_interrupted_, sizeof(is_interrupted_), "reactor.interrupted");
    gl_name(&started_, sizeof(started_), "reactor.started");
    gl_name(&ready_, sizeof(ready_), "reactor.ready");
  }

 private:
  static bool has_news(void* reactor) {
    const auto& mine = *static_cast<const interrupt_reactor*>(reactor);
    return mine.ready_.load() != 0 || mine.is_interrupted_.load();
  }
  void wait(long usec) {
    if (forgets_interrupts) is_waiting_.store(true);
    if (usec < 0) {
      gl_wait(has_news, this, GL_WAIT_PLAIN);
    } else if (usec > 0) {
      static_cast<void>(gl_wait_for(has_news, this, GL_WAIT_PLAIN, static_cast<std::uint64_t>(usec)));
    }
    if (forgets_interrupts) is_waiting_.store(false);
  }
  void take(unsigned slot, op_queue<scheduler_operation>& operations) {
    if (slots_[slot] == nullptr) return;
    operations.push(slots_[slot]);
    slots_[slot] = nullptr;
    started_.fetch_and(~(std::uint64_t{1} << slot));
  }

  mutex mutex_;
  scheduler_operation* slots_[kSlots] = {};
  std::atomic<std::uint64_t> started_{0};  // bits of slots
  std::atomic<std::uint64_t> ready_{0};
  std::atomic<bool> is_interrupted_{false};
  std::atomic<bool> is_waiting_{false};  // kept only where interrupts are forgotten
};

}  // namespace boost::asio::detail

#include <boost/asio/detail/scheduler.hpp>  // whose functions ask for the whole class
