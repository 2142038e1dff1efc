// The program's main() and the target that runs it. See entry.h.
//
// The linker gathers the writable data of the user's objects in gridlock_program_data and gridlock_program_bss, and
// their static constructors in gridlock_program_init (engine/cc/program.ld), so that each run begins with the program
// as it was loaded.
//
// May include: base, hook, machine.
#include <cstdlib>
#include <cstring>
#include <span>
#include <utility>

#include "engine/abi/program/entry.h"
#include "engine/abi/program/run.h"

extern "C" {
int __real_main(int argument_count, char** arguments, char** environment);
int __wrap_main(int argument_count, char** arguments, char** environment);

// The linker tells their ends; a section that no object has is not there.
using Constructor = void (*)(int, char**, char**);
[[gnu::weak, gnu::visibility("hidden")]] extern char __start_gridlock_program_data[];
[[gnu::weak, gnu::visibility("hidden")]] extern char __stop_gridlock_program_data[];
[[gnu::weak, gnu::visibility("hidden")]] extern char __start_gridlock_program_bss[];
[[gnu::weak, gnu::visibility("hidden")]] extern char __stop_gridlock_program_bss[];
[[gnu::weak, gnu::visibility("hidden")]] extern Constructor __start_gridlock_program_init[];
[[gnu::weak, gnu::visibility("hidden")]] extern Constructor __stop_gridlock_program_init[];
}

namespace gridlock::program {
namespace {

std::string program_name;
std::vector<std::string> program_arguments;
std::vector<char> pristine_data;
char** run_arguments = nullptr;
int run_argument_count = 0;
bool main_has_run = false;

// The file's name without ".gridlock" and without the name of a flavour.
std::string name_of(std::string_view path) {
  std::string_view name = path.substr(path.rfind('/') + 1);
  for (const std::string_view suffix : {"-tsan", "-asan", ".gridlock"}) {
    if (name.ends_with(suffix)) name.remove_suffix(suffix.size());
  }
  return std::string(name);
}

std::span<char> data_section() {
  return {__start_gridlock_program_data, __stop_gridlock_program_data};
}

std::span<char> bss_section() {
  return {__start_gridlock_program_bss, __stop_gridlock_program_bss};
}

char* copy_for_run(const std::string& text) {
  auto* const copy = static_cast<char*>(gl_alloc(text.size() + 1, 1));
  std::memcpy(copy, text.c_str(), text.size() + 1);
  return copy;
}

void setup() {
  main_has_run = false;
  // Loops: AddressSanitizer's memcpy would stop at the red zones between globals.
  for (std::size_t i = 0; i < pristine_data.size(); ++i) data_section()[i] = pristine_data[i];
  for (char& byte : bss_section()) byte = 0;
  run_argument_count = static_cast<int>(program_arguments.size()) + 1;
  run_arguments = static_cast<char**>(gl_alloc((program_arguments.size() + 2) * sizeof(char*), alignof(char*)));
  run_arguments[0] = copy_for_run(program_name);
  for (std::size_t i = 0; i < program_arguments.size(); ++i) run_arguments[i + 1] = copy_for_run(program_arguments[i]);
}

int construct_and_run(int argument_count, char** arguments) {
  for (auto* at = __start_gridlock_program_init; at != __stop_gridlock_program_init; ++at) {
    if (*at != nullptr) (*at)(argument_count, arguments, environ);
  }
  return __real_main(argument_count, arguments, environ);
}

// A process has one main: a scenario that calls it again calls nothing.
void run_main(const std::uint32_t*) {
  if (std::exchange(main_has_run, true)) return;
  const int status = construct_and_run(run_argument_count, run_arguments);
  if (status != 0) end_run(RunEnd::kAssertion, "main returned another exit status than 0", nullptr);
}

constexpr gl_variant_entry kVariants[] = {{kVariantName, "the program as it was built", "ok"}, {}};
constexpr gl_operation_entry kOperations[] = {{"main", run_main, {}}, {}};

gl_target program_target = {.name = "",
                            .summary = "a program that gridlock-cc or gridlock-c++ built",
                            .cpus_minimum = 1,
                            .cpus_maximum = 1,
                            .variants = kVariants,
                            .operations = kOperations,
                            .setup = setup};

}  // namespace

const gl_target& target() {
  return program_target;
}

void set_arguments(std::vector<std::string> arguments) {
  program_arguments = std::move(arguments);
}

}  // namespace gridlock::program

int __wrap_main(int argument_count, char** arguments, char**) {
  using namespace gridlock::program;
  if (std::getenv(kCommandVariable) == nullptr) return construct_and_run(argument_count, arguments);
  program_name = name_of(arguments[0]);
  program_target.name = program_name.c_str();
  pristine_data.assign(data_section().begin(), data_section().end());
  return gridlock_command(argument_count, arguments);
}
