// Site to function, file and line, from this program's own DWARF, by elfutils' libdw in process: no fork of
// llvm-symbolizer, no dependence on PATH. Used when something is reported, never while a run is under way.
//
// May include: base, model.
#pragma once

#include <memory>
#include <string>

#include "engine/base/error.h"
#include "engine/model/run_view.h"

namespace gridlock {

// Reads the debug information of the running program (or of `path` if given) lazily. Results are cached; frames of
// inlined functions are listed innermost first. ERRORS: the file cannot be read. A program without debug information
// is not an error: its frames are named by the symbol table, or by "0x...".
[[nodiscard]] Result<std::unique_ptr<SiteNames>> open_site_names(const std::string& path = "/proc/self/exe");

}  // namespace gridlock
