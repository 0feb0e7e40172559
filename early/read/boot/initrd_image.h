// SPDX-License-Identifier: GPL-2.0-or-later
// What an initrd's file has of gvt-early. The file is unpacked: only this shows what the kernel will find there.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"
#include "read/boot/initrd_unpack.h"
#include "read/host/modprobe_lines.h"

#define INITRD_SUMMARY_HEAD "gvt-early initrd 2\n"

#define INITRD_FIRMWARE_MAX  128
#define INITRD_FIRMWARE_SIZE 48

enum initrd_module { INITRD_MODULE_ABSENT, INITRD_MODULE_THERE, INITRD_MODULE_EMPTY }; // the last: cut off to nothing

// What may be there because of gvt-early, or without it: this program, kernel modules, firmware of i915.
struct initrd_member {
	char name[64]; // without its directory
	uint64_t size; // as it is in there, bytes
};

// Unless unpacked is UNPACK_WHOLE, what is here is what was met until then.
struct initrd_image {
	enum unpack_result unpacked;
	char reason[96];   // of the same, in words
	int error;         // why it could not be opened, an errno, or 0
	bool program;      // gvt-early is in it
	char build_id[64]; // of that program, "" when it has none
	enum initrd_module i915, kvmgt, xe;
	bool i915_foreign; // an i915 is in it that is not of the kernel's own package: it goes before one that is
	// The firmware of GuC and HuC that is in it: names as drivers ask for them.
	char firmware[INITRD_FIRMWARE_MAX][INITRD_FIRMWARE_SIZE];
	size_t firmware_count;
	char *snapshot; // its text, or NULL
	size_t snapshot_length;
	struct modprobe_lines modprobe; // of its modprobe.d
	// Not of one that is read from a capture:
	uint64_t size;        // of the file, 0 when that is not known
	char compression[12]; // such as "zstd", "" for none
	struct initrd_member *members;
	size_t member_count;
};

// Reads a file below a directory descriptor, until a moment (clock.h). Returns -ENOENT when it is not there, and
// another negative errno only when out of memory; what is wrong with it is in unpacked.
MUST_CHECK int initrd_image_read(struct initrd_image *file, int dir, const char *path, uint64_t until_us);

// Whether it has a firmware, by the name that a driver asks for.
bool initrd_image_has_firmware(const struct initrd_image *file, const char *name);

// A capture has no initrd, only a summary of what was found in it: this one's, as it is noted and read again. The
// caller frees *ret_text. -ENOMEM.
MUST_CHECK int initrd_image_summary(const struct initrd_image *file, char **ret_text, size_t *ret_length);
// False when the text is no summary. file is empty before, and initrd_image_free() is due afterwards.
MUST_CHECK bool initrd_image_take_summary(struct initrd_image *file, const char *text, size_t length);

// That of a name, NULL when it has none. A module may be compressed in one place and not in the other: .xz and the like
// behind a name count as nothing.
const struct initrd_member *initrd_image_member(const struct initrd_image *file, const char *name);
// The length of a file's name without the suffix of its compression.
size_t initrd_plain_length(const char *name);

void initrd_image_free(struct initrd_image *file);
