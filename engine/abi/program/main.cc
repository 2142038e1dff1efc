// The program under test as a target: setup() makes a fresh process of it, its one operation runs static constructors,
// main and what exit does. Every thread that the program makes is one more cpu. See entry.h.
//
// May include: base, hook, machine.
#include <fcntl.h>
#include <sys/personality.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/abi/program/entry.h"
#include "engine/abi/program/exit.h"
#include "engine/abi/program/library_state.h"
#include "engine/abi/program/names.h"
#include "engine/abi/program/run.h"
#include "engine/abi/program/sections.h"

extern "C" int __real_main(int argument_count, char** arguments, char** environment);

namespace gridlock::program {

// Of the threads' part; weak, because a program without threads may do without it.
[[gnu::weak]] void threads_begin();
[[gnu::weak]] extern const gl_vector_entry thread_vectors[];

namespace {

// What main is called with. The copies of a run lie in its arena: main may change them.
struct MainCall {
  std::string name;
  std::vector<std::string> given;
  int count = 0;
  char** arguments = nullptr;
};

MainCall& main_call() {
  static MainCall call;
  return call;
}

char* copy_to_arena(const std::string& text) {
  auto* const copy = static_cast<char*>(run_allocate(text.size() + 1, 1));
  for (std::size_t i = 0; i < text.size(); ++i) copy[i] = text[i];
  return copy;
}

void copy_arguments() {
  MainCall& call = main_call();
  call.count = static_cast<int>(call.given.size()) + 1;
  call.arguments = static_cast<char**>(run_allocate((call.given.size() + 2) * sizeof(char*), alignof(char*)));
  call.arguments[0] = copy_to_arena(call.name);
  for (std::size_t i = 0; i < call.given.size(); ++i) call.arguments[1 + i] = copy_to_arena(call.given[i]);
}

// What the run prints it has printed before. Whoever gave the process its streams takes them back after the run.
void discard_output() {
  const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere < 0) return;
  std::fflush(stdout);
  ::dup2(nowhere, STDOUT_FILENO);
  ::dup2(nowhere, STDERR_FILENO);
  ::close(nowhere);
}

// A process of the program, as it is when the kernel and the dynamic linker have done their work.
void set_up() {
  if (MachineImpl::current()->repeats()) discard_output();
  restore_pristine_data();
  restore_library_state();
  reset_exit();
  copy_arguments();
  if (threads_begin != nullptr) threads_begin();
  if (MachineImpl::current()->traces()) name_globals();
}

// Walks of the program's stack end here: its outermost function is main or a static constructor.
[[gnu::noinline]] void run_main(const std::uint32_t*) {
  MachineImpl::current()->set_boundary(__builtin_frame_address(0));
  run_constructors(main_call().count, main_call().arguments, environ);
  exit_program(__real_main(main_call().count, main_call().arguments, environ), nullptr);
}

// A PointSet; engine/cli has it as its kPointsParameter.
constexpr gl_parameter_entry kParameters[] = {{"points", 0, 2, 1, 1}, {}};
constexpr gl_variant_entry kVariants[] = {{kVariantName, "the program as it was built", "ok"}, {}};
constexpr gl_operation_entry kOperations[] = {{"main", run_main, {}}, {}};

// "account" for /home/me/account.gridlock-tsan.
std::string name_of(std::string_view path) {
  std::string_view name = path.substr(path.rfind('/') + 1);
  for (const std::string_view suffix : {"-tsan", "-asan", ".gridlock"}) {
    if (name.ends_with(suffix)) name.remove_suffix(suffix.size());
  }
  return std::string(name);
}

// Addresses that differ from process to process would make a program that hashes or compares them another one each
// time. Where the kernel may not be asked (a container's filter), they differ.
void fix_addresses(char** arguments) {
  constexpr unsigned long kAsk = 0xffffffff;
  const int now = ::personality(kAsk);
  if (now == -1 || (now & ADDR_NO_RANDOMIZE) != 0) return;
  if (::personality(static_cast<unsigned long>(now) | ADDR_NO_RANDOMIZE) == -1) return;
  ::execv("/proc/self/exe", arguments);
}

}  // namespace

const gl_target& target() {
  if (main_call().name.empty()) main_call().name = name_of(::program_invocation_name);
  static const gl_target kTarget = {
      .name = main_call().name.c_str(),
      .summary = "a program that gridlock-cc or gridlock-c++ built",
      .models = "",
      .cpus_minimum = 1,
      .cpus_maximum = 1,
      .variants = kVariants,
      .parameters = kParameters,
      .operations = kOperations,
      .vectors = thread_vectors,
      .setup = set_up,
  };
  return kTarget;
}

void set_arguments(std::vector<std::string> arguments) {
  main_call().given = std::move(arguments);
}

}  // namespace gridlock::program

using namespace gridlock::program;

extern "C" int __wrap_main(int argument_count, char** arguments, char** environment) {
  if (std::getenv(kCommandVariable) == nullptr) {
    run_constructors(argument_count, arguments, environment);
    std::atexit(run_destructors);
    return __real_main(argument_count, arguments, environment);
  }
  fix_addresses(arguments);
  keep_pristine_data();
  keep_library_state();
  return gridlock_command(argument_count, arguments);
}
