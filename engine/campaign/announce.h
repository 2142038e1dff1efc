// How the campaigns tell the rest of the service that a finding is new or has changed. Called when it is durable, from
// the campaigns' threads; returns at once.
//
// May include: store (records).
#pragma once

#include <functional>

#include "engine/store/records.h"

namespace gridlock::campaign {

using Announce = std::function<void(store::FindingId)>;

}  // namespace gridlock::campaign
