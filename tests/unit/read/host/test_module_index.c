// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include <errno.h>

#include "read/host/module_index.h"

// "ab" stands for one value and "ac" for another. Offset: content.
static const unsigned char good[] = {
	0xb0,         0x07, 0xf4, 0x57, 0,    2, 0, 1,  0xa0, 0,   0,   38,        //
	/* 12 */ 0,   0,    0,    1,    0,    0, 0, 0,  'x',  '.', 'k', 'o', '\0', //
	/* 25 */ 0,   0,    0,    1,    0,    0, 0, 7,  'y',  '.', 'k', 'o', '\0', //
	/* 38 */ 'a', '\0', 'b',  'c',  0x40, 0, 0, 12, 0x40, 0,   0,   25,
};

// What index_sound() says when the byte at an offset is another one.
static bool sound_with(size_t at, unsigned char byte)
{
	char data[sizeof(good)];
	memcpy(data, good, sizeof(good));
	data[at] = (char)byte;
	return index_sound(data, sizeof(data));
}

static void sound(void **state)
{
	(void)state;
	assert_true(index_sound((const char *)good, sizeof(good)));
	assert_true(sound_with(7, 9));  // a minor version
	assert_true(sound_with(49, 0)); // a child that is not there
	assert_true(sound_with(11, 0)); // no tree

	static const char empty[12] = "\xb0\x07\xf4\x57\x00\x02\x00\x01\x00\x00\x00\x0c";
	assert_true(index_sound(empty, sizeof(empty)));
}

static void damaged(void **state)
{
	(void)state;
	for (size_t length = 0; length < sizeof(good); length++)
		assert_false(index_sound((const char *)good, length));
	assert_false(sound_with(3, 0x58)); // the magic number
	assert_false(sound_with(5, 3));    // the major version
	assert_false(sound_with(11, 11));  // the root within the header
	assert_false(sound_with(11, 200)); // behind the end
	assert_false(sound_with(15, 2));   // more values than there are
	assert_false(sound_with(12, 0xff));
	assert_false(sound_with(49, 'x'));  // the text of another node goes on to the end
	assert_false(sound_with(40, 'd'));  // the first child behind the last
	assert_false(sound_with(41, 0xff)); // one that no character stands for
}

// What index_look_up() says of a key when the byte at an offset is another one.
static int look_up_with(const char *key, size_t at, unsigned char byte)
{
	char data[sizeof(good)];
	memcpy(data, good, sizeof(good));
	data[at] = (char)byte;
	return index_look_up(data, sizeof(data), key);
}

static void looked_up(void **state)
{
	(void)state;
	static const char *const absent[] = { "", "a", "aa", "ad", "abc", "b" };
	assert_int_equal(look_up_with("ab", 0, good[0]), 1);
	assert_int_equal(look_up_with("ac", 0, good[0]), 1);
	for (size_t i = 0; i < ARRAY_SIZE(absent); i++)
		assert_int_equal(look_up_with(absent[i], 0, good[0]), 0);
	assert_int_equal(look_up_with("ab", 11, 0), 0); // no tree
	// Damage counts only where the search comes by.
	assert_int_equal(look_up_with("ab", 12, 0xff), -EBADMSG);
	assert_int_equal(look_up_with("ac", 12, 0xff), 1);
	assert_int_equal(look_up_with("ac", 49, 'x'), -EBADMSG);
	assert_int_equal(look_up_with("b", 41, 0xff), -EBADMSG);
	assert_int_equal(look_up_with("b", 3, 0x58), -EBADMSG);
	for (size_t length = 0; length < sizeof(good); length++)
		assert_int_equal(index_look_up((const char *)good, length, "ac"), -EBADMSG);

	char circle[sizeof(good)];
	memcpy(circle, good, sizeof(good));
	memcpy(circle + 42, good + 8, 4); // the root is its own child
	assert_int_equal(index_look_up(circle, sizeof(circle), "ababababababababababab"), -EBADMSG);
}

// Each would keep libkmod busy for ever.
static void circles(void **state)
{
	(void)state;
	char data[sizeof(good)];
	memcpy(data, good, sizeof(good));
	memcpy(data + 42, good + 8, 4); // the root is its own child
	assert_false(index_sound(data, sizeof(data)));

	// A child shared by all of a node's children, level by level: 2^60 ways to the last one.
	unsigned char shared[12 + 60 * 10] = { 0xb0, 0x07, 0xf4, 0x57, 0, 2, 0, 1, 0x20, 0, 0, 12 };
	for (unsigned level = 0; level < 60; level++) {
		unsigned next = level < 59 ? 12 + (level + 1) * 10 : 0;
		unsigned char *node = shared + 12 + level * 10;
		node[0] = 'a', node[1] = 'b';
		node[2] = node[6] = 0x20;
		node[4] = node[8] = (unsigned char)(next >> 8);
		node[5] = node[9] = (unsigned char)next;
	}
	assert_false(index_sound((const char *)shared, sizeof(shared)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sound),
		cmocka_unit_test(damaged),
		cmocka_unit_test(looked_up),
		cmocka_unit_test(circles),
	};
	return run_group(tests);
}
