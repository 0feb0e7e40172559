// SPDX-License-Identifier: GPL-2.0-or-later
// The format: libkmod/libkmod-module_index.c of kmod. A tree of nodes; numbers are big-endian, and a node's offset says
// in its high bits which parts the node has.
#include "read/host/module_index.h"

#include <stdint.h>
#include <string.h>

#define MAGIC         0xB007F457U
#define VERSION_MAJOR 2U
#define HEADER_SIZE   12

#define HAS_PREFIX   0x80000000U
#define HAS_VALUES   0x40000000U
#define HAS_CHILDREN 0x20000000U
#define OFFSET_MASK  0x0FFFFFFFU

#define CHARACTERS 128 // that a child can stand for
#define DEPTH_MAX  256 // depmod's have 20

struct index {
	const unsigned char *data;
	size_t length;
	size_t left; // what the nodes not looked at yet may take: no two share a byte, so a circle ends
};

// Moves *at over some bytes of the node that is being looked at.
static bool take(struct index *index, size_t *at, size_t bytes)
{
	if (bytes > index->length - *at || bytes > index->left)
		return false;
	*at += bytes;
	index->left -= bytes;
	return true;
}

static bool take_text(struct index *index, size_t *at)
{
	const unsigned char *end = memchr(index->data + *at, '\0', index->length - *at);
	return end && take(index, at, (size_t)(end - index->data) - *at + 1);
}

static uint32_t number_at(const struct index *index, size_t at)
{
	const unsigned char *data = index->data + at;
	return (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 | data[3];
}

static bool node_sound(struct index *index, uint32_t node, unsigned depth)
{
	size_t at = node & OFFSET_MASK;
	if (at == 0)
		return true; // no node
	if (at < HEADER_SIZE || at > index->length || depth > DEPTH_MAX)
		return false;
	if (!(node & (HAS_PREFIX | HAS_VALUES | HAS_CHILDREN)))
		return depth == 0; // an empty index
	if ((node & HAS_PREFIX) && !take_text(index, &at))
		return false;

	size_t children = at + 2, count = 0;
	if (node & HAS_CHILDREN) {
		if (!take(index, &at, 2))
			return false;
		unsigned first = index->data[at - 2], last = index->data[at - 1];
		if (first > last || last >= CHARACTERS)
			return false;
		count = last - first + 1;
		if (!take(index, &at, count * 4))
			return false;
	}
	if (node & HAS_VALUES) {
		if (!take(index, &at, 4))
			return false;
		for (uint32_t values = number_at(index, at - 4); values > 0; values--)
			if (!take(index, &at, 4) || !take_text(index, &at))
				return false;
	}
	for (size_t i = 0; i < count; i++)
		if (!node_sound(index, number_at(index, children + i * 4), depth + 1))
			return false;
	return true;
}

bool index_sound(const char *data, size_t length)
{
	struct index index = { .data = (const unsigned char *)data, .length = length, .left = length - HEADER_SIZE };
	return length >= HEADER_SIZE && number_at(&index, 0) == MAGIC && number_at(&index, 4) >> 16 == VERSION_MAJOR &&
		node_sound(&index, number_at(&index, 8), 0);
}
