// SPDX-License-Identifier: GPL-2.0-or-later
// What an initrd's file has of gvt-early. It is unpacked and looked into: what the kernel will find there, whoever wrote it.
//
// An initrd is a row of cpio archives ("newc"), plain or compressed by gzip, xz or zstd (the kernel's init/initramfs.c); what
// else generators can use (bzip2, lz4, lzma, lzo) is told as unreadable.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "util.h"

#define INITRD_SUMMARY_HEAD "gvt-early initrd 1\n"

struct initrd_file {
	char error[96];     // why it could not be looked into, or ""
	bool program;       // gvt-early is in it
	char build_id[64];  // of that program, "" when it has none
	bool i915, kvmgt;   // their modules are
	char *snapshot;     // its text, or NULL
	size_t snapshot_length;
};

// Reads a file below a directory descriptor. Returns -ENOENT when it is not there, and another negative errno only when out of
// memory; what is wrong with it is in error.
MUST_CHECK int initrd_file_read(struct initrd_file *file, int dir, const char *path);

// A capture has no initrd, only a summary of what was found in it: this one's, as it is noted and read again. The caller frees
// *ret_text. -ENOMEM.
MUST_CHECK int initrd_file_summary(const struct initrd_file *file, char **ret_text, size_t *ret_length);
// False when the text is no summary. file is empty before, and initrd_file_free() is due afterwards.
MUST_CHECK bool initrd_file_take_summary(struct initrd_file *file, const char *text, size_t length);

void initrd_file_free(struct initrd_file *file);
