// SPDX-License-Identifier: GPL-2.0-or-later
// An initrd's file, as generators write it, and as a full disk leaves it; and the summary that a capture has of one.
#include "fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>

#include "base/clock.h"
#include "read/boot/initrd_image.h"

// What is taken of a summary gives one that says the same.
static void take_summary(const uint8_t *data, size_t size)
{
	char *text = text_of(data, size), *one, *other;
	size_t one_length, other_length;
	struct initrd_image file = { .program = false }, again = { .program = false };
	if (initrd_image_take_summary(&file, text, strlen(text))) {
		CHECK(initrd_image_summary(&file, &one, &one_length) == 0);
		CHECK(initrd_image_take_summary(&again, one, one_length));
		CHECK(initrd_image_summary(&again, &other, &other_length) == 0);
		CHECK(one_length == other_length && memcmp(one, other, one_length) == 0);
		free(one);
		free(other);
	}
	initrd_image_free(&file);
	initrd_image_free(&again);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char name[16];
	struct initrd_image file;
	int dir = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = memfd_create("initrd", MFD_CLOEXEC);
	CHECK(dir >= 0 && fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(name, sizeof(name), "%d", fd);
	CHECK(initrd_image_read(&file, dir, name, clock_now_us() + 60 * USEC_PER_SEC) == 0);
	// Of a text that is told to be there all can be read, and it ends.
	CHECK(!file.snapshot || file.snapshot[file.snapshot_length] == '\0');
	CHECK(strlen(file.build_id) < sizeof(file.build_id));
	initrd_image_free(&file);
	close(fd);
	close(dir);
	take_summary(data, size);
	return 0;
}
