#include "engine/cc/option_table.h"

namespace gridlock {
namespace {

using enum OptionForm;
using enum OptionUse;

constexpr std::string_view kNoShared =
    "Gridlock runs whole programs: build the library as an archive or link its objects (CMake: BUILD_SHARED_LIBS=OFF, "
    "libtool: --disable-shared)";
constexpr std::string_view kNoStatic = "the engine is linked with the shared C library: leave it away";
constexpr std::string_view kNoStart = "a program needs the C library and its start-up code: leave it away";

constexpr OptionRule kRules[] = {
    {"-c", kFlag, kNoLink, ""},
    {"-S", kFlag, kNoLink, ""},
    {"-E", kFlag, kNoLink, ""},
    {"-M", kFlag, kNoLink, ""},
    {"-MM", kFlag, kNoLink, ""},
    {"-r", kFlag, kNoLink, ""},
    {"-fsyntax-only", kFlag, kNoLink, ""},
    {"--version", kFlag, kInform, ""},
    {"--help", kFlag, kInform, ""},
    {"-help", kFlag, kInform, ""},
    {"-###", kFlag, kInform, ""},
    {"-dumpversion", kFlag, kInform, ""},
    {"-dumpmachine", kFlag, kInform, ""},
    {"-print-", kJoined, kInform, ""},
    {"--print-", kJoined, kInform, ""},
    {"-v", kFlag, kVerbose, ""},
    {"-o", kJoinedOrSeparate, kOutput, ""},
    {"--output=", kJoined, kOutput, ""},
    {"-x", kJoinedOrSeparate, kLanguage, ""},
    {"-MD", kFlag, kDependency, ""},
    {"-MMD", kFlag, kDependency, ""},
    {"-MP", kFlag, kDependency, ""},
    {"-MG", kFlag, kDependency, ""},
    {"-MF", kJoinedOrSeparate, kDependencyFile, ""},
    {"-MT", kJoinedOrSeparate, kDependency, ""},
    {"-MQ", kJoinedOrSeparate, kDependency, ""},
    {"-MJ", kJoinedOrSeparate, kDependency, ""},
    {"-I", kJoinedOrSeparate, kCompile, ""},
    {"-D", kJoinedOrSeparate, kCompile, ""},
    {"-U", kJoinedOrSeparate, kCompile, ""},
    {"-W", kJoined, kCompile, ""},
    {"-std=", kJoined, kCompile, ""},
    {"-include", kJoinedOrSeparate, kCompile, ""},
    {"-include-pch", kSeparate, kCompile, ""},
    {"-imacros", kJoinedOrSeparate, kCompile, ""},
    {"-iquote", kJoinedOrSeparate, kCompile, ""},
    {"-isystem", kJoinedOrSeparate, kCompile, ""},
    {"-idirafter", kJoinedOrSeparate, kCompile, ""},
    {"-iprefix", kJoinedOrSeparate, kCompile, ""},
    {"-iwithprefix", kJoinedOrSeparate, kCompile, ""},
    {"-isysroot", kJoinedOrSeparate, kBoth, ""},
    {"--sysroot", kSeparate, kBoth, ""},
    {"--sysroot=", kJoined, kBoth, ""},
    {"-target", kSeparate, kBoth, ""},
    {"--param", kSeparate, kCompile, ""},
    {"-Xclang", kSeparate, kCompile, ""},
    {"-Xpreprocessor", kSeparate, kCompile, ""},
    {"-Xassembler", kSeparate, kCompile, ""},
    {"-mllvm", kSeparate, kCompile, ""},
    {"-B", kJoinedOrSeparate, kBoth, ""},
    {"-L", kJoinedOrSeparate, kLinkSearch, ""},
    {"-l", kJoinedOrSeparate, kLibrary, ""},
    {"-Wl,", kJoined, kToLinker, ""},
    {"-Xlinker", kSeparate, kToLinker, ""},
    {"-T", kJoinedOrSeparate, kLink, ""},
    {"-u", kSeparate, kLink, ""},
    {"-z", kSeparate, kLink, ""},
    {"-e", kSeparate, kLink, ""},
    {"-rpath", kSeparate, kLink, ""},
    {"-s", kFlag, kDropped, ""},  // names of functions are what reports are made of
    {"-rdynamic", kFlag, kLink, ""},
    {"-fsanitize=", kJoined, kSanitize, ""},
    {"--gridlock-engine=", kJoined, kEngine, ""},
    {"-flto", kJoined, kDropped, ""},
    {"-fwhole-program-vtables", kFlag, kDropped, ""},
    {"-fuse-ld=", kJoined, kDropped, ""},
    {"-pie", kFlag, kDropped, ""},
    {"-no-pie", kFlag, kDropped, ""},
    {"-nopie", kFlag, kDropped, ""},
    {"-gsplit-dwarf", kJoined, kDropped, ""},
    {"-static-libstdc++", kFlag, kDropped, ""},
    {"-static-libgcc", kFlag, kDropped, ""},
    {"-shared", kFlag, kRefused, kNoShared},
    {"--shared", kFlag, kRefused, kNoShared},
    {"-dynamiclib", kFlag, kRefused, kNoShared},
    {"-static", kFlag, kRefused, kNoStatic},
    {"--static", kFlag, kRefused, kNoStatic},
    {"-static-pie", kFlag, kRefused, kNoStatic},
    {"-nostdlib", kFlag, kRefused, kNoStart},
    {"-nostdlib++", kFlag, kRefused, kNoStart},
    {"-nostartfiles", kFlag, kRefused, kNoStart},
    {"-nodefaultlibs", kFlag, kRefused, kNoStart},
    {"-stdlib=libc++", kFlag, kRefused, "Gridlock knows the insides of libstdc++: leave it away"},
};

bool fits(const OptionRule& rule, std::string_view word) {
  switch (rule.form) {
    case kFlag:
    case kSeparate:
      return word == rule.name;
    case kJoined:
    case kJoinedOrSeparate:
      return word.starts_with(rule.name);
  }
}

}  // namespace

std::optional<OptionRule> option_rule(std::string_view word) {
  std::optional<OptionRule> best;
  for (const OptionRule& rule : kRules) {
    if (fits(rule, word) && (!best || rule.name.size() > best->name.size())) best = rule;
  }
  return best;
}

}  // namespace gridlock
