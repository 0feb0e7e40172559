// SPDX-License-Identifier: GPL-2.0-or-later
// An initrd's file, unpacked as the kernel does it (init/initramfs.c): a row of cpio archives with zeros between them,
// plain or compressed. gzip, xz, zstd, lz4 and lzma are unpacked here; bzip2 and lzo, which the kernel knows as well,
// are not.
//
// Whatever the file is, this ends: what it unpacks to is limited, and so is the time.
#pragma once

#include <stdint.h>

#include "base/util.h"
#include "read/boot/cpio.h"

// Largest initrd that is looked into, unpacked; Debian's with all modules and firmware have 0.6 GiB. The rest is not
// read.
#define UNPACKED_MAX_MIB 2048

enum unpack_result {
	UNPACK_WHOLE,
	UNPACK_DAMAGED,     // the kernel cannot unpack it
	UNPACK_UNREADABLE,  // the file could not be read
	UNPACK_UNSUPPORTED, // not by this program
	UNPACK_TOO_LARGE,   // UNPACKED_MAX_MIB
	UNPACK_TOO_SLOW,    // the time was over
};

// Unpacks what a descriptor gives, until a moment (clock.h). What the archives held until it ended went to cpio->take.
// ret_reason says in words why it is not UNPACK_WHOLE. *ret_compression is the last part's, such as "zstd", or NULL
// when nothing was compressed.
MUST_CHECK enum unpack_result initrd_unpack(int fd, uint64_t until_us, struct cpio *cpio, char *ret_reason, size_t size,
					    const char **ret_compression);
