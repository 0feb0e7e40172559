// SPDX-License-Identifier: GPL-2.0-or-later
// An archive of names from outside: whoever unpacks it finds them, and what was in them. Lines: a file's path, a link's
// path and its target; the rest is the file's content.
#include "fuzz.h"

#include <errno.h>
#include <stdbool.h>

#include "base/util.h"
#include "tell/capture/tar.h"

#define BLOCK 512

// A field that is full has no NUL.
static size_t field(const char *block, size_t at, size_t size, char *ret)
{
	size_t length = strnlen(block + at, size);
	memcpy(ret, block + at, length);
	ret[length] = '\0';
	return length;
}

// Reads a member as pax(1) describes it. Returns where the next one is.
static const char *check_member(const char *block, char type, const char *path, const char *target, const char *data,
				size_t length)
{
	char name[101], prefix[156], link[101], whole[260], octal[13];
	unsigned sum = 0;
	for (size_t i = 0; i < BLOCK; i++)
		sum += i >= 148 && i < 156 ? ' ' : (unsigned char)block[i];
	field(block, 148, 8, octal);
	CHECK(strtoul(octal, NULL, 8) == sum && memcmp(block + 257, "ustar\00000", 8) == 0 && block[156] == type);
	field(block, 0, 100, name);
	field(block, 157, 100, link);
	field(block, 345, 155, prefix);
	snprintf(whole, sizeof(whole), "%s%s%s", prefix, prefix[0] ? "/" : "", name);
	CHECK(streq(whole, path) && streq(link, target));
	field(block, 124, 12, octal);
	CHECK(strtoull(octal, NULL, 8) == length && (length == 0 || memcmp(block + BLOCK, data, length) == 0));
	return block + BLOCK + (length + BLOCK - 1) / BLOCK * BLOCK;
}

// Whether the format can take a path.
static bool fits(const char *path)
{
	size_t length = strlen(path);
	for (size_t i = 1; length > 100 && i + 1 < length && i <= 155; i++)
		if (path[i] == '/' && length - i - 1 <= 100)
			return true;
	return length <= 100;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = text_of(data, size), *archive = NULL, *rest = text;
	size_t length = 0, left;
	const char *path = strsep(&rest, "\n"), *link = rest ? strsep(&rest, "\n") : "",
		   *target = rest ? strsep(&rest, "\n") : "";
	const char *content = rest ? rest : "";
	left = rest ? size - (size_t)(rest - text) : 0;
	FILE *stream = open_memstream(&archive, &length);
	CHECK(stream);
	int file = tar_add_file(stream, path, content, left), dir = tar_add_dir(stream, path);
	int pointer = tar_add_link(stream, link, target);
	tar_end(stream);
	CHECK(fclose(stream) == 0);

	CHECK(file == (fits(path) ? 0 : -ENAMETOOLONG) && dir == file);
	CHECK(pointer == (fits(link) && strlen(target) <= 100 ? 0 : -ENAMETOOLONG));
	const char *at = archive;
	if (file == 0)
		at = check_member(at, '0', path, "", content, left);
	if (dir == 0)
		at = check_member(at, '5', path, "", "", 0);
	if (pointer == 0)
		at = check_member(at, '2', link, target, "", 0);
	CHECK(at + 2 * BLOCK == archive + length && *at == '\0');
	free(archive);
	free(text);
	return 0;
}
