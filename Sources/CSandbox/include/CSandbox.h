#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

// What a process of the sandbox may use. A limit is per process.
typedef struct {
    uint64_t memory;       // Address space, in bytes.
    uint64_t cpu_seconds;
} sandbox_limits;

// Puts this process, its threads and every program that it starts into the sandbox: no sockets, no changes of files, no
// influence on other processes, bounded memory and time. Cannot be undone. Returns 0, or the number of the error if the
// system does not offer this; then the caller must not read anything.
// folder: the only folder outside the system's own that can be read, if the kernel has Landlock.
// has_landlock: becomes true if files outside are closed.
int sandbox_enter(const char *folder, sandbox_limits limits, bool *has_landlock);

// Starts a program that can start no other program and, unless `threads`, no thread. It ends with the calling thread.
// Returns its id, or the negative number of the error.
pid_t sandbox_spawn(const char *path, char *const argv[], char *const envp[], int in, int out, int err, bool threads);
