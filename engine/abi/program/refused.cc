// What a virtual process cannot have because Gridlock does not control it: other processes, signals, timers of the
// kernel, and whatever blocks the one real thread for ever. Each of these functions is refused by name in a run, at its
// call; outside of one it is the C library's own.
//
// May include: base, machine.
#include <cerrno>
#include <csignal>
#include <cstdint>

#include "engine/abi/access.h"
#include "engine/abi/program/run.h"

using gridlock::program::in_run;
using gridlock::program::refuse;

// Called by each wrapper below with the wrapper's own frame; returns if no run is under way.
extern "C" GRIDLOCK_HOOK __attribute__((used, visibility("hidden"))) void gridlock_refuse_in_run(const char* function,
                                                                                                 const void* frame) {
  if (in_run()) refuse(function, frame);
}

// A wrapper that looks at no argument fits every function, also one with variable arguments, and one that returns twice
// (vfork): what the caller has put into registers and onto the stack is as it was when the real function is jumped to.
#define REFUSE(name)                                                     \
  asm(".pushsection gridlock_hooks,\"ax\",@progbits\n"                   \
      ".globl __wrap_" #name                                             \
      "\n"                                                               \
      ".type __wrap_" #name                                              \
      ", @function\n"                                                    \
      "__wrap_" #name                                                    \
      ":\n"                                                              \
      "pushq %rbp\n"                                                     \
      "movq %rsp, %rbp\n"                                                \
      "pushq %rax\n pushq %rdi\n pushq %rsi\n pushq %rdx\n pushq %rcx\n" \
      "pushq %r8\n pushq %r9\n subq $8, %rsp\n"                          \
      "leaq 1f(%rip), %rdi\n"                                            \
      "movq %rbp, %rsi\n"                                                \
      "call gridlock_refuse_in_run\n"                                    \
      "addq $8, %rsp\n popq %r9\n popq %r8\n"                            \
      "popq %rcx\n popq %rdx\n popq %rsi\n popq %rdi\n popq %rax\n"      \
      "popq %rbp\n"                                                      \
      "jmp __real_" #name                                                \
      "@PLT\n"                                                           \
      ".size __wrap_" #name ", . - __wrap_" #name                        \
      "\n"                                                               \
      ".popsection\n"                                                    \
      ".pushsection .rodata\n1: .asciz \"" #name "\"\n.popsection\n")

// Processes.
REFUSE(fork);
REFUSE(vfork);
REFUSE(_Fork);
REFUSE(clone);
REFUSE(execl);
REFUSE(execle);
REFUSE(execlp);
REFUSE(execv);
REFUSE(execve);
REFUSE(execvp);
REFUSE(execvpe);
REFUSE(execveat);
REFUSE(fexecve);
REFUSE(system);
REFUSE(popen);
REFUSE(posix_spawn);
REFUSE(posix_spawnp);
REFUSE(wait);
REFUSE(waitpid);
REFUSE(wait3);
REFUSE(wait4);
REFUSE(waitid);
REFUSE(daemon);
// Signals.
REFUSE(kill);
REFUSE(killpg);
REFUSE(tgkill);
REFUSE(pthread_kill);
REFUSE(pthread_sigqueue);
REFUSE(sigqueue);
REFUSE(sigwait);
REFUSE(sigwaitinfo);
REFUSE(sigtimedwait);
REFUSE(sigsuspend);
REFUSE(pause);
REFUSE(signalfd);
// Timers of the kernel.
REFUSE(alarm);
REFUSE(ualarm);
REFUSE(setitimer);
REFUSE(timer_create);
REFUSE(timerfd_create);
// What waits for other processes or for the network.
REFUSE(socket);
REFUSE(socketpair);
REFUSE(accept);
REFUSE(accept4);
REFUSE(connect);
REFUSE(select);
REFUSE(pselect);
REFUSE(poll);
REFUSE(ppoll);
REFUSE(epoll_create);
REFUSE(epoll_create1);
REFUSE(epoll_wait);
REFUSE(epoll_pwait);
REFUSE(epoll_pwait2);
REFUSE(eventfd);
REFUSE(pipe);
REFUSE(pipe2);
REFUSE(mkfifo);
REFUSE(inotify_init);
REFUSE(inotify_init1);
REFUSE(mq_open);
REFUSE(msgget);
REFUSE(semget);
REFUSE(flock);
REFUSE(lockf);
// Stacks and locks of the C library that it would manage itself.
REFUSE(makecontext);
REFUSE(swapcontext);
REFUSE(setcontext);
REFUSE(flockfile);
REFUSE(ftrylockfile);

namespace {

// A fatal signal is a verdict, whatever the program would rather have it do.
bool is_fatal(int signal) {
  for (const int fatal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP}) {
    if (signal == fatal) return true;
  }
  return false;
}

bool is_handler(sighandler_t handler) {
  return handler != SIG_DFL && handler != SIG_IGN;
}

}  // namespace

extern "C" {

// A disposition without a handler is taken note of by nobody: no signal comes that could be ignored.
sighandler_t __real_signal(int signal, sighandler_t handler);
GRIDLOCK_HOOK sighandler_t __wrap_signal(int signal, sighandler_t handler) {
  if (!in_run()) return __real_signal(signal, handler);
  if (is_handler(handler)) refuse("signal with a handler", __builtin_frame_address(0));
  return SIG_DFL;
}

int __real_sigaction(int signal, const struct sigaction* action, struct sigaction* before);
GRIDLOCK_HOOK int __wrap_sigaction(int signal, const struct sigaction* action, struct sigaction* before) {
  if (!in_run()) return __real_sigaction(signal, action, before);
  if (action != nullptr && is_handler(action->sa_handler)) {
    refuse("sigaction with a handler", __builtin_frame_address(0));
  }
  if (before != nullptr) *before = {};
  return 0;
}

int __real_raise(int signal);
GRIDLOCK_HOOK int __wrap_raise(int signal) {
  if (in_run() && !is_fatal(signal)) refuse("raise", __builtin_frame_address(0));
  return __real_raise(signal);
}

}  // extern "C"
