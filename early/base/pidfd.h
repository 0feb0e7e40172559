// SPDX-License-Identifier: GPL-2.0-or-later
// A process by a descriptor of its own. musl has no functions for it, glibc since 2.36 only.
#pragma once

#include <sys/types.h>

// As pidfd_open(2): from Linux 5.3 on. The descriptor is closed by exec.
int pidfd_open(pid_t pid, unsigned flags);

// As pidfd_getfd(2): from Linux 5.6 on.
int pidfd_getfd(int pidfd, int fd, unsigned flags);
