// What the sandbox needs of Linux that Swift's Glibc module does not have.
#pragma once

#include <spawn.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// A pipe that no other program inherits. 0, or -1 with errno.
int martlet_sandbox_pipe(int ends[2]);

// Has the program that is started close all descriptors from `first` on. 0, or an error number.
int martlet_sandbox_close_from(posix_spawn_file_actions_t *actions, int first);

// Writes a seccomp filter for bubblewrap's --seccomp. The number of bytes; 0 for a processor whose system calls are
// not known here, or where `capacity` is too small.
size_t martlet_sandbox_filter(void *buffer, size_t capacity);

#ifdef __cplusplus
}
#endif
