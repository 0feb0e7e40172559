// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/boot/initrd_growth.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/disk.h"
#include "base/file.h"
#include "base/program.h"

#define PROGRAM        "usr/sbin/gvt-early"
#define SMALL_FILES    (16 * 1024ULL) // the scripts, the snapshot, a file of modprobe.d, and the archive's heads of all
#define FIRMWARE_DIR   "lib/firmware/"
#define HOOK_FUNCTIONS "usr/share/initramfs-tools/hook-functions"

// The programs as the generators run them (mkinitramfs, dracut).
static const struct {
	const char *compression;
	const char *pack[6];
} packers[] = {
	{ "zstd", { "zstd", "-q", "-9", "-T0", "-c", NULL } },
	{ "gzip", { "gzip", "-c", NULL } },
	{ "xz", { "xz", "--check=crc32", "--threads=0", "-c", NULL } },
	{ "lz4", { "lz4", "-9", "-l", "-c", NULL } },
	{ "lzma", { "lzma", "-c", NULL } },
	{ "bzip2", { "bzip2", "-c", NULL } },
	{ "lzo", { "lzop", "-c", NULL } },
};

static const struct {
	const char *suffix;
	const char *unpack[4];
} unpackers[] = {
	{ ".xz", { "xz", "-dc", NULL } },
	{ ".zst", { "zstd", "-qdc", NULL } },
	{ ".gz", { "gzip", "-dc", NULL } },
};

struct growth_sum {
	const struct growth_query *query;
	int stream;        // what is compressed as a whole, -1 to add up only
	uint64_t streamed; // bytes of it
	uint64_t packed;   // bytes that are compressed already, and stay so
	uint64_t more;     // bytes by which files have grown that are in the initrd
	bool unpacks;      // the generator unpacks modules before it compresses all
	uint64_t until_us;
};

static bool is_initramfs_tools(const struct root *root)
{
	return file_exists(root->fs, "usr/sbin/update-initramfs");
}

// initramfs-tools 0.142 (Debian 12) unpacks modules, the one that has this function (Debian 13) does not; nor does
// dracut.
static bool unpacks_modules(const struct root *root)
{
	CLEANUP_FREE char *text = NULL;
	size_t length;
	return is_initramfs_tools(root) && file_read(root->fs, HOOK_FUNCTIONS, MIB, &text, &length) == 0 &&
		!strstr(text, "apply_add_modules");
}

static bool is_packed(const char *path)
{
	return path[initrd_plain_length(path)];
}

// Whether the tree of the initrd has a module or a firmware file already, under its name on the host.
static bool is_in_tree(const struct growth_query *query, const char *path)
{
	char plain[400];
	path += strspn(path, "/");
	if (query->tree < 0)
		return false;
	snprintf(plain, sizeof(plain), "%.*s", (int)initrd_plain_length(path), path);
	return faccessat(query->tree, path, F_OK, 0) == 0 || faccessat(query->tree, plain, F_OK, 0) == 0;
}

// Unpacks a file to the end of the stream. False when that cannot be done.
static bool stream_unpacked(struct growth_sum *sum, int fd, const char *path)
{
	const char *suffix = path + initrd_plain_length(path);
	for (size_t i = 0; i < ARRAY_SIZE(unpackers); i++)
		if (streq(suffix, unpackers[i].suffix))
			return program_filter(unpackers[i].unpack, fd, sum->stream, sum->until_us) == 0;
	return false;
}

static int stream_file(struct growth_sum *sum, int fd, uint64_t size)
{
	while (size > 0) {
		ssize_t n = sendfile(sum->stream, fd, NULL, size);
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		size -= (uint64_t)n;
	}
	return 0;
}

static int add_file(struct growth_sum *sum, const char *path, bool module)
{
	const struct growth_query *query = sum->query;
	const char *slash = strrchr(path, '/');
	const struct initrd_member *there =
		query->image ? initrd_image_member(query->image, slash ? slash + 1 : path) : NULL;
	uint64_t size;
	if (is_in_tree(query, path) && !streq(path, PROGRAM))
		return 0;
	int r = disk_size(query->root->fs, path, &size);
	if (r < 0)
		return r;
	if (there) {
		// One of two is compressed: then there is nothing to compare.
		if (is_packed(path) == is_packed(there->name) && size > there->size)
			sum->more += size - there->size;
		return 0;
	}
	bool unpacks = module && sum->unpacks && is_packed(path);
	if (is_packed(path) && !unpacks) {
		sum->packed += size;
		return 0;
	}
	if (sum->stream < 0) {
		sum->streamed += unpacks ? 6 * size : size; // xz at its best: i915 5, the smallest ones less
		return 0;
	}
	CLEANUP_CLOSE int fd = file_open(query->root->fs, path);
	if (fd < 0)
		return fd;
	if (!unpacks)
		return stream_file(sum, fd, size);
	if (!stream_unpacked(sum, fd, path))
		sum->packed += size; // as the generator leaves it, too
	return 0;
}

// The file of a firmware, which may be compressed and is nothing when there is none.
static int add_firmware(struct growth_sum *sum, const char *name)
{
	static const char *const suffixes[] = { "", ".xz", ".zst" };
	char path[sizeof(sum->query->contents->items->name) + 32];
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		snprintf(path, sizeof(path), FIRMWARE_DIR "%s%s", name, suffixes[i]);
		if (file_exists(sum->query->root->fs, path))
			return add_file(sum, path, false);
	}
	return 0;
}

static int add_all(struct growth_sum *sum)
{
	const struct growth_query *query = sum->query;
	const struct initrd_contents *contents = query->contents;
	size_t top = strlen(query->root->path);
	int r = add_file(sum, PROGRAM, false);
	for (size_t i = 0; i < contents->count && r == 0; i++) {
		const struct initrd_content *item = &contents->items[i];
		const char *path = item->path;
		if (strncmp(path, query->root->path, top) == 0)
			path += top;
		if (item->kind == CONTENT_FIRMWARE)
			r = add_firmware(sum, item->name);
		else if (path[0])
			r = add_file(sum, path, true);
	}
	return r;
}

// Of the same initrd, with all that is small.
static void take_sum(struct initrd_growth *growth, const struct growth_sum *sum, uint64_t compressed)
{
	bool something = sum->streamed + sum->packed > 0;
	growth->bytes = compressed + sum->packed + sum->more + (something ? SMALL_FILES : 0);
	growth->at_most |= sum->more > 0;
}

int growth_add_up(struct initrd_growth *growth, const struct growth_query *query)
{
	struct growth_sum sum = { .query = query, .stream = -1, .unpacks = unpacks_modules(query->root) };
	*growth = (struct initrd_growth){ .at_most = query->compression == NULL || query->compression[0] };
	int r = add_all(&sum);
	if (r == 0)
		take_sum(growth, &sum, sum.streamed);
	return r;
}

static const char *const *packer_of(const char *compression)
{
	for (size_t i = 0; i < ARRAY_SIZE(packers); i++)
		if (streq(packers[i].compression, compression))
			return packers[i].pack;
	return NULL;
}

// The last COMPRESS= in a file of shell settings, if there is one.
static void take_setting(int tree, const char *path, char *ret, size_t size)
{
	char text[8192];
	CLEANUP_CLOSE int fd = openat(tree, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	for (const char *at = text; *at; at += strcspn(at, "\n"), at += *at == '\n') {
		if (!starts_with(at, "COMPRESS="))
			continue;
		const char *value = at + strlen("COMPRESS=");
		value += strspn(value, "\"'");
		snprintf(ret, size, "%.*s", (int)strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789"), value);
	}
}

// What the generator compresses with where no initrd shows it: the settings that mkinitramfs puts into the tree, whose
// default is zstd; dracut takes gzip where it finds that.
static void default_compression(const struct growth_query *query, char *ret, size_t size)
{
	CLEANUP_FREE char **names = NULL;
	char path[300];
	snprintf(ret, size, "%s", is_initramfs_tools(query->root) ? "zstd" : "gzip");
	if (query->tree < 0)
		return;
	take_setting(query->tree, "conf/initramfs.conf", ret, size);
	int count = dir_names(query->tree, "conf/conf.d", &names);
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "conf/conf.d/%.255s", names[i]);
		take_setting(query->tree, path, ret, size);
	}
}

static int size_of(int fd, uint64_t *ret)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return -errno;
	*ret = (uint64_t)st.st_size;
	return 0;
}

// Returns a negative errno where it could not be compressed.
static int compress_stream(const char *const *packer, int stream, uint64_t until_us, uint64_t *ret)
{
	CLEANUP_CLOSE int out = memfd_create("packed", MFD_CLOEXEC);
	if (!packer || out < 0 || lseek(stream, 0, SEEK_SET) < 0)
		return -ENODATA;
	int code = program_filter(packer, stream, out, until_us);
	return code == 0 ? size_of(out, ret) : -ENODATA;
}

int growth_measure(struct initrd_growth *growth, const struct growth_query *query, uint64_t until_us)
{
	CLEANUP_CLOSE int stream = memfd_create("initrd", MFD_CLOEXEC);
	struct growth_sum sum = {
		.query = query, .stream = stream, .unpacks = unpacks_modules(query->root), .until_us = until_us
	};
	uint64_t compressed;
	char compression[16];
	*growth = (struct initrd_growth){ .bytes = 0 };
	if (stream < 0)
		return -errno;
	if (query->compression)
		snprintf(compression, sizeof(compression), "%s", query->compression);
	else
		default_compression(query, compression, sizeof(compression));
	int r = add_all(&sum);
	if (r == 0)
		r = size_of(stream, &sum.streamed);
	if (r < 0)
		return r;
	compressed = sum.streamed;
	if (sum.streamed > 0 && compression[0] &&
	    compress_stream(packer_of(compression), stream, until_us, &compressed) < 0) {
		compressed = sum.streamed;
		growth->at_most = true;
	}
	take_sum(growth, &sum, compressed);
	return 0;
}
