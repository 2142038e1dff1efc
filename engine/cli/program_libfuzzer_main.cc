// A program that gridlock-cc built as its own driver for libFuzzer, whose main() the program's own takes the place of.
//
// May include: all of the engine.
#include <cstddef>
#include <cstdint>

#include "engine/abi/program/entry.h"

extern "C" {
int LLVMFuzzerRunDriver(int* argument_count, char*** arguments, int (*run)(const std::uint8_t* data, std::size_t size));
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
}

int gridlock_command(int argument_count, char** arguments) {
  return LLVMFuzzerRunDriver(&argument_count, &arguments, LLVMFuzzerTestOneInput);
}
