#include "engine/cc/compiler_call.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "engine/cc/option_table.h"

namespace gridlock {
namespace {

using Kind = CompilerCall::LinkItem::Kind;

constexpr std::string_view kTried = "compile for Gridlock";

std::string_view extension(std::string_view file) {
  const std::string_view name = file.substr(file.rfind('/') + 1);
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : name.substr(dot + 1);
}

bool is_source(std::string_view file) {
  constexpr std::array<std::string_view, 16> kExtensions = {"c",   "cc", "cp", "cpp", "cxx", "c++", "C", "CC",
                                                            "CPP", "i",  "ii", "s",   "S",   "sx",  "m", "mm"};
  return std::ranges::find(kExtensions, extension(file)) != kExtensions.end();
}

bool is_shared_library(std::string_view file) {
  const std::string_view name = file.substr(file.rfind('/') + 1);
  return name.ends_with(".so") || name.find(".so.") != std::string_view::npos;
}

class CallReader {
 public:
  explicit CallReader(std::span<const std::string> words) : words_(words) {}

  Result<CompilerCall> read() {
    if (words_.size() > kCompilerWordsMax) return failure(std::string(kTried), "the command line", "too many words");
    while (at_ < words_.size()) {
      const std::string& word = words_[at_++];
      const bool is_option = !only_files_ && word.size() > 1 && word.front() == '-';
      if (is_option && word == "--") {
        only_files_ = true;
        continue;
      }
      if (auto read = is_option ? option(word) : input(word); !read) return std::unexpected(read.error());
    }
    settle_mode();
    if (call_.mode == CompilerCall::Mode::kLink && !refused_.empty()) return std::unexpected(refused_.front());
    return std::move(call_);
  }

 private:
  Result<void> input(const std::string& file) {
    call_.words.push_back(file);
    ++inputs_;
    if (file == "-" || is_source(file) || (!language_.empty() && language_ != "none")) {
      call_.link_items.push_back({Kind::kSource, "", call_.sources.size()});
      call_.sources.push_back({file, language_ == "none" ? "" : language_});
    } else {
      call_.link_items.push_back({is_shared_library(file) ? Kind::kShared : Kind::kFile, file});
    }
    return {};
  }

  Result<void> option(const std::string& word) {
    const auto rule = option_rule(word);
    if (!rule) {
      keep({word});
      call_.compile_flags.push_back(word);
      call_.link_items.push_back({Kind::kOption, word});
      return {};
    }
    std::string value;
    bool separate = false;
    if (rule->form != OptionForm::kFlag) {
      value = word.substr(rule->name.size());
      separate = rule->form == OptionForm::kSeparate || (rule->form == OptionForm::kJoinedOrSeparate && value.empty());
      if (separate && at_ == words_.size()) return failure(std::string(kTried), word, "its value is missing");
      if (separate) value = words_[at_++];
    }
    return apply(*rule, separate ? std::vector<std::string>{word, value} : std::vector<std::string>{word}, value);
  }

  void keep(const std::vector<std::string>& as_written) {
    call_.words.insert(call_.words.end(), as_written.begin(), as_written.end());
  }

  static void append(std::vector<std::string>& to, const std::vector<std::string>& words) {
    to.insert(to.end(), words.begin(), words.end());
  }

  void link_options(const std::vector<std::string>& as_written) {
    for (const std::string& word : as_written) call_.link_items.push_back({Kind::kOption, word});
  }

  Result<void> apply(const OptionRule& rule, const std::vector<std::string>& as_written, const std::string& value) {
    switch (rule.use) {
      case OptionUse::kSanitize:
        return sanitize(value);
      case OptionUse::kEngine:
        return engine(value);
      case OptionUse::kHarness:
        call_.is_harness = true;
        return {};
      case OptionUse::kDropped:
        return {};
      case OptionUse::kRefused:
        // Only a link can refuse: build systems write `-shared` beside `-c`, too.
        keep(as_written);
        refused_.push_back(Error{std::string(kTried), std::string(rule.name), std::string(rule.advice)});
        return {};
      default:
        break;
    }
    keep(as_written);
    sort_in(rule.use, as_written, value);
    return {};
  }

  void sort_in(OptionUse use, const std::vector<std::string>& as_written, const std::string& value) {
    switch (use) {
      case OptionUse::kBoth:
        append(call_.compile_flags, as_written);
        return link_options(as_written);
      case OptionUse::kCompile:
        return append(call_.compile_flags, as_written);
      case OptionUse::kLink:
        return link_options(as_written);
      case OptionUse::kLinkSearch:
        call_.search_folders.push_back(value);
        return link_options(as_written);
      case OptionUse::kLibrary:
        // The engine brings its own, static.
        if (value != "stdc++") call_.link_items.push_back({Kind::kLibrary, value});
        return;
      case OptionUse::kToLinker:
        return as_written.size() > 1 ? call_.link_items.push_back({Kind::kWord, value}) : to_linker(value);
      case OptionUse::kDependencyFile:
        call_.names_dependency_file = true;
        [[fallthrough]];
      case OptionUse::kDependency:
        return append(call_.dependency_flags, as_written);
      case OptionUse::kOutput:
        call_.output = value;
        return;
      case OptionUse::kLanguage:
        language_ = value;
        return;
      case OptionUse::kNoLink:
        stops_early_ = true;
        return;
      case OptionUse::kInform:
        informs_ = true;
        return;
      case OptionUse::kVerbose:
        call_.verbose = true;
        return;
      case OptionUse::kSanitize:
      case OptionUse::kEngine:
      case OptionUse::kHarness:
      case OptionUse::kDropped:
      case OptionUse::kRefused:
        return;
    }
  }

  void to_linker(std::string_view words) {
    while (!words.empty()) {
      const std::size_t comma = words.find(',');
      call_.link_items.push_back({Kind::kWord, std::string(words.substr(0, comma))});
      words.remove_prefix(comma == std::string_view::npos ? words.size() : comma + 1);
    }
  }

  Result<void> sanitize(std::string_view list) {
    while (!list.empty()) {
      const std::size_t comma = list.find(',');
      const std::string_view name = list.substr(0, comma);
      list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
      const auto flavour = name == "thread"    ? ProgramFlavour::kTsan
                           : name == "address" ? ProgramFlavour::kAsan
                                               : ProgramFlavour::kPlain;
      if (flavour == ProgramFlavour::kPlain) {
        return failure(std::string(kTried), "-fsanitize=" + std::string(name),
                       "Gridlock knows -fsanitize=thread and -fsanitize=address");
      }
      if (call_.flavour != ProgramFlavour::kPlain && call_.flavour != flavour) {
        return failure(std::string(kTried), "-fsanitize=" + std::string(name),
                       "one sanitizer a program: build one program for each");
      }
      call_.flavour = flavour;
    }
    return {};
  }

  Result<void> engine(std::string_view name) {
    if (name != "builtin" && name != "libfuzzer" && name != "afl") {
      return failure(std::string(kTried), "--gridlock-engine=" + std::string(name), "known: builtin, libfuzzer, afl");
    }
    call_.engine = name == "libfuzzer" ? ProgramEngine::kLibfuzzer
                   : name == "afl"     ? ProgramEngine::kAfl
                                       : ProgramEngine::kBuiltin;
    return {};
  }

  void settle_mode() {
    if (informs_ || inputs_ == 0) {
      call_.mode = CompilerCall::Mode::kInform;
    } else if (stops_early_) {
      call_.mode = CompilerCall::Mode::kCompile;
    }
  }

  std::span<const std::string> words_;
  std::size_t at_ = 0;
  std::size_t inputs_ = 0;
  bool only_files_ = false;
  bool stops_early_ = false;
  bool informs_ = false;
  std::string language_;
  std::vector<Error> refused_;
  CompilerCall call_;
};

}  // namespace

Result<CompilerCall> read_compiler_call(std::span<const std::string> words) {
  return CallReader(words).read();
}

}  // namespace gridlock
