// The folder of Gridlock's programs: what they are made of, and what they can fuzz.
//
// May include: base, store (records), campaign.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/campaign/clock.h"
#include "engine/store/records.h"

namespace gridlock::campaign {

// SHA-256, in hex, of the names and bytes of all files in `folder` that belong to Gridlock (gridlock*, libgridlock*):
// two builds differ if and only if this does. Takes a second for all flavours. ERRORS: no `gridlock` there, unreadable
// files.
[[nodiscard]] Result<std::string> programs_digest(const std::filesystem::path& folder);

// What `gridlock targets` lists. ERRORS: it cannot be run, or answers something else.
[[nodiscard]] Result<std::vector<store::TargetVariant>> list_targets(const std::filesystem::path& folder,
                                                                     const Clock& clock);

}  // namespace gridlock::campaign
