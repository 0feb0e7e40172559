// SPDX-License-Identifier: GPL-2.0-or-later
#include "tell/capture/tar.h"

#include <errno.h>

#define BLOCK          512
#define SIZE_MAX_OCTAL 077777777777ULL // eleven digits

// pax(1), "ustar Interchange Format".
struct header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100], magic[6],
		version[2], user[32], group[32], major[8], minor[8], prefix[155], padding[12];
};
_Static_assert(sizeof(struct header) == BLOCK, "a header is one block");

static void put(char *field, size_t size, const char *text)
{
	memcpy(field, text, strnlen(text, size)); // a field that is full has no NUL
}

static void put_octal(char *field, size_t size, unsigned long long number)
{
	for (size_t i = size - 1; i-- > 0; number /= 8)
		field[i] = (char)('0' + number % 8);
}

// The name's part that does not fit goes before the last '/' that makes both fit.
static int put_path(struct header *header, const char *path)
{
	size_t length = strlen(path);
	if (length <= sizeof(header->name)) {
		put(header->name, sizeof(header->name), path);
		return 0;
	}
	for (const char *slash = path + length - sizeof(header->name) - 1; (slash = strchr(slash, '/')); slash++) {
		if ((size_t)(slash - path) > sizeof(header->prefix))
			break;
		if (slash == path || !slash[1])
			continue;
		memcpy(header->prefix, path, (size_t)(slash - path));
		put(header->name, sizeof(header->name), slash + 1);
		return 0;
	}
	return -ENAMETOOLONG;
}

static int add(FILE *stream, char type, const char *path, const char *target, size_t length)
{
	struct header header = { .type = type };
	int r = put_path(&header, path);
	if (r < 0 || strlen(target) > sizeof(header.link))
		return -ENAMETOOLONG;
	if (length > SIZE_MAX_OCTAL)
		return -EFBIG;
	put(header.link, sizeof(header.link), target);
	put(header.magic, sizeof(header.magic), "ustar");
	put(header.version, sizeof(header.version), "00");
	put_octal(header.mode, sizeof(header.mode), type == '5' ? 0755 : type == '2' ? 0777 : 0644);
	put_octal(header.uid, sizeof(header.uid), 0);
	put_octal(header.gid, sizeof(header.gid), 0);
	put_octal(header.size, sizeof(header.size), length);
	put_octal(header.mtime, sizeof(header.mtime), 0);
	memset(header.checksum, ' ', sizeof(header.checksum));

	unsigned sum = 0;
	for (size_t i = 0; i < sizeof(header); i++)
		sum += ((const unsigned char *)&header)[i];
	put_octal(header.checksum, sizeof(header.checksum) - 1, sum);
	header.checksum[6] = '\0';
	fwrite(&header, sizeof(header), 1, stream);
	return 0;
}

int tar_add_file(FILE *stream, const char *path, const void *data, size_t length)
{
	static const char zeros[BLOCK];
	int r = add(stream, '0', path, "", length);
	if (r < 0 || length == 0)
		return r;
	fwrite(data, 1, length, stream);
	fwrite(zeros, 1, (BLOCK - length % BLOCK) % BLOCK, stream);
	return 0;
}

int tar_add_dir(FILE *stream, const char *path)
{
	return add(stream, '5', path, "", 0);
}

int tar_add_link(FILE *stream, const char *path, const char *target)
{
	return add(stream, '2', path, target, 0);
}

void tar_end(FILE *stream)
{
	static const char zeros[2 * BLOCK];
	fwrite(zeros, 1, sizeof(zeros), stream);
}
