// What an instance of afl-fuzz has found worth keeping.
//
// May include: base, cli, model, decode.
#pragma once

#include <filesystem>

#include "engine/base/error.h"
#include "engine/cli/corpus_folder.h"
#include "engine/model/target_schema.h"

namespace gridlock {

// Adds the entries of a queue folder that the instance has found itself, also those that it took over from its
// predecessor, whom somebody had killed. Seeds are in the corpus already, or were made up, and what it took from other
// instances and from the corpus lies there too. A queue that is not there has nothing to give, and what goes meanwhile
// is left out. ERRORS: an entry cannot be added.
[[nodiscard]] Result<void> add_afl_queue(const std::filesystem::path& queue, const TargetSchema& schema,
                                         CorpusFolder& corpus);

}  // namespace gridlock
