// What the wrapped functions need of the run that is under way. See run.h.
//
// May include: base, hook, machine.
#include "engine/abi/program/run.h"

#include "engine/hook/gridlock.h"

namespace gridlock::program {

void* run_allocate(std::size_t size, std::size_t align) {
  return gl_alloc(size, align);
}

void end_run(RunEnd end, const char* what, const void* hook_frame) {
  MachineImpl::current()->fail(end, what, nullptr, 0, hook_frame);
}

void refuse(const char* function, const void* hook_frame) {
  end_run(RunEnd::kAssertion, function, hook_frame);
}

}  // namespace gridlock::program
