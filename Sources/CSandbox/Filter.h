#include <stdbool.h>

// Installs the filter of system calls for all threads of this process, to be inherited by every program that it starts.
// Returns 0 or the number of the error.
// for_program: whether this process is about to become a program that must start no process, and no thread unless
// `threads`, and must not send a signal to another process.
int install_filter(bool for_program, bool threads);
