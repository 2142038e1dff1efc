#include "engine/cli/run_page.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <string>
#include <utility>

namespace gridlock {
namespace {

Result<RunPage*> map_page(int descriptor) {
  void* const memory = ::mmap(nullptr, sizeof(RunPage), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (memory == MAP_FAILED) return failure("map the page shared with a worker", "", std::strerror(errno));
  return static_cast<RunPage*>(memory);
}

}  // namespace

Result<SharedRunPage> SharedRunPage::create() {
  const int descriptor = ::memfd_create("gridlock-run-page", MFD_CLOEXEC);
  if (descriptor < 0) return failure("create the page shared with a worker", "", std::strerror(errno));
  if (::ftruncate(descriptor, sizeof(RunPage)) != 0) {
    const int error = errno;
    ::close(descriptor);
    return failure("size the page shared with a worker", "", std::strerror(error));
  }
  const auto page = map_page(descriptor);
  if (!page) {
    ::close(descriptor);
    return std::unexpected(page.error());
  }
  return SharedRunPage(descriptor, new (*page) RunPage);
}

Result<SharedRunPage> SharedRunPage::attach(int descriptor) {
  struct stat status{};
  if (::fstat(descriptor, &status) != 0 || status.st_size != static_cast<off_t>(sizeof(RunPage))) {
    return failure("attach to the page of the parent", "descriptor " + std::to_string(descriptor),
                   "it is not one: is the parent of the same build?");
  }
  const auto page = map_page(descriptor);
  if (!page) return std::unexpected(page.error());
  return SharedRunPage(descriptor, *page);
}

SharedRunPage::SharedRunPage(SharedRunPage&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), page_(std::exchange(other.page_, nullptr)) {}

SharedRunPage& SharedRunPage::operator=(SharedRunPage&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(page_, other.page_);
  return *this;
}

SharedRunPage::~SharedRunPage() {
  if (page_ != nullptr) ::munmap(page_, sizeof(RunPage));
  if (descriptor_ >= 0) ::close(descriptor_);
}

void publish_run(RunPage& page, std::span<const std::uint8_t> input, Decider decider) {
  const auto size = std::min(input.size(), kInputBytesMax);
  std::copy_n(input.begin(), size, page.input);
  page.input_size_bytes = static_cast<std::uint32_t>(size);
  page.decision_count.store(0, std::memory_order_relaxed);
  page.decider.store(decider, std::memory_order_relaxed);
  count(page.heartbeat);
  page.running.store(1, std::memory_order_relaxed);
}

void end_run(RunPage& page) {
  page.running.store(0, std::memory_order_relaxed);
}

Scenario last_scenario(const RunPage& page, const TargetSchema& schema) {
  Scenario scenario = decode({page.input, page.input_size_bytes}, schema);
  if (page.decider.load(std::memory_order_relaxed) == Decider::kStrategy) {
    const auto made = std::min(page.decision_count.load(std::memory_order_relaxed), kDirectivesMax);
    scenario.directives.assign(page.decisions, page.decisions + made);
  }
  return scenario;
}

}  // namespace gridlock
