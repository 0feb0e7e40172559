// SPDX-License-Identifier: GPL-2.0-or-later
// The format: libkmod/libkmod-module_index.c of kmod. A tree of nodes; numbers are big-endian, and a node's offset says
// in its high bits which parts the node has.
#include "read/host/module_index.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/util.h"

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

// The parts of a node. What is not there has a count of 0.
struct node {
	const char *prefix;
	size_t children; // where their offsets are: one for each character from first on
	size_t child_count;
	unsigned char first;
	uint32_t value_count;
};

// Takes all parts of a node that are its own.
static bool take_node(struct index *index, uint32_t offset, struct node *node)
{
	size_t at = offset & OFFSET_MASK;
	*node = (struct node){ .prefix = "" };
	if (at < HEADER_SIZE || at > index->length)
		return false;
	if (offset & HAS_PREFIX) {
		node->prefix = (const char *)index->data + at;
		if (!take_text(index, &at))
			return false;
	}
	if (offset & HAS_CHILDREN) {
		if (!take(index, &at, 2))
			return false;
		unsigned first = index->data[at - 2], last = index->data[at - 1];
		if (first > last || last >= CHARACTERS)
			return false;
		node->first = (unsigned char)first;
		node->child_count = last - first + 1;
		node->children = at;
		if (!take(index, &at, node->child_count * 4))
			return false;
	}
	if (offset & HAS_VALUES) {
		if (!take(index, &at, 4))
			return false;
		node->value_count = number_at(index, at - 4);
		for (uint32_t values = node->value_count; values > 0; values--)
			if (!take(index, &at, 4) || !take_text(index, &at))
				return false;
	}
	return true;
}

static bool node_sound(struct index *index, uint32_t offset, unsigned depth)
{
	struct node node;
	if ((offset & OFFSET_MASK) == 0)
		return true; // no node
	if (!take_node(index, offset, &node) || depth > DEPTH_MAX)
		return false;
	if (!(offset & (HAS_PREFIX | HAS_VALUES | HAS_CHILDREN)))
		return depth == 0; // an empty index
	for (size_t i = 0; i < node.child_count; i++)
		if (!node_sound(index, number_at(index, node.children + i * 4), depth + 1))
			return false;
	return true;
}

static bool begin(struct index *index, const char *data, size_t length)
{
	*index = (struct index){ .data = (const unsigned char *)data, .length = length, .left = length - HEADER_SIZE };
	return length >= HEADER_SIZE && number_at(index, 0) == MAGIC && number_at(index, 4) >> 16 == VERSION_MAJOR;
}

bool index_sound(const char *data, size_t length)
{
	struct index index;
	return begin(&index, data, length) && node_sound(&index, number_at(&index, 8), 0);
}

int index_look_up(const char *data, size_t length, const char *key)
{
	struct index index;
	struct node node;
	if (!begin(&index, data, length))
		return -EBADMSG;
	uint32_t offset = number_at(&index, 8);
	while (offset & OFFSET_MASK) {
		if (!take_node(&index, offset, &node))
			return -EBADMSG;
		if (!starts_with(key, node.prefix))
			return 0;
		key += strlen(node.prefix);
		if (!*key)
			return node.value_count > 0;
		size_t child = (size_t)((unsigned char)*key - node.first);
		if (child >= node.child_count)
			return 0;
		offset = number_at(&index, node.children + child * 4);
		key++;
	}
	return 0;
}
