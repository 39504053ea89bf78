#define _GNU_SOURCE

#include "CSandbox.h"

#ifdef __linux__

#include "Filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static int limit(__rlimit_resource_t resource, uint64_t value) {
    struct rlimit limit = {value, value};
    return setrlimit(resource, &limit) == 0 ? 0 : errno;
}

// Rights of a file that is no folder.
#define READABLE (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE)
#define ALL_RIGHTS ((1ULL << 13) - 1)

static void allow(int rules, const char *path, bool is_folder) {
    struct landlock_path_beneath_attr rule = {
        .allowed_access = READABLE | (is_folder ? LANDLOCK_ACCESS_FS_READ_DIR : 0),
        .parent_fd = open(path, O_PATH | O_CLOEXEC),
    };
    if (rule.parent_fd < 0) return;
    syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    close(rule.parent_fd);
}

// Closes all files but those of programs, libraries and fonts, and the folder. Returns false if the kernel cannot.
static bool close_files(const char *folder) {
    static const char *const folders[] = {"/usr", "/lib", "/lib64", "/bin", "/etc/fonts", "/var/cache/fontconfig"};
    static const char *const files[] = {"/etc/ld.so.cache", "/etc/localtime", "/dev/null", "/dev/urandom", "/dev/zero", "/etc/mime.types"};
    struct landlock_ruleset_attr attributes = {.handled_access_fs = ALL_RIGHTS};
    int rules = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes.handled_access_fs, 0);
    if (rules < 0) return false;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) allow(rules, folders[i], true);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) allow(rules, files[i], false);
    allow(rules, folder, true);
    bool is_closed = syscall(SYS_landlock_restrict_self, rules, 0) == 0;
    close(rules);
    return is_closed;
}

// If memory runs short, the kernel ends this process rather than the server.
static void volunteer(void) {
    int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (file < 0) return;
    if (write(file, "1000", 4) < 0) errno = 0;
    close(file);
}

int sandbox_enter(const char *folder, sandbox_limits limits, bool *has_landlock) {
    volunteer();
    int error;
    if ((error = limit(RLIMIT_AS, limits.memory)) != 0) return error;
    if ((error = limit(RLIMIT_CPU, limits.cpu_seconds)) != 0) return error;
    if ((error = limit(RLIMIT_FSIZE, 0)) != 0) return error;
    if ((error = limit(RLIMIT_CORE, 0)) != 0) return error;
    if ((error = limit(RLIMIT_NOFILE, 64)) != 0) return error;
    setpriority(PRIO_PROCESS, 0, 10);
    signal(SIGPIPE, SIG_IGN);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
    *has_landlock = close_files(folder);
    return install_filter(false, true);
}

pid_t sandbox_spawn(const char *path, char *const argv[], char *const envp[], int in, int out, int err, bool threads) {
    pid_t parent = getpid();
    pid_t child = fork();
    if (child < 0) return -errno;
    if (child > 0) return child;
    // Only system calls from here: other threads may have held locks.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || getppid() != parent) _exit(126);
    // Above the three, so that none of these overwrites another.
    int from[3] = {fcntl(in, F_DUPFD, 10), fcntl(out, F_DUPFD, 10), fcntl(err, F_DUPFD, 10)};
    for (int i = 0; i < 3; i++) {
        if (from[i] < 0 || dup2(from[i], i) < 0) _exit(126);
    }
    if (syscall(SYS_close_range, 3U, ~0U, 0U) != 0) {
        for (int i = 3; i < 4096; i++) close(i);
    }
    signal(SIGPIPE, SIG_DFL);
    if (install_filter(true, threads) != 0) _exit(126);
    execve(path, argv, envp);
    _exit(127);
}

#else

#include <errno.h>

int sandbox_enter(const char *folder, sandbox_limits limits, bool *has_landlock) {
    *has_landlock = false;
    return ENOSYS;
}

pid_t sandbox_spawn(const char *path, char *const argv[], char *const envp[], int in, int out, int err, bool threads) {
    return -ENOSYS;
}

#endif
