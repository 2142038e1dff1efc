// See run_view.h. May include: base.
#include "engine/model/run_view.h"

namespace gridlock {

std::string SiteNames::library_call_at(Site call) const {
  if (call == 0) return "";
  const std::vector<Frame> frames = frames_at(call);
  if (frames.empty() || !frames.back().function.starts_with(kWrapperPrefix)) return "";
  return frames.back().function.substr(kWrapperPrefix.size());
}

}  // namespace gridlock
