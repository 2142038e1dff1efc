#include "engine/cc/kit.h"

#include <unistd.h>

#include <cstdlib>
#include <span>
#include <string_view>
#include <system_error>

namespace gridlock {
namespace {

bool can_run(const std::filesystem::path& file) {
  std::error_code error;
  return std::filesystem::is_regular_file(file, error) && ::access(file.c_str(), X_OK) == 0;
}

// The first of `names` that can be run: a path, or a name that is looked for in PATH.
Result<std::string> find_tool(std::span<const std::string_view> names, const std::string& advice) {
  const char* const variable = std::getenv("PATH");
  const std::string_view folders = variable == nullptr ? "/usr/local/bin:/usr/bin:/bin" : variable;
  for (const std::string_view name : names) {
    if (name.find('/') != std::string_view::npos) {
      if (can_run(name)) return std::string(name);
      continue;
    }
    for (std::size_t begin = 0; begin <= folders.size();) {
      const std::size_t end = std::min(folders.find(':', begin), folders.size());
      const auto file = std::filesystem::path(folders.substr(begin, end - begin)) / name;
      if (can_run(file)) return file.string();
      begin = end + 1;
    }
  }
  return failure("find a tool", std::string(names.back()), advice);
}

Result<std::string> find_clang(ProgramLanguage language) {
  constexpr std::string_view kC[] = {GRIDLOCK_CLANG_C, "clang-19"};
  constexpr std::string_view kCxx[] = {GRIDLOCK_CLANG_CXX, "clang++-19"};
  return find_tool(language == ProgramLanguage::kC ? std::span<const std::string_view>(kC) : kCxx,
                   "install the package clang-19");
}

Result<void> check_file(const std::filesystem::path& file) {
  std::error_code error;
  if (std::filesystem::is_regular_file(file, error)) return {};
  return failure("link for Gridlock", file.string(),
                 "it is not there: install Gridlock again, or build its target program_kit");
}

}  // namespace

std::string runtime_name(ProgramFlavour flavour, ProgramEngine engine) {
  std::string name = flavour == ProgramFlavour::kTsan ? "tsan" : flavour == ProgramFlavour::kAsan ? "asan" : "plain";
  if (engine == ProgramEngine::kLibfuzzer) name += "-libfuzzer";
  if (engine == ProgramEngine::kAfl) name += "-afl";
  return name;
}

ProgramLanguage language_of(const std::string& program_name) {
  return program_name.ends_with("c++") ? ProgramLanguage::kCxx : ProgramLanguage::kC;
}

Result<Kit> find_compiler(ProgramLanguage language) {
  auto clang = find_clang(language);
  if (!clang) return std::unexpected(clang.error());
  Kit kit;
  kit.clang = std::move(*clang);
  return kit;
}

Result<Kit> find_kit(const std::filesystem::path& own_path, ProgramLanguage language, const CompilerCall& call) {
  auto kit = find_compiler(language);
  if (!kit) return kit;
  auto clang_cxx = find_clang(ProgramLanguage::kCxx);
  if (!clang_cxx) return std::unexpected(clang_cxx.error());
  constexpr std::string_view kLinkers[] = {GRIDLOCK_LD_BFD, "ld.bfd"};
  auto linker = find_tool(kLinkers, "install the package binutils");
  if (!linker) return std::unexpected(linker.error());
  constexpr std::string_view kCopiers[] = {GRIDLOCK_LLVM_OBJCOPY, "llvm-objcopy-19"};
  auto copier = find_tool(kCopiers, "install the package llvm-19");
  if (!copier) return std::unexpected(copier.error());
  kit->clang_cxx = std::move(*clang_cxx);
  kit->partial_linker = std::move(*linker);
  kit->object_copier = std::move(*copier);
  kit->folder = own_path.parent_path().parent_path() / "lib" / "gridlock";
  const std::string runtime = "program-" + runtime_name(call.flavour, call.engine);
  for (const std::string& name : {runtime + ".o", runtime + ".rsp", std::string("program.ld")}) {
    if (auto there = check_file(kit->folder / name); !there) return std::unexpected(there.error());
  }
  return kit;
}

}  // namespace gridlock
