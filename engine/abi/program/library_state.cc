// See library_state.h.
//
// May include: nothing of the engine.
#include "engine/abi/program/library_state.h"

#include <getopt.h>
#include <stdio_ext.h>
#include <sys/single_threaded.h>
#include <unistd.h>

#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace gridlock::program {

namespace {
// setenv makes a new array and leaves the old one as it is.
char** environment = nullptr;
}  // namespace

void keep_library_state() {
  environment = ::environ;
}

void restore_library_state() {
  ::environ = environment;
  // Its threads are cpus, which the C library does not see: libstdc++ counts references without atomics where this is
  // true.
  ::__libc_single_threaded = 0;
  std::srand(1);
  unsigned short first_state[3] = {};
  ::seed48(first_state);
  ::optind = 1;
  ::opterr = 1;
  ::optopt = '?';
  std::clearerr(stdin);
  ::__fpurge(stdin);
  ::__fpurge(stdout);
  std::clearerr(stdout);
  const char* const locale = std::setlocale(LC_ALL, nullptr);
  if (locale == nullptr || std::strcmp(locale, "C") != 0) std::setlocale(LC_ALL, "C");
}

}  // namespace gridlock::program
