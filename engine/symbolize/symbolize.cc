// Sites to source frames by libdw. A site is a return address: the call it belongs to ends one byte before, so every
// lookup is of `site - 1`.
//
// clang writes neither .debug_aranges nor DW_AT_sibling, so the lookups that libdw offers by address either fail or
// walk a compilation unit from its start each time. This file keeps two indices instead: address ranges to units,
// made when the file is opened, and address ranges to functions with the qualified name of every function entry,
// made for a unit when the first site in it is asked for.
//
// May include: base, model.
#include "engine/symbolize/symbolize.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <gelf.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "engine/symbolize/function_name.h"

namespace gridlock {
namespace {

// Entries nest as deep as the source does; far deeper means damaged debug information, which must not overflow us.
constexpr int kEntryDepthMax = 128;
// DW_AT_abstract_origin leads to an entry that DW_AT_specification leads on from: two hops in practice.
constexpr int kOriginHopsMax = 8;

struct CloseFile {
  int descriptor = -1;
  explicit CloseFile(int fd) : descriptor(fd) {}
  CloseFile(const CloseFile&) = delete;
  CloseFile& operator=(const CloseFile&) = delete;
  ~CloseFile() {
    if (descriptor >= 0) ::close(descriptor);
  }
};
struct EndElf {
  void operator()(Elf* elf) const { elf_end(elf); }
};
struct EndDwarf {
  void operator()(Dwarf* dwarf) const { dwarf_end(dwarf); }
};

// [low, high) belongs to `value`.
template <typename Value>
struct AddressRange {
  Dwarf_Addr low = 0;
  Dwarf_Addr high = 0;
  Value value;
};

// The innermost (latest starting) range that holds `address`. REQUIRES: ascending by low; ranges do not overlap but
// by nesting, which function ranges of one unit never do in practice.
template <typename Value>
const Value* find_range(const std::vector<AddressRange<Value>>& ranges, Dwarf_Addr address) {
  auto after = std::upper_bound(ranges.begin(), ranges.end(), address,
                                [](Dwarf_Addr wanted, const auto& range) { return wanted < range.low; });
  if (after == ranges.begin()) return nullptr;
  --after;
  return address < after->high ? &after->value : nullptr;
}

template <typename Value>
void sort_ranges(std::vector<AddressRange<Value>>& ranges) {
  std::sort(ranges.begin(), ranges.end(), [](const auto& a, const auto& b) { return a.low < b.low; });
}

template <typename Value>
void add_ranges_of(Dwarf_Die die, const Value& value, std::vector<AddressRange<Value>>& ranges) {
  Dwarf_Addr base = 0;
  Dwarf_Addr low = 0;
  Dwarf_Addr high = 0;
  ptrdiff_t offset = 0;
  while ((offset = dwarf_ranges(&die, offset, &base, &low, &high)) > 0) {
    // Linkers leave the entries of functions they dropped with a low address of 0 or 1.
    if (low > 1 && low < high) ranges.push_back({low, high, value});
  }
}

// Calls visit(child) for each child of `die`.
template <typename Visit>
void for_each_child(Dwarf_Die die, const Visit& visit) {
  Dwarf_Die child;
  if (dwarf_child(&die, &child) != 0) return;
  do {
    visit(child);
  } while (dwarf_siblingof(&child, &child) == 0);
}

std::optional<Dwarf_Word> number_attribute(Dwarf_Die die, unsigned name) {
  Dwarf_Attribute attribute;
  Dwarf_Word value = 0;
  if (dwarf_attr(&die, name, &attribute) == nullptr || dwarf_formudata(&attribute, &value) != 0) return std::nullopt;
  return value;
}

// The entry that carries the name of a function: follows DW_AT_abstract_origin and DW_AT_specification to their end.
Dwarf_Die declaration_of(Dwarf_Die die) {
  for (int hop = 0; hop < kOriginHopsMax; ++hop) {
    Dwarf_Attribute attribute;
    Dwarf_Die next;
    if (dwarf_attr(&die, DW_AT_abstract_origin, &attribute) == nullptr &&
        dwarf_attr(&die, DW_AT_specification, &attribute) == nullptr) {
      break;
    }
    if (dwarf_formref_die(&attribute, &next) == nullptr) break;
    die = next;
  }
  return die;
}

std::string last_path_component(const char* path) {
  if (path == nullptr) return "";
  const char* slash = std::strrchr(path, '/');
  return slash == nullptr ? path : slash + 1;
}

// What `die` adds to the qualified names of the functions in it; empty where the source spells nothing.
std::string scope_name(Dwarf_Die die) {
  const char* name = dwarf_diename(&die);
  switch (dwarf_tag(&die)) {
    case DW_TAG_namespace: {
      const bool is_inline = dwarf_hasattr(&die, DW_AT_export_symbols) != 0;
      return name == nullptr || is_inline ? "" : name;
    }
    case DW_TAG_class_type:
    case DW_TAG_structure_type:
    case DW_TAG_union_type:
      return name == nullptr ? std::string(kLambdaName) : without_template_arguments(name);
    case DW_TAG_subprogram:
      return name == nullptr ? "" : without_template_arguments(name);
    default:
      return "";
  }
}

class DwarfSiteNames final : public SiteNames {
 public:
  // Takes ownership of an open file. `elf` is never null, `dwarf` is null for a program without debug information.
  DwarfSiteNames(int descriptor, Elf* elf, Dwarf* dwarf) : file_(descriptor), elf_(elf), dwarf_(dwarf) {
    if (dwarf_) index_units();
  }

  [[nodiscard]] std::vector<Frame> frames_at(Site site) const override {
    auto [entry, is_new] = cache_.try_emplace(site);
    if (is_new) entry->second = look_up(site);
    return entry->second;
  }

 private:
  [[nodiscard]] std::vector<Frame> look_up(Site site) const {
    if (site == 0) return {{"0x0", "", 0}};
    const Dwarf_Addr address = site - 1;
    std::vector<Frame> frames;
    if (const Dwarf_Off* unit = find_range(units_, address)) frames = frames_in_unit(*unit, address);
    if (frames.empty()) frames.push_back(frame_of_symbol(site));
    return frames;
  }

  void index_units() {
    Dwarf_Off offset = 0;
    Dwarf_Off next = 0;
    size_t header_bytes = 0;
    while (dwarf_nextcu(dwarf_.get(), offset, &next, &header_bytes, nullptr, nullptr, nullptr) == 0) {
      Dwarf_Die unit;
      if (dwarf_offdie(dwarf_.get(), offset + header_bytes, &unit) != nullptr) {
        add_ranges_of(unit, dwarf_dieoffset(&unit), units_);
      }
      offset = next;
    }
    sort_ranges(units_);
  }

  // A function by its declaring entry. Local classes and closures are named below the function around them, whose
  // own declaration may stand anywhere in the unit: the two are joined when the name is asked for.
  struct Declared {
    Dwarf_Off around = 0;  // the declaring entry of the function around it; 0: none
    std::string name;      // qualified by the scopes inside `around`
  };

  // Reads every function entry of the unit once: its name, and its addresses if it has code.
  void index_unit(Dwarf_Die unit) const {
    if (!indexed_units_.insert(dwarf_dieoffset(&unit)).second) return;
    for_each_child(unit, [&](Dwarf_Die child) { index_entry(child, {}, 1); });
    sort_ranges(functions_);
  }

  void index_entry(Dwarf_Die die, const Declared& scope, int depth) const {
    if (depth > kEntryDepthMax) return;
    Declared inner{scope.around, join_scopes(scope.name, scope_name(die))};
    if (dwarf_tag(&die) == DW_TAG_subprogram) {
      add_ranges_of(die, dwarf_dieoffset(&die), functions_);
      Dwarf_Die declaration = declaration_of(die);
      const Dwarf_Off declared_at = dwarf_dieoffset(&declaration);
      if (declared_at == dwarf_dieoffset(&die)) declared_.try_emplace(declared_at, inner);
      inner = {declared_at, ""};
    }
    for_each_child(die, [&](Dwarf_Die child) { index_entry(child, inner, depth + 1); });
  }

  [[nodiscard]] std::string name_of(Dwarf_Die function) const {
    Dwarf_Die declaration = declaration_of(function);
    Dwarf_Die unit;
    if (dwarf_diecu(&declaration, &unit, nullptr, nullptr) != nullptr) index_unit(unit);
    std::string name;
    Dwarf_Off at = dwarf_dieoffset(&declaration);
    for (int depth = 0; at != 0 && depth < kEntryDepthMax; ++depth) {
      const auto found = declared_.find(at);
      if (found == declared_.end()) break;
      name = join_scopes(found->second.name, name);
      at = found->second.around;
    }
    return name.empty() ? "?" : name;
  }

  // The function entry that holds `address`, then the inlined calls in it that do, outermost first.
  [[nodiscard]] std::vector<Dwarf_Die> call_chain(Dwarf_Off function_offset, Dwarf_Addr address) const {
    std::vector<Dwarf_Die> chain;
    Dwarf_Die inner;
    if (dwarf_offdie(dwarf_.get(), function_offset, &inner) == nullptr) return chain;
    chain.push_back(inner);
    for (int depth = 0; depth < kEntryDepthMax; ++depth) {
      std::optional<Dwarf_Die> next;
      for_each_child(inner, [&](Dwarf_Die child) {
        const int tag = dwarf_tag(&child);
        const bool is_code = tag == DW_TAG_lexical_block || tag == DW_TAG_inlined_subroutine;
        if (!next && is_code && dwarf_haspc(&child, address) == 1) next = child;
      });
      if (!next) break;
      inner = *next;
      if (dwarf_tag(&inner) == DW_TAG_inlined_subroutine) chain.push_back(inner);
    }
    return chain;
  }

  [[nodiscard]] std::vector<Frame> frames_in_unit(Dwarf_Off unit_offset, Dwarf_Addr address) const {
    Dwarf_Die unit;
    if (dwarf_offdie(dwarf_.get(), unit_offset, &unit) == nullptr) return {};
    index_unit(unit);
    const Dwarf_Off* function = find_range(functions_, address);
    if (function == nullptr) return {};
    const std::vector<Dwarf_Die> chain = call_chain(*function, address);
    Dwarf_Files* files = nullptr;
    size_t file_count = 0;
    if (dwarf_getsrcfiles(&unit, &files, &file_count) != 0) files = nullptr;

    std::vector<Frame> frames;
    Frame place = line_at(unit, address);
    for (auto die = chain.rbegin(); die != chain.rend(); ++die) {
      place.function = name_of(*die);
      // Line 0 is code that the compiler merged from several lines: where the function begins, then.
      if (place.line == 0) {
        place.line = static_cast<std::uint32_t>(number_attribute(declaration_of(*die), DW_AT_decl_line).value_or(0));
      }
      frames.push_back(place);
      // The caller stands where it called the inlined function.
      const auto file = number_attribute(*die, DW_AT_call_file);
      place.file = file && files ? last_path_component(dwarf_filesrc(files, *file, nullptr, nullptr)) : "";
      place.line = static_cast<std::uint32_t>(number_attribute(*die, DW_AT_call_line).value_or(0));
    }
    return frames;
  }

  static Frame line_at(Dwarf_Die unit, Dwarf_Addr address) {
    Frame place;
    Dwarf_Line* line = dwarf_getsrc_die(&unit, address);
    if (line == nullptr) return place;
    int number = 0;
    if (dwarf_lineno(line, &number) == 0 && number > 0) place.line = static_cast<std::uint32_t>(number);
    place.file = last_path_component(dwarf_linesrc(line, nullptr, nullptr));
    return place;
  }

  [[nodiscard]] Frame frame_of_symbol(Site site) const {
    if (!symbols_read_) read_symbols();
    symbols_read_ = true;
    const std::string* name = find_range(symbols_, site - 1);
    return {name == nullptr ? fmt::format("0x{:x}", site) : source_name_of_symbol(*name), "", 0};
  }

  void read_symbols() const {
    for (Elf_Scn* section = nullptr; (section = elf_nextscn(elf_.get(), section)) != nullptr;) {
      GElf_Shdr header;
      if (gelf_getshdr(section, &header) == nullptr || header.sh_entsize == 0) continue;
      if (header.sh_type != SHT_SYMTAB && header.sh_type != SHT_DYNSYM) continue;
      Elf_Data* data = elf_getdata(section, nullptr);
      const auto count = static_cast<int>(header.sh_size / header.sh_entsize);
      for (int i = 0; data != nullptr && i < count; ++i) {
        GElf_Sym symbol;
        if (gelf_getsym(data, i, &symbol) == nullptr || GELF_ST_TYPE(symbol.st_info) != STT_FUNC) continue;
        const char* name = elf_strptr(elf_.get(), header.sh_link, symbol.st_name);
        if (name == nullptr || symbol.st_size == 0) continue;
        symbols_.push_back({symbol.st_value, symbol.st_value + symbol.st_size, name});
      }
    }
    sort_ranges(symbols_);
  }

  CloseFile file_;  // outlives the two that read from it
  std::unique_ptr<Elf, EndElf> elf_;
  std::unique_ptr<Dwarf, EndDwarf> dwarf_;
  std::vector<AddressRange<Dwarf_Off>> units_;

  // Filled as sites are asked for; the values never change once they are there.
  mutable std::unordered_map<Site, std::vector<Frame>> cache_;
  mutable std::unordered_set<Dwarf_Off> indexed_units_;
  mutable std::unordered_map<Dwarf_Off, Declared> declared_;  // by offset of the declaring entry
  mutable std::vector<AddressRange<Dwarf_Off>> functions_;
  mutable std::vector<AddressRange<std::string>> symbols_;
  mutable bool symbols_read_ = false;
};

}  // namespace

Result<std::unique_ptr<SiteNames>> open_site_names(const std::string& path) {
  const char* const tried = "read the program's debug information";
  if (elf_version(EV_CURRENT) == EV_NONE) return failure(tried, path, "the installed libelf is too old");
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return failure(tried, path, std::strerror(errno));
  Elf* const elf = elf_begin(descriptor, ELF_C_READ_MMAP, nullptr);
  if (elf == nullptr || elf_kind(elf) != ELF_K_ELF) {
    elf_end(elf);
    ::close(descriptor);
    return failure(tried, path, "it is not an ELF file; give the path of a program");
  }
  Dwarf* const dwarf = dwarf_begin_elf(elf, DWARF_C_READ, nullptr);
  return std::make_unique<DwarfSiteNames>(descriptor, elf, dwarf);
}

}  // namespace gridlock
