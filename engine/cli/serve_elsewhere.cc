// `gridlock serve` in the programs with a sanitizer: they become the plain one before they get here.
//
// May include: cli.
#include "engine/cli/commands.h"

namespace gridlock {

Result<ExitCode> run_command(const ServeOptions& /*options*/, std::span<const Target> /*targets*/) {
  return failure("serve", "this program", "it is the plain program that does: run gridlock without a sanitizer");
}

}  // namespace gridlock
