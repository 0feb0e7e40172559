// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/boot/cpio.h"

#include <ctype.h>

#define MAGIC          "070701"
#define MAGIC_CHECKSUM "070702" // with a checksum of each member, which the kernel does not look at
#define MAGIC_LENGTH   6
#define FIELD_LINKS    4
#define FIELD_SIZE     6
#define FIELD_NAMESIZE 11
#define TRAILER        "TRAILER!!!"

void cpio_begin(struct cpio *cpio)
{
	cpio->state = CPIO_HEADER;
	cpio->have = 0;
}

void cpio_free(struct cpio *cpio)
{
	free(cpio->content);
	cpio->content = NULL;
}

static bool take_number(const char *head, unsigned index, size_t *ret)
{
	char digits[9];
	memcpy(digits, head + MAGIC_LENGTH + (size_t)index * 8, 8);
	digits[8] = '\0';
	for (unsigned i = 0; i < 8; i++)
		if (!isxdigit((unsigned char)digits[i]))
			return false;
	*ret = strtoul(digits, NULL, 16);
	return true;
}

static size_t gather(char *to, size_t *have, size_t all, const char *bytes, size_t length)
{
	size_t n = all - *have < length ? all - *have : length;
	memcpy(to + *have, bytes, n);
	*have += n;
	return n;
}

static size_t take_header(struct cpio *cpio, const char *bytes, size_t length)
{
	size_t n = gather(cpio->head, &cpio->have, sizeof(cpio->head), bytes, length);
	if (cpio->have < sizeof(cpio->head))
		return n;
	bool good = (memcmp(cpio->head, MAGIC, MAGIC_LENGTH) == 0 ||
		     memcmp(cpio->head, MAGIC_CHECKSUM, MAGIC_LENGTH) == 0) &&
		take_number(cpio->head, FIELD_SIZE, &cpio->size) &&
		take_number(cpio->head, FIELD_LINKS, &cpio->links) &&
		take_number(cpio->head, FIELD_NAMESIZE, &cpio->name_size) && cpio->name_size > 0;
	cpio->state = good ? CPIO_NAME : CPIO_BROKEN;
	cpio->have = 0;
	return n;
}

static void begin_content(struct cpio *cpio)
{
	bool fits = cpio->name_size <= sizeof(cpio->name);
	cpio->name[fits ? cpio->name_size - 1 : 0] = '\0';
	cpio->have = 0;
	cpio->state = streq(cpio->name, TRAILER) ? CPIO_END : CPIO_DATA;
	if (cpio->state == CPIO_END || !fits || cpio->size == 0 || cpio->size > cpio->wanted(cpio->data, cpio->name))
		return;
	cpio->content = malloc(cpio->size + 1);
	cpio->oom |= !cpio->content;
}

static size_t take_name(struct cpio *cpio, const char *bytes, size_t length)
{
	size_t all =
		((CPIO_HEADER_SIZE + cpio->name_size + 3) & ~3UL) - CPIO_HEADER_SIZE; // filled up to a multiple of 4
	size_t n = all - cpio->have < length ? all - cpio->have : length;
	for (size_t i = 0; i < n && cpio->have + i < sizeof(cpio->name); i++)
		cpio->name[cpio->have + i] = bytes[i];
	cpio->have += n;
	if (cpio->have == all)
		begin_content(cpio);
	return n;
}

static size_t take_content(struct cpio *cpio, const char *bytes, size_t length)
{
	size_t n = cpio->size - cpio->have < length ? cpio->size - cpio->have : length;
	if (cpio->content)
		memcpy(cpio->content + cpio->have, bytes, n);
	cpio->have += n;
	if (cpio->have == cpio->size) {
		cpio->padding = (4 - cpio->size % 4) % 4;
		cpio->state = CPIO_PADDING;
	}
	return n;
}

static size_t take_padding(struct cpio *cpio, size_t length)
{
	size_t n = cpio->padding < length ? cpio->padding : length;
	cpio->padding -= n;
	if (cpio->padding > 0)
		return n;
	if (cpio->content)
		cpio->content[cpio->size] = '\0';
	cpio->take(cpio->data, cpio->name, &cpio->content, cpio->size);
	cpio_free(cpio);
	cpio_begin(cpio);
	return n;
}

// A state may end without a byte: an empty file, no padding.
static bool is_due(const struct cpio *cpio)
{
	return (cpio->state == CPIO_DATA && cpio->have == cpio->size) ||
		(cpio->state == CPIO_PADDING && cpio->padding == 0);
}

size_t cpio_feed(struct cpio *cpio, const char *bytes, size_t length)
{
	size_t used = 0;
	while (used < length || is_due(cpio)) {
		switch (cpio->state) {
		case CPIO_HEADER:
			used += take_header(cpio, bytes + used, length - used);
			break;
		case CPIO_NAME:
			used += take_name(cpio, bytes + used, length - used);
			break;
		case CPIO_DATA:
			used += take_content(cpio, bytes + used, length - used);
			break;
		case CPIO_PADDING:
			used += take_padding(cpio, length - used);
			break;
		case CPIO_END:
		case CPIO_BROKEN:
			return used;
		}
	}
	return used;
}
