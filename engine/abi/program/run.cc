// What the wrapped functions need of the run that is under way. See run.h.
//
// May include: base, hook, machine.
#include "engine/abi/program/run.h"

#include "engine/hook/gridlock.h"

namespace gridlock::program {

void* run_allocate(std::size_t size, std::size_t align) {
  void* const block = MachineImpl::current()->allocate(size, align);
  if (block == nullptr) refuse("more heap than a run has (64 MiB)", __builtin_frame_address(0));
  return block;
}

void end_run(RunEnd end, const char* what, const void* hook_frame) {
  MachineImpl& machine = *MachineImpl::current();
  Site frames[kFailureFramesMax];
  const std::uint32_t count = hook_frame == nullptr ? 0
                                                    : machine.walk_from(hook_frame, machine.cpu().context().boundary,
                                                                        frames, kFailureFramesMax);
  machine.fail_at(end, what, frames, count);
}

void refuse(const char* function, const void* hook_frame) {
  end_run(RunEnd::kRefused, function, hook_frame);
}

}  // namespace gridlock::program
