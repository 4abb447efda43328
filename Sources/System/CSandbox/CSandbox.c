#define _GNU_SOURCE
#include "CSandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#ifdef __linux__

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>

int martlet_sandbox_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int martlet_sandbox_close_from(posix_spawn_file_actions_t *actions, int first) {
  return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

#if defined(__x86_64__)
#define MARTLET_AUDIT_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define MARTLET_AUDIT_ARCH AUDIT_ARCH_AARCH64
#endif

#ifdef MARTLET_AUDIT_ARCH

// Calls that are refused with EPERM: memory that no limit of a process counts (memfd_create, shmget, msgget, mq_open),
// other processes' memory, keys, mounts, further namespaces, and large parts of the kernel that no such program needs.
static const unsigned martlet_refused[] = {
    SYS_memfd_create, SYS_shmget, SYS_msgget, SYS_mq_open, SYS_add_key, SYS_request_key, SYS_keyctl, SYS_ptrace,
    SYS_process_vm_readv, SYS_process_vm_writev, SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, SYS_io_uring_setup,
    SYS_io_uring_enter, SYS_io_uring_register, SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_open_tree,
    SYS_move_mount, SYS_fsopen, SYS_fsconfig, SYS_fsmount, SYS_fspick, SYS_unshare, SYS_setns, SYS_syslog,
#ifdef SYS_memfd_secret
    SYS_memfd_secret,
#endif
#ifdef SYS_mount_setattr
    SYS_mount_setattr,
#endif
};

// Families of sockets that stay inside the network namespace. Others, such as AF_VSOCK, may lead out of it.
static const unsigned martlet_families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};

#define MARTLET_COUNT(list) (sizeof(list) / sizeof(*(list)))
#define MARTLET_FIELD(name) ((unsigned)offsetof(struct seccomp_data, name))

size_t martlet_sandbox_filter(void *buffer, size_t capacity) {
  struct sock_filter filter[MARTLET_COUNT(martlet_refused) * 2 + MARTLET_COUNT(martlet_families) + 32];
  size_t count = 0;
#define ADD(...) filter[count++] = (struct sock_filter)__VA_ARGS__
#define LOAD(offset) ADD(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (offset)))
#define RETURN(value) ADD(BPF_STMT(BPF_RET | BPF_K, (value)))
#define UNLESS_EQUAL(value, skipped) ADD(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (skipped)))

  // Another architecture's calls have other numbers: none of them is let through.
  LOAD(MARTLET_FIELD(arch));
  ADD(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MARTLET_AUDIT_ARCH, 1, 0));
  RETURN(SECCOMP_RET_KILL_PROCESS);
  LOAD(MARTLET_FIELD(nr));
#ifdef __x86_64__
  // Nor those of x32, which the same architecture stands for.
  ADD(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000u, 0, 1));
  RETURN(SECCOMP_RET_KILL_PROCESS);
#endif
  for (size_t i = 0; i < MARTLET_COUNT(martlet_refused); i++) {
    UNLESS_EQUAL(martlet_refused[i], 1);
    RETURN(SECCOMP_RET_ERRNO | EPERM);
  }
  // Its flags are in memory, where a filter cannot look. The C library falls back to clone.
  UNLESS_EQUAL(SYS_clone3, 1);
  RETURN(SECCOMP_RET_ERRNO | ENOSYS);
  // Arguments of 64 bits lie with the lower half first on both processors.
  UNLESS_EQUAL(SYS_clone, 3);
  LOAD(MARTLET_FIELD(args[0]));
  ADD(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_NEWUSER, 0, 1));
  RETURN(SECCOMP_RET_ERRNO | EPERM);
  LOAD(MARTLET_FIELD(nr));
  UNLESS_EQUAL(SYS_socket, (unsigned char)(MARTLET_COUNT(martlet_families) + 2));
  LOAD(MARTLET_FIELD(args[0]));
  for (size_t i = 0; i < MARTLET_COUNT(martlet_families); i++) {
    unsigned char rest = (unsigned char)(MARTLET_COUNT(martlet_families) - i);
    ADD(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, martlet_families[i], rest, 0));
  }
  RETURN(SECCOMP_RET_ERRNO | EAFNOSUPPORT);
  RETURN(SECCOMP_RET_ALLOW);

  size_t bytes = count * sizeof(*filter);
  if (bytes > capacity) return 0;
  memcpy(buffer, filter, bytes);
  return bytes;
}

#else

size_t martlet_sandbox_filter(void *buffer, size_t capacity) {
  (void)buffer, (void)capacity;
  return 0;
}

#endif

#else

int martlet_sandbox_pipe(int ends[2]) { return pipe(ends); }

int martlet_sandbox_close_from(posix_spawn_file_actions_t *actions, int first) {
  (void)actions, (void)first;
  return ENOSYS;
}

size_t martlet_sandbox_filter(void *buffer, size_t capacity) {
  (void)buffer, (void)capacity;
  return 0;
}

#endif
