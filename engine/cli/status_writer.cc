// See status_writer.h. May include: base, model.
#include "engine/cli/status_writer.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <new>
#include <system_error>

namespace gridlock {
namespace {

using Counter = std::atomic<std::uint64_t>;

// What is the sum of the workers' counts and nothing else.
struct Sum {
  Counter StatusPage::* shown;
  Counter RunPage::* counted;
};
constexpr Sum kSums[] = {
    {&StatusPage::runs, &RunPage::runs},
    {&StatusPage::points, &RunPage::points},
    {&StatusPage::switches, &RunPage::switches},
    {&StatusPage::interrupts_raised, &RunPage::interrupts_raised},
    {&StatusPage::interrupts_taken, &RunPage::interrupts_taken},
    {&StatusPage::migrations_taken, &RunPage::migrations_taken},
    {&StatusPage::migrations_dropped, &RunPage::migrations_dropped},
    {&StatusPage::migrations_pending, &RunPage::migrations_pending},
    {&StatusPage::inconclusive, &RunPage::inconclusive},
    {&StatusPage::run_nanoseconds, &RunPage::run_nanoseconds},
};

using Buckets = std::array<Counter, kStatusBuckets>;

std::uint64_t load(const Counter& counter) {
  return counter.load(std::memory_order_relaxed);
}

void set(Counter& counter, std::uint64_t value) {
  counter.store(value, std::memory_order_relaxed);
}

void show_sum(Counter& shown, Counter RunPage::* counted, std::span<const RunPage* const> workers,
              std::uint64_t sum = 0) {
  for (const RunPage* const worker : workers) sum += load(worker->*counted);
  set(shown, sum);
}

void show_buckets(Buckets& shown, Buckets RunPage::* counted, std::span<const RunPage* const> workers) {
  for (std::size_t i = 0; i < kStatusBuckets; ++i) {
    std::uint64_t sum = 0;
    for (const RunPage* const worker : workers) sum += load((worker->*counted)[i]);
    set(shown[i], sum);
  }
}

template <typename Set>
std::uint64_t size_of_union(Set RunPage::* seen, std::span<const RunPage* const> workers) {
  Set all;
  for (const RunPage* const worker : workers) all.unite_with(worker->*seen);
  return all.size();
}

Result<StatusPage*> map_page(int descriptor, const std::string& path) {
  struct stat status{};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode) ||
      status.st_size != static_cast<off_t>(sizeof(StatusPage))) {
    return failure("use the status page", path,
                   "whoever reads it creates it, a file of " + std::to_string(sizeof(StatusPage)) + " bytes");
  }
  void* const memory = ::mmap(nullptr, sizeof(StatusPage), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (memory == MAP_FAILED) return failure("map the status page", path, std::strerror(errno));
  return new (memory) StatusPage;
}

}  // namespace

void StatusWriter::Unmap::operator()(StatusPage* page) const {
  ::munmap(page, sizeof(StatusPage));
}

Result<StatusWriter> StatusWriter::open(const std::string& path, const std::string& corpus) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return failure("open the status page", path, std::strerror(errno));
  const auto page = map_page(descriptor, path);
  ::close(descriptor);
  if (!page) return std::unexpected(page.error());
  return StatusWriter(*page, corpus);
}

void StatusWriter::beat() {
  count(page_->heartbeat);
}

void StatusWriter::show(std::span<const RunPage* const> workers, const ParentCounts& parent, Clock::time_point now) {
  for (const Sum& sum : kSums) show_sum(page_.get()->*sum.shown, sum.counted, workers);
  show_sum(page_->unconfirmed, &RunPage::unconfirmed, workers, parent.unconfirmed);
  show_sum(page_->ordered_reports, &RunPage::ordered_reports, workers, parent.ordered_reports);
  show_buckets(page_->run_nanoseconds_buckets, &RunPage::run_nanoseconds_buckets, workers);
  show_buckets(page_->run_points_buckets, &RunPage::run_points_buckets, workers);
  set(page_->features, size_of_union(&RunPage::features, workers));
  set(page_->code_edges, size_of_union(&RunPage::code_edges, workers));
  set(page_->workers_up, parent.workers_up);
  set(page_->worker_restarts, parent.worker_restarts);
  set(page_->findings, parent.findings);
  count_corpus(now);
  shown_ = now;
  set(page_->magic, kStatusPageMagic);
}

void StatusWriter::count_corpus(Clock::time_point now) {
  const bool is_first = corpus_counted_ == Clock::time_point{};
  if (corpus_.empty() || (!is_first && now - corpus_counted_ < kCorpusCountInterval)) return;
  corpus_counted_ = now;
  std::uint64_t entries = 0;
  std::error_code ended;
  for (std::filesystem::directory_iterator entry(corpus_, ended), end; !ended && entry != end; entry.increment(ended)) {
    if (++entries == kCorpusCountMax) break;
  }
  set(page_->corpus_entries, entries);
}

}  // namespace gridlock
