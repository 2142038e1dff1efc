// A program without threads that ends, fails and allocates in every way that process_test.cc asks for: the first
// argument says how. Ordinary C++; compiled and linked as gridlock-c++ does it.
#include <getopt.h>
#include <malloc.h>
#include <unistd.h>

#include <atomic>
#include <cassert>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "engine/hook/gridlock.h"

namespace {

struct Log {
  char text[64] = "";
  void add(char letter) {
    const std::size_t at = std::strlen(text);
    text[at] = letter;
  }
};

int initialised = 41;
int zeroed;
char large_zeroed[1 << 20];
const char* volatile not_const = "as loaded";
std::vector<int> constructed{1, 2, 3};
Log order;

struct Static {
  explicit Static(char letter) : letter_(letter) { order.add(letter); }
  ~Static() {
    order.add(static_cast<char>(letter_ + ('A' - 'a')));
    if (letter_ == 'a' && expected != nullptr) assert(std::strcmp(order.text, expected) == 0);
  }
  char letter_;
  static const char* expected;
};
const char* Static::expected = nullptr;
Static first('a');
Static second('b');

// What the compiler may not reason about, or it would leave the whole block away.
void* kept(void* block) {
  static void* volatile hidden;
  hidden = block;
  return hidden;
}

// Each of these would notice what another run left behind.
int globals_are_fresh() {
  assert(initialised == 41 && zeroed == 0 && constructed.size() == 3);
  assert(large_zeroed[0] == 0 && large_zeroed[sizeof large_zeroed - 1] == 0 && large_zeroed[5000] == 0);
  assert(std::string_view(not_const) == "as loaded");
  static int calls = 0;
  assert(++calls == 1);
  initialised = zeroed = 7;
  std::memset(large_zeroed, 1, sizeof large_zeroed);
  not_const = "changed";
  constructed.assign(1000, 5);
  return 0;
}

int library_is_fresh(int argument_count, char** arguments) {
  assert(std::rand() == 1804289383);
  assert(std::getenv("GRIDLOCK_TEST_LEFT") == nullptr);
  assert(::getopt(argument_count, arguments, "x") == 'x');
  assert(::getopt(argument_count, arguments, "x") == -1);
  ::setenv("GRIDLOCK_TEST_LEFT", "1", 1);
  std::printf("not flushed");
  return 0;
}

int destructors_in_order() {
  Static::expected = "abzBA";
  std::atexit([] { order.add('z'); });
  return 0;
}

[[noreturn]] void fails_assertion() {
  assert(initialised == 0);
  std::abort();
}

int reads_freed() {
  auto* const word = static_cast<int*>(kept(std::malloc(sizeof(int))));
  *word = 1;
  std::free(word);
  return *const_cast<volatile int*>(word) == 1 ? 0 : 0;
}

int writes_behind() {
  auto* const bytes = static_cast<char*>(kept(new char[10]));
  volatile std::size_t at = 10;
  bytes[at] = 1;
  delete[] bytes;
  return 0;
}

int frees_twice() {
  void* const word = kept(std::malloc(8));
  std::free(word);
  std::free(word);
  return 0;
}

int frees_a_global() {
  int* volatile global = &initialised;
  std::free(global);
  return 0;
}

// The whole of malloc's family does what its manual says.
int uses_the_heap() {
  auto* bytes = static_cast<char*>(std::malloc(3));
  std::memcpy(bytes, "ab", 3);
  bytes = static_cast<char*>(std::realloc(bytes, 5000));
  assert(std::strcmp(bytes, "ab") == 0 && ::malloc_usable_size(bytes) >= 5000);
  bytes = static_cast<char*>(std::realloc(bytes, 2));
  assert(bytes[0] == 'a' && bytes[1] == 'b');
  std::free(bytes);
  auto* const zeroes = static_cast<char*>(std::calloc(10, 10));
  for (int i = 0; i < 100; ++i) assert(zeroes[i] == 0);
  std::free(zeroes);
  assert(kept(std::calloc(SIZE_MAX / 2, 4)) == nullptr && errno == ENOMEM);
  void* aligned = nullptr;
  assert(::posix_memalign(&aligned, 1 << 16, 10) == 0 && reinterpret_cast<std::uintptr_t>(aligned) % (1 << 16) == 0);
  std::free(aligned);
  assert(::posix_memalign(&aligned, 3, 10) == EINVAL);
  aligned = std::aligned_alloc(64, 128);
  assert(reinterpret_cast<std::uintptr_t>(aligned) % 64 == 0);
  std::free(aligned);
  char* const copied = ::strdup("of the library");  // from its own heap or, where it is compiled here, from ours
  assert(std::string_view(copied) == "of the library");
  std::free(copied);
  std::string long_text(1000, 'x');
  for (int i = 0; i < 10; ++i) long_text += long_text.substr(0, 100);
  assert(long_text.size() == 2000);
  try {
    constructed.reserve(SIZE_MAX / 16);
    assert(false);
  } catch (const std::bad_alloc&) {
  }
  std::free(nullptr);
  return 0;
}

// More than the arena in all, never much at a time: freed memory is used again when there is no other.
int uses_much() {
  std::vector<std::string> kept;
  for (int round = 0; round < 70; ++round) {
    std::vector<char> large(1 << 20);
    assert(large[0] == 0 && large[large.size() - 1] == 0);
    large[0] = large[large.size() - 1] = 1;
    kept.push_back(std::string(100, static_cast<char>('a' + round % 26)));
  }
  for (int round = 0; round < 70; ++round) assert(kept[static_cast<std::size_t>(round)][99] == 'a' + round % 26);
  return 0;
}

int uses_too_much() {
  std::vector<void*> blocks;
  for (int i = 0; i < 1000; ++i) blocks.push_back(std::malloc(1 << 20));
  return blocks.empty() ? 1 : 0;
}

// ---- a second cpu, as a thread would be one ----

std::atomic<int> turns;

void adds(void*) {
  zeroed = zeroed + 1;
}

void stores_atomically(void*) {
  for (int i = 0; i < 8; ++i) turns.fetch_add(1, std::memory_order_relaxed);
}

bool has_ended(void* cpu) {
  return gl_cpu_ended(*static_cast<unsigned*>(cpu));
}

int races_on_a_global() {
  unsigned cpu = gl_cpu_create(adds, nullptr);
  adds(nullptr);
  gl_wait(has_ended, &cpu, GL_WAIT_PLAIN);
  return 0;
}

int hands_a_global_over() {
  zeroed = 5;
  unsigned cpu = gl_cpu_create(adds, nullptr);
  gl_wait(has_ended, &cpu, GL_WAIT_PLAIN);
  return zeroed == 6 ? 0 : 1;
}

int two_store_atomically() {
  unsigned cpu = gl_cpu_create(stores_atomically, nullptr);
  stores_atomically(nullptr);
  gl_wait(has_ended, &cpu, GL_WAIT_PLAIN);
  return turns == 16 ? 0 : 1;
}

bool is_never(void*) {
  return turns.load() < 0;
}

// The process ends though a thread of it never would.
int leaves_somebody_waiting() {
  gl_cpu_create([](void*) { gl_wait(is_never, nullptr, GL_WAIT_PLAIN); }, nullptr);
  for (int i = 0; i < 4; ++i) turns.fetch_add(1);
  return 0;
}

struct Ball {};
[[noreturn]] void throws_ball() {
  throw Ball();
}
void lets_nothing_through() noexcept {
  throws_ball();
}

int catches() {
  try {
    try {
      throw std::runtime_error("inner");
    } catch (const std::runtime_error&) {
      throw;
    }
  } catch (const std::exception& caught) {
    return std::string_view(caught.what()) == "inner" ? 0 : 1;
  }
  return 1;
}

int run_by_name(std::string_view what, int argument_count, char** arguments) {
  if (what == "nothing") return 0;
  if (what == "globals") return globals_are_fresh();
  if (what == "library") return library_is_fresh(argument_count - 1, arguments + 1);
  if (what == "destructors") return destructors_in_order();
  if (what == "return-3") return 3;
  if (what == "exit-4") std::exit(4);
  if (what == "exit-in-atexit") return std::atexit([] { std::exit(0); });
  if (what == "_exit") ::_exit(0);
  if (what == "quick-exit") {
    std::at_quick_exit([] { ::_exit(6); });
    std::quick_exit(0);
  }
  if (what == "abort") std::abort();
  if (what == "assert") fails_assertion();
  if (what == "throw") throws_ball();
  if (what == "noexcept") lets_nothing_through();
  if (what == "terminate") std::terminate();
  if (what == "catch") return catches();
  if (what == "uaf") return reads_freed();
  if (what == "overflow") return writes_behind();
  if (what == "double-free") return frees_twice();
  if (what == "free-global") return frees_a_global();
  if (what == "heap") return uses_the_heap();
  if (what == "much") return uses_much();
  if (what == "too-much") return uses_too_much();
  if (what == "race") return races_on_a_global();
  if (what == "hand-over") return hands_a_global_over();
  if (what == "atomics") return two_store_atomically();
  if (what == "leave") return leaves_somebody_waiting();
  if (what == "fork") return ::fork() == 0 ? 0 : 1;
  if (what == "system") return std::system("true");
  if (what == "execl") return ::execl("/bin/true", "true", nullptr);
  if (what == "alarm") return static_cast<int>(::alarm(1));
  if (what == "signal") return std::signal(SIGINT, [](int) {}) == SIG_ERR ? 1 : 0;
  if (what == "ignore") return std::signal(SIGPIPE, SIG_IGN) == SIG_ERR ? 1 : 0;
  return 99;
}

}  // namespace

int main(int argument_count, char** arguments) {
  return run_by_name(arguments[1], argument_count, arguments);
}
