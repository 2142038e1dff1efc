// `gridlock`, with the targets of the repository.
//
// May include: all of the engine.
#include "engine/cli/command_line.h"

int main(int argument_count, char** arguments) {
  return gridlock::run_command_line(argument_count, arguments);
}
