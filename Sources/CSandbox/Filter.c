#ifdef __linux__

#define _GNU_SOURCE

#include "Filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "The filter of system calls is written for x86-64 and arm64."
#endif

typedef struct {
    struct sock_filter code[512];
    unsigned short length;
} program;

static void add(program *p, struct sock_filter instruction) {
    if (p->length < sizeof p->code / sizeof *p->code) p->code[p->length++] = instruction;
}

static void load(program *p, uint32_t offset) {
    add(p, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset));
}

static void result(program *p, uint32_t value) { add(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, value)); }

// Skips instructions unless the loaded value equals another.
static void unless_equal_skip(program *p, uint32_t value, uint8_t count) {
    add(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, count));
}

static void refuse(program *p, int call, int error) {
    unless_equal_skip(p, (uint32_t)call, 1);
    result(p, SECCOMP_RET_ERRNO | (uint32_t)error);
}

static uint32_t argument(int number) {
    return (uint32_t)(offsetof(struct seccomp_data, args) + 8 * (size_t)number);
}

// Refuses a call if an argument has one of these bits (`BPF_JSET`), or is this value (`BPF_JEQ`).
static void refuse_if(program *p, int call, int number, uint16_t comparison, uint32_t value) {
    unless_equal_skip(p, (uint32_t)call, 4);
    load(p, argument(number));
    add(p, (struct sock_filter)BPF_JUMP(BPF_JMP | comparison | BPF_K, value, 0, 1));
    result(p, SECCOMP_RET_ERRNO | EPERM);
    result(p, SECCOMP_RET_ALLOW);
}

// Allows a call only if an argument has one of these bits (`BPF_JSET`), or is this value (`BPF_JEQ`).
static void allow_only(program *p, int call, int number, uint16_t comparison, uint32_t value) {
    unless_equal_skip(p, (uint32_t)call, 4);
    load(p, argument(number));
    add(p, (struct sock_filter)BPF_JUMP(BPF_JMP | comparison | BPF_K, value, 1, 0));
    result(p, SECCOMP_RET_ERRNO | EPERM);
    result(p, SECCOMP_RET_ALLOW);
}

// Sockets, other processes, the system's state, and changes of files.
static const int refused[] = {
    SYS_socket, SYS_socketpair, SYS_connect, SYS_bind, SYS_listen, SYS_accept, SYS_accept4,
    SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_process_madvise, SYS_kcmp, SYS_pidfd_open,
    SYS_pidfd_getfd, SYS_pidfd_send_signal, SYS_setsid, SYS_setpgid,
    SYS_shmget, SYS_shmat, SYS_semget, SYS_msgget, SYS_mq_open, SYS_memfd_create,
    SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, SYS_keyctl, SYS_add_key, SYS_request_key,
    SYS_mount, SYS_umount2, SYS_move_mount, SYS_open_tree, SYS_fsopen, SYS_fsconfig, SYS_fsmount, SYS_fspick,
    SYS_pivot_root, SYS_chroot, SYS_setns, SYS_unshare, SYS_open_by_handle_at, SYS_name_to_handle_at,
    SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_kexec_load, SYS_reboot, SYS_swapon, SYS_swapoff,
    SYS_sethostname, SYS_setdomainname, SYS_settimeofday, SYS_clock_settime, SYS_clock_adjtime, SYS_adjtimex, SYS_acct,
    SYS_quotactl, SYS_syslog, SYS_personality,
    SYS_unlinkat, SYS_renameat2, SYS_linkat, SYS_symlinkat, SYS_mkdirat, SYS_mknodat, SYS_fchmod, SYS_fchmodat,
    SYS_fchown, SYS_fchownat, SYS_truncate, SYS_ftruncate, SYS_fallocate, SYS_utimensat, SYS_setxattr, SYS_lsetxattr,
    SYS_fsetxattr, SYS_removexattr, SYS_lremovexattr, SYS_fremovexattr,
#ifdef SYS_kexec_file_load
    SYS_kexec_file_load,
#endif
#ifdef SYS_renameat
    SYS_renameat,
#endif
#ifdef SYS_open // What arm64 does not have.
    SYS_creat, SYS_unlink, SYS_rename, SYS_link, SYS_symlink, SYS_mkdir, SYS_rmdir, SYS_mknod, SYS_chmod, SYS_chown,
    SYS_lchown, SYS_utime, SYS_utimes, SYS_futimesat, SYS_ioperm, SYS_iopl, SYS_modify_ldt,
#endif
};

// Calls that the filter cannot look into, because their arguments are in memory. Programs use older ones instead.
static const int unknown[] = {
    SYS_clone3, SYS_openat2, SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register,
};

static void refuse_common(program *p) {
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) refuse(p, refused[i], EPERM);
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) refuse(p, unknown[i], ENOSYS);
    const uint32_t writing = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND;
    refuse_if(p, SYS_openat, 2, BPF_JSET, writing);
#ifdef SYS_open
    refuse_if(p, SYS_open, 1, BPF_JSET, writing);
#endif
}

static void refuse_to_programs(program *p, bool threads) {
#ifdef SYS_fork
    refuse(p, SYS_fork, EPERM);
    refuse(p, SYS_vfork, EPERM);
#endif
    if (threads) allow_only(p, SYS_clone, 0, BPF_JSET, CLONE_THREAD);
    else refuse(p, SYS_clone, EPERM);
    refuse(p, SYS_tkill, EPERM);
    refuse(p, SYS_rt_sigqueueinfo, EPERM);
    refuse(p, SYS_rt_tgsigqueueinfo, EPERM);
    allow_only(p, SYS_kill, 0, BPF_JEQ, (uint32_t)getpid());
    allow_only(p, SYS_tgkill, 0, BPF_JEQ, (uint32_t)getpid());
    // It stays bound to the process that started it.
    refuse_if(p, SYS_prctl, 0, BPF_JEQ, PR_SET_PDEATHSIG);
}

int install_filter(bool for_program, bool threads) {
    program p = {.length = 0};
    load(&p, offsetof(struct seccomp_data, arch));
    add(&p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0));
    result(&p, SECCOMP_RET_KILL_PROCESS);
    load(&p, offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
    // The numbers of the x32 calls.
    add(&p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1));
    result(&p, SECCOMP_RET_KILL_PROCESS);
#endif
    if (for_program) refuse_to_programs(&p, threads);
    else refuse_common(&p);
    result(&p, SECCOMP_RET_ALLOW);
    if (p.length >= sizeof p.code / sizeof *p.code) return E2BIG;
    struct sock_fprog filter = {.len = p.length, .filter = p.code};
    // All threads, or none.
    long code = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter);
    return code == 0 ? 0 : code > 0 ? EBUSY : errno;
}

#endif
