// SPDX-License-Identifier: GPL-2.0-or-later
// Initrds as generators make them, and as nobody should: whatever the file is, reading it ends, and what is told of it
// is true.
#include "helper.h"

#include <fcntl.h>
#include <lz4.h>
#include <lzma.h>
#include <sys/stat.h>
#include <zlib.h>
#include <zstd.h>

#include "base/clock.h"
#include "read/boot/initrd_image.h"

#define LIMIT_US (clock_now_us() + 60 * USEC_PER_SEC)

static char archive[64 * 1024];
static size_t archive_size;

static void pad(void)
{
	while (archive_size % 4)
		archive[archive_size++] = '\0';
}

static void add(const char *name, const char *content)
{
	archive_size +=
		(size_t)sprintf(archive + archive_size, "070701%08x%08x%08x%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x",
				1, 0100644, 0, 0, 1, 0, strlen(content), 0, 0, 0, 0, strlen(name) + 1, 0);
	strcpy(archive + archive_size, name);
	archive_size += strlen(name) + 1;
	pad();
	strcpy(archive + archive_size, content);
	archive_size += strlen(content);
	pad();
}

static void make_archive(void)
{
	archive_size = 0;
	add("usr/sbin/gvt-early", "program");
	add("usr/lib/modules/6.1.0/kernel/drivers/gpu/drm/i915/i915.ko.xz", "i915");
	add("usr/lib/modules/6.1.0/kernel/drivers/gpu/drm/i915/kvmgt.ko", "kvmgt");
	add("etc/gvt-early/snapshot.conf", "[snapshot]\n");
	add("etc/modprobe.d/b.conf", "options i915 enable_gvt=0\n");
	add("lib/modprobe.d/a.conf", "blacklist i915\n# blacklist kvmgt\n");
	add("lib/modprobe.d/b.conf", "blacklist kvmgt\n");
	add("TRAILER!!!", "");
}

static struct initrd_image file;

static void read_file(const struct tree *tree, const void *data, size_t size)
{
	char path[300];
	snprintf(path, sizeof(path), "%s/initrd", tree->path);
	FILE *stream = fopen(path, "w");
	assert_non_null(stream);
	assert_int_equal(fwrite(data, 1, size, stream), size);
	assert_int_equal(fclose(stream), 0);
	assert_int_equal(initrd_image_read(&file, tree->root.fs, "initrd", LIMIT_US), 0);
}

static void assert_whole(void)
{
	assert_int_equal(file.unpacked, UNPACK_WHOLE);
	assert_true(file.program && file.i915 && file.kvmgt);
	assert_string_equal(file.snapshot, "[snapshot]\n");
	initrd_image_free(&file);
}

static char packed[128 * 1024];

static size_t pack_lz4(void)
{
	int n = LZ4_compress_default(archive, packed + 8, (int)archive_size, sizeof(packed) - 8);
	memcpy(packed, "\x02\x21\x4c\x18", 4);
	for (unsigned i = 0; i < 4; i++)
		packed[4 + i] = (char)(n >> 8 * i);
	return (size_t)n + 8;
}

static void compressors(void **state)
{
	struct tree *tree = *state;
	make_archive();
	read_file(tree, archive, archive_size);
	assert_whole();
	size_t n = ZSTD_compress(packed, sizeof(packed), archive, archive_size, 3);
	read_file(tree, packed, n);
	assert_whole();

	// As "lz4 -l" writes it; with zeros behind it, as on an ESP; two of them.
	n = pack_lz4();
	read_file(tree, packed, n);
	assert_whole();
	memset(packed + n, 0, 512);
	read_file(tree, packed, n + 509);
	assert_whole();
	memcpy(packed + n, packed, n);
	read_file(tree, packed, 2 * n);
	assert_whole();
	read_file(tree, packed, n - 1);
	assert_int_equal(file.unpacked, UNPACK_DAMAGED);
	assert_string_equal(file.reason, "it is damaged or cut off (lz4)");
	initrd_image_free(&file);

	lzma_options_lzma options;
	lzma_stream stream = LZMA_STREAM_INIT;
	assert_false(lzma_lzma_preset(&options, 6));
	assert_int_equal(lzma_alone_encoder(&stream, &options), LZMA_OK);
	stream.next_in = (const uint8_t *)archive;
	stream.avail_in = archive_size;
	stream.next_out = (uint8_t *)packed;
	stream.avail_out = sizeof(packed);
	assert_int_equal(lzma_code(&stream, LZMA_FINISH), LZMA_STREAM_END);
	n = sizeof(packed) - stream.avail_out;
	lzma_end(&stream);
	read_file(tree, packed, n);
	assert_whole();
}

static void not_supported(void **state)
{
	struct tree *tree = *state;
	read_file(tree, "BZh91AY", 7);
	assert_int_equal(file.unpacked, UNPACK_UNSUPPORTED);
	assert_string_equal(file.reason, "bzip2 compression is not supported");
	read_file(tree, "\x89LZO\0\r\n", 7);
	assert_string_equal(file.reason, "lzo compression is not supported");

	// What was in the plain archive before is known.
	make_archive();
	memcpy(packed, archive, archive_size);
	memcpy(packed + archive_size, "BZh91AY", 7);
	read_file(tree, packed, archive_size + 7);
	assert_int_equal(file.unpacked, UNPACK_UNSUPPORTED);
	assert_true(file.program);
	initrd_image_free(&file);
}

// Its window is larger than any kernel takes.
static void long_window(void **state)
{
	struct tree *tree = *state;
	ZSTD_CCtx *context = ZSTD_createCCtx();
	assert_false(ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, 30)));
	ZSTD_inBuffer in = { archive, archive_size, 0 };
	ZSTD_outBuffer out = { packed, sizeof(packed), 0 };
	make_archive();
	ZSTD_compressStream2(context, &out, &in, ZSTD_e_continue); // of unknown size, as from a pipe
	assert_int_equal(ZSTD_compressStream2(context, &out, &in, ZSTD_e_end), 0);
	ZSTD_freeCCtx(context);
	read_file(tree, packed, out.pos);
	assert_int_equal(file.unpacked, UNPACK_DAMAGED);
	assert_has(file.reason, "window is larger than 128 MiB");
	assert_lacks(file.reason, "damaged");
}

static void bombs(void **state)
{
	struct tree *tree = *state;
	static char zeros[8 * 1024 * 1024];
	char path[300], frame[4096];
	size_t n = ZSTD_compress(frame, sizeof(frame), zeros, sizeof(zeros), 3);
	assert_false(ZSTD_isError(n));
	make_archive();
	size_t first = ZSTD_compress(packed, sizeof(packed), archive, archive_size, 3);
	snprintf(path, sizeof(path), "%s/initrd", tree->path);
	FILE *stream = fopen(path, "w");
	assert_non_null(stream);
	fwrite(packed, 1, first, stream);
	for (unsigned i = 0; i < 300; i++)
		fwrite(frame, 1, n, stream);
	fclose(stream);
	assert_int_equal(initrd_image_read(&file, tree->root.fs, "initrd", LIMIT_US), 0);
	assert_int_equal(file.unpacked, UNPACK_TOO_LARGE);
	assert_string_equal(file.reason, "it unpacks to more than 2048 MiB");
	assert_true(file.program && file.snapshot);
	initrd_image_free(&file);

	// The time is over before it begins.
	make_archive();
	read_file(tree, archive, archive_size);
	initrd_image_free(&file);
	assert_int_equal(initrd_image_read(&file, tree->root.fs, "initrd", clock_now_us()), 0);
	assert_int_equal(file.unpacked, UNPACK_TOO_SLOW);
}

// Sizes and names that no initrd has.
static void absurd(void **state)
{
	struct tree *tree = *state;
	make_archive();
	memcpy(archive + 6 + 6 * 8, "ffffffff", 8); // the program's size
	read_file(tree, archive, archive_size);
	assert_int_equal(file.unpacked, UNPACK_DAMAGED);
	assert_false(file.program);
	make_archive();
	memcpy(archive + 6 + 11 * 8, "fffffff0", 8); // its name's
	read_file(tree, archive, archive_size);
	assert_int_equal(file.unpacked, UNPACK_DAMAGED);
	make_archive();
	memcpy(archive + 6 + 11 * 8, "00000000", 8);
	read_file(tree, archive, archive_size);
	assert_int_equal(file.unpacked, UNPACK_DAMAGED);
	make_archive();
	memcpy(archive + 6 + 6 * 8, "      -7", 8);
	read_file(tree, archive, archive_size);
	assert_int_equal(file.unpacked, UNPACK_DAMAGED);

	// A long name is skipped, as the kernel does it.
	static char name[6000];
	memset(name, 'x', sizeof(name) - 1);
	archive_size = 0;
	add(name, "content");
	size_t before = archive_size;
	static char both[sizeof(archive)];
	memcpy(both, archive, before);
	make_archive();
	memcpy(both + before, archive, archive_size);
	read_file(tree, both, before + archive_size);
	assert_whole();

	for (size_t cut = 1; cut < archive_size; cut += 37) {
		read_file(tree, archive, cut);
		assert_int_equal(file.unpacked, UNPACK_DAMAGED);
		initrd_image_free(&file);
	}
}

static size_t want_nothing(void *data, const char *name)
{
	(void)data, (void)name;
	return 0;
}

static void count(void *data, const char *name, char **content, size_t size)
{
	(void)name, (void)content, (void)size;
	++*(unsigned *)data;
}

// An error in the middle is no damage. A pipe that has no more for now stands for the device.
static void unreadable(void **state)
{
	(void)state;
	static struct cpio cpio;
	unsigned members = 0;
	const char *compression;
	char reason[96];
	int ends[2];
	make_archive();
	size_t sizes[] = { 0, 200, archive_size };
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
		assert_int_equal(write(ends[1], archive, sizes[i]), sizes[i]);
		cpio = (struct cpio){ .wanted = want_nothing, .take = count, .data = &members };
		assert_int_equal(initrd_unpack(ends[0], LIMIT_US, &cpio, reason, sizeof(reason), &compression),
				 UNPACK_UNREADABLE);
		assert_string_equal(reason, strerror(EAGAIN));
		close(ends[0]);
		close(ends[1]);
	}
	size_t n = ZSTD_compress(packed, sizeof(packed), archive, archive_size, 3);
	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	assert_int_equal(write(ends[1], packed, n - 9), n - 9);
	cpio = (struct cpio){ .wanted = want_nothing, .take = count, .data = &members };
	assert_int_equal(initrd_unpack(ends[0], LIMIT_US, &cpio, reason, sizeof(reason), &compression),
			 UNPACK_UNREADABLE);
	close(ends[0]);
	close(ends[1]);
}

static void modprobe(void **state)
{
	struct tree *tree = *state;
	make_archive();
	read_file(tree, archive, archive_size);
	assert_int_equal(file.modprobe.count, 2);
	const struct modprobe_line *line = modprobe_lines_last(&file.modprobe, "blacklist", "i915", NULL);
	assert_non_null(line);
	assert_string_equal(line->place, "/lib/modprobe.d/a.conf:1");
	assert_non_null(modprobe_lines_last(&file.modprobe, "options", "i915", "enable_gvt"));
	// The admin's file of that name stands in its place.
	assert_null(modprobe_lines_last(&file.modprobe, "blacklist", "kvmgt", NULL));

	char *text;
	size_t length;
	struct initrd_image again = { .program = false };
	assert_int_equal(initrd_image_summary(&file, &text, &length), 0);
	assert_true(initrd_image_take_summary(&again, text, length));
	assert_int_equal(again.modprobe.count, 2);
	assert_string_equal(again.snapshot, file.snapshot);
	free(text);
	initrd_image_free(&again);
	initrd_image_free(&file);
}

// Whether the drivers of SR-IOV are in it, with their firmware; a summary says the same.
static void drivers_of_sriov(void **state)
{
	struct tree *tree = *state;
	struct initrd_image again = { .program = false };
	char *text;
	size_t length;
	make_archive();
	read_file(tree, archive, archive_size);
	assert_true(!file.xe && !file.i915_foreign && file.firmware_count == 0);
	assert_int_equal(initrd_image_summary(&file, &text, &length), 0);
	assert_lacks(text, "foreign");
	free(text);
	initrd_image_free(&file);

	archive_size = 0;
	add("usr/lib/modules/6.18.9-1-pve/kernel/drivers/gpu/drm/xe/xe.ko.zst", "xe");
	add("lib/modules/6.18.9-1-pve/updates/dkms/i915.ko", "i915");
	add("lib/modules/6.18.9-1-pve/kernel/drivers/gpu/drm/i915/i915.ko", "i915"); // which is not the one
	add("lib/firmware/i915/tgl_guc_70.bin.zst", "x");
	add("usr/lib/firmware/xe/bmg_guc_70.bin.xz", "x");
	add("usr/lib/firmware/i915/tgl_guc_70.bin", "x"); // the same once more
	add("lib/firmware/i915/tgl_huc.bin", "x");
	add("lib/firmware/i915/adlp_dmc.bin", "x");
	add("etc/x_guc_y.bin", "x");
	add("etc/modprobe.d/b.conf", "options i915 max_vfs=7\n");
	add("TRAILER!!!", "");
	read_file(tree, archive, archive_size);
	assert_int_equal(initrd_image_summary(&file, &text, &length), 0);
	assert_true(initrd_image_take_summary(&again, text, length));
	free(text);
	const struct initrd_image *const both[] = { &file, &again };
	for (size_t i = 0; i < ARRAY_SIZE(both); i++) {
		assert_int_equal(both[i]->xe, INITRD_MODULE_THERE);
		assert_true(both[i]->i915 && both[i]->i915_foreign);
		assert_int_equal(both[i]->firmware_count, 3);
		assert_true(initrd_image_has_firmware(both[i], "i915/tgl_guc_70.bin"));
		assert_true(initrd_image_has_firmware(both[i], "xe/bmg_guc_70.bin"));
		assert_true(initrd_image_has_firmware(both[i], "i915/tgl_huc.bin"));
		assert_false(initrd_image_has_firmware(both[i], "bmg_guc_70.bin"));
		assert_int_equal(both[i]->modprobe.count, 1);
	}
	initrd_image_free(&file);
	initrd_image_free(&again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		tree_test(compressors), tree_test(not_supported),    tree_test(long_window),       tree_test(bombs),
		tree_test(absurd),      tree_test(drivers_of_sriov), cmocka_unit_test(unreadable), tree_test(modprobe),
	};
	return run_group(tests);
}
