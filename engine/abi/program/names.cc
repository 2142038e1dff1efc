// See names.h. The symbol table of the program's own file says where its variables lie; it is read once.
//
// May include: base, machine.
#include "engine/abi/program/names.h"

#include <cxxabi.h>
#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "engine/machine/fixed_memory.h"
#include "engine/machine/machine_impl.h"

namespace gridlock::program {

namespace {

struct Global {
  std::uint64_t address = 0;
  std::size_t bytes = 0;
  std::string name;
};

// A traced run names all of them, so no more than a person could look at.
constexpr std::size_t kGlobalsMax = 4096;

// The bytes of the file that runs; empty if it cannot be read. Never unmapped: the names are asked for again.
std::span<const char> own_file() {
  const int file = ::open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  struct stat status{};
  void* mapped = MAP_FAILED;
  if (::fstat(file, &status) == 0 && status.st_size > 0) {
    mapped = ::mmap(nullptr, static_cast<std::size_t>(status.st_size), PROT_READ, MAP_PRIVATE, file, 0);
  }
  ::close(file);
  if (mapped == MAP_FAILED) return {};
  return {static_cast<const char*>(mapped), static_cast<std::size_t>(status.st_size)};
}

std::string source_name(const char* symbol) {
  int failed = 0;
  char* const demangled = ::abi::__cxa_demangle(symbol, nullptr, nullptr, &failed);
  std::string name = failed == 0 ? demangled : symbol;
  std::free(demangled);
  return name;
}

// T at `offset` in the file; nullptr if it does not lie in it.
template <typename T>
const T* at(std::span<const char> file, std::uint64_t offset, std::uint64_t count = 1) {
  if (offset > file.size() || count > (file.size() - offset) / sizeof(T)) return nullptr;
  return reinterpret_cast<const T*>(file.data() + offset);
}

void take_symbols(std::span<const char> file, const Elf64_Shdr& table, const Elf64_Shdr& strings, std::uint64_t bias,
                  std::vector<Global>& globals) {
  const std::uint64_t count = table.sh_size / sizeof(Elf64_Sym);
  const auto* const symbols = at<Elf64_Sym>(file, table.sh_offset, count);
  const auto* const text = at<char>(file, strings.sh_offset, strings.sh_size);
  if (symbols == nullptr || text == nullptr) return;
  for (std::uint64_t i = 0; i < count && globals.size() < kGlobalsMax; ++i) {
    const Elf64_Sym& symbol = symbols[i];
    const std::uint64_t address = symbol.st_value + bias;
    const bool is_variable = ELF64_ST_TYPE(symbol.st_info) == STT_OBJECT && symbol.st_size != 0;
    const bool is_ours = program_sections()[0].contains(address) || program_sections()[1].contains(address);
    if (!is_variable || !is_ours || symbol.st_name >= strings.sh_size) continue;
    globals.push_back({address, symbol.st_size, source_name(text + symbol.st_name)});
  }
}

std::vector<Global> read_globals() {
  std::vector<Global> globals;
  const auto file = own_file();
  const auto* const header = at<Elf64_Ehdr>(file, 0);
  if (header == nullptr || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) return globals;
  const auto* const sections = at<Elf64_Shdr>(file, header->e_shoff, header->e_shnum);
  if (sections == nullptr) return globals;
  const std::uint64_t bias = MachineImpl::current()->load_bias;
  for (std::uint32_t i = 0; i < header->e_shnum; ++i) {
    if (sections[i].sh_type != SHT_SYMTAB || sections[i].sh_link >= header->e_shnum) continue;
    take_symbols(file, sections[i], sections[sections[i].sh_link], bias, globals);
  }
  return globals;
}

}  // namespace

void name_globals() {
  static const std::vector<Global> kGlobals = read_globals();
  for (const Global& global : kGlobals) {
    MachineImpl::current()->name_memory(global.address, global.bytes, global.name.c_str());
  }
}

}  // namespace gridlock::program
