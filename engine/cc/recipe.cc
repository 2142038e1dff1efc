#include "engine/cc/recipe.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace gridlock {
namespace {

using Kind = CompilerCall::LinkItem::Kind;

void append(Command& to, const std::vector<std::string>& words) {
  to.insert(to.end(), words.begin(), words.end());
}

// Before the user's flags, which may want more of it.
const std::vector<std::string> kFirstFlags = {"-Qunused-arguments", "-gline-tables-only"};

// Behind the user's flags. Frames are walked. cmake/target.cmake has the same for targets.
const std::vector<std::string> kLastFlags = {"-mcx16",
                                             "-fPIE",
                                             "-fno-lto",
                                             "-fno-omit-frame-pointer",
                                             "-mno-omit-leaf-frame-pointer",
                                             "-fno-optimize-sibling-calls",
                                             "-mllvm",
                                             "-tsan-distinguish-volatile=1"};

// Of a program: thread-local variables are each virtual thread's own, and x++ is a read and a write.
const std::vector<std::string> kProgramFlags = {"-femulated-tls", "-mllvm", "-tsan-instrument-read-before-write=1"};

// The engine is ThreadSanitizer's runtime there.
const std::vector<std::string> kOwnAbi = {"-Xclang", "-fsanitize=thread", "-mllvm",
                                          "-tsan-instrument-func-entry-exit=0"};

std::vector<std::string> instrumentation(const CompilerCall& call) {
  std::vector<std::string> flags = kLastFlags;
  if (!call.is_harness) append(flags, kProgramFlags);
  switch (call.flavour) {
    case ProgramFlavour::kPlain:
      append(flags, kOwnAbi);
      break;
    case ProgramFlavour::kTsan:
      flags.emplace_back("-fsanitize=thread");
      break;
    case ProgramFlavour::kAsan:
      // Locals stay on the virtual thread's own stack, where the proof of a hang compares them.
      append(flags, {"-fsanitize=address", "-fsanitize-address-use-after-return=never"});
      append(flags, kOwnAbi);
      break;
  }
  // The depth of the stack would be kept in a thread-local variable of the fuzzer's, which is not emulated.
  if (call.engine != ProgramEngine::kBuiltin) {
    append(flags, {"-fsanitize=fuzzer-no-link", "-fno-sanitize-coverage=stack-depth"});
  }
  return flags;
}

std::string stem_of(std::string_view file) {
  std::string_view name = file.substr(file.rfind('/') + 1);
  return std::string(name.substr(0, std::min(name.rfind('.'), name.size())));
}

std::string output_of(const CompilerCall& call) {
  return call.output.empty() ? "a.out" : call.output;
}

// Where clang would write the list of headers, had it not compiled into a folder of ours.
std::vector<std::string> dependency_place(const CompilerCall& call, const std::string& source) {
  if (call.dependency_flags.empty() || call.names_dependency_file) return {};
  const bool by_output = !call.output.empty() && call.sources.size() == 1;
  const std::string file = by_output ? call.output : stem_of(source);
  return {"-MF", file + ".d", "-MT", output_of(call)};
}

class LinkRecipe {
 public:
  LinkRecipe(const CompilerCall& call, const Kit& kit, std::string folder,
             const std::function<bool(const std::string&)>& exists)
      : call_(call), kit_(kit), folder_(std::move(folder)), exists_(exists) {}

  std::vector<Command> commands() {
    for (std::size_t i = 0; i < call_.sources.size(); ++i) commands_.push_back(compile(i));
    for (const auto& item : call_.link_items) add(item);
    commands_.push_back(join());
    commands_.push_back(hide());
    commands_.push_back(link());
    return std::move(commands_);
  }

 private:
  [[nodiscard]] std::string object(std::size_t source) const {
    return folder_ + "/" + std::to_string(source) + "-" + stem_of(call_.sources[source].file) + ".o";
  }
  [[nodiscard]] std::string joined() const { return folder_ + "/program.o"; }

  // What the engine knows the user's code by.
  [[nodiscard]] std::string entry() const { return call_.is_harness ? "gridlock_harness_targets" : "main"; }

  [[nodiscard]] Command compile(std::size_t index) const {
    const auto& source = call_.sources[index];
    Command command = {kit_.clang, "-c"};
    append(command, kFirstFlags);
    append(command, call_.compile_flags);
    append(command, call_.dependency_flags);
    append(command, dependency_place(call_, source.file));
    append(command, instrumentation(call_));
    if (!source.language.empty()) append(command, {"-x", source.language});
    append(command, {"-o", object(index), source.file});
    return command;
  }

  void add(const CompilerCall::LinkItem& item) {
    switch (item.kind) {
      case Kind::kSource:
        joined_words_.push_back(object(item.index));
        return;
      case Kind::kFile:
        joined_words_.push_back(item.text);
        return;
      case Kind::kShared:
      case Kind::kOption:
        linked_words_.push_back(item.text);
        return;
      case Kind::kLibrary:
        return library(item.text);
      case Kind::kWord:
        return linker_word(item.text);
    }
  }

  // An archive below a folder that the user names is the user's code; what the linker would find elsewhere is not.
  void library(const std::string& name) {
    for (const std::string& folder : call_.search_folders) {
      if (name.starts_with(':')) {
        const std::string file = folder + "/" + name.substr(1);
        if (!exists_(file)) continue;
        (file.ends_with(".a") ? joined_words_ : linked_words_).push_back(file);
        return;
      }
      const std::string path = folder + "/lib" + name;
      if (!archives_only_ && exists_(path + ".so")) break;
      if (!exists_(path + ".a")) continue;
      joined_words_.push_back(path + ".a");
      return;
    }
    linked_words_.push_back("-l" + name);
  }

  // What decides how archives are read goes where the archives go.
  void linker_word(const std::string& word) {
    constexpr std::array<std::string_view, 6> kArchiveWords = {
        "--whole-archive", "--no-whole-archive", "--start-group", "-(", "--end-group", "-)"};
    constexpr std::array<std::string_view, 3> kStatic = {"-Bstatic", "-dn", "-static"};
    constexpr std::array<std::string_view, 3> kDynamic = {"-Bdynamic", "-dy", "-call_shared"};
    if (std::ranges::find(kArchiveWords, word) != kArchiveWords.end()) {
      joined_words_.push_back(word);
      return;
    }
    if (std::ranges::find(kStatic, word) != kStatic.end()) archives_only_ = true;
    if (std::ranges::find(kDynamic, word) != kDynamic.end()) archives_only_ = false;
    append(linked_words_, {"-Xlinker", word});
  }

  [[nodiscard]] Command join() const {
    Command command = {kit_.partial_linker, "-r", "--force-group-allocation", "-u", entry()};
    if (!call_.is_harness) append(command, {"-T", (kit_.folder / "program.ld").string()});
    append(command, {"-o", joined()});
    append(command, joined_words_);
    return command;
  }

  // AddressSanitizer's registration of globals shares one symbol between all objects of a program.
  [[nodiscard]] Command hide() const {
    return {kit_.object_copier, "--keep-global-symbol=" + entry(), "--keep-global-symbol=___asan_globals_registered",
            joined()};
  }

  [[nodiscard]] Command link() const {
    const std::string runtime = (kit_.folder / runtime_name(call_)).string();
    Command command = {kit_.clang_cxx, "-Qunused-arguments", "-fuse-ld=lld", "-pie", "-static-libstdc++"};
    if (call_.verbose) command.emplace_back("-v");
    if (call_.flavour == ProgramFlavour::kTsan) command.emplace_back("-fsanitize=thread");
    if (call_.flavour == ProgramFlavour::kAsan) command.emplace_back("-fsanitize=address");
    append(command, {"-o", output_of(call_), joined(), runtime + ".o"});
    append(command, linked_words_);
    command.push_back("@" + runtime + ".rsp");
    return command;
  }

  const CompilerCall& call_;
  const Kit& kit_;
  std::string folder_;
  const std::function<bool(const std::string&)>& exists_;
  bool archives_only_ = false;
  Command joined_words_;
  Command linked_words_;
  std::vector<Command> commands_;
};

}  // namespace

Command compiler_command(const CompilerCall& call, const Kit& kit) {
  Command command = {kit.clang};
  if (call.mode == CompilerCall::Mode::kCompile) append(command, kFirstFlags);
  append(command, call.words);
  if (call.mode == CompilerCall::Mode::kCompile) append(command, instrumentation(call));
  return command;
}

std::vector<Command> link_recipe(const CompilerCall& call, const Kit& kit, const std::string& folder,
                                 const std::function<bool(const std::string&)>& exists) {
  return LinkRecipe(call, kit, folder, exists).commands();
}

}  // namespace gridlock
