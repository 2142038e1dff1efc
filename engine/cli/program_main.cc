// A program that gridlock-cc built as `gridlock`.
//
// May include: all of the engine.
#include "engine/abi/program/entry.h"
#include "engine/cli/command_line.h"

int gridlock_command(int argument_count, char** arguments) {
  return gridlock::run_command_line(argument_count, arguments);
}
