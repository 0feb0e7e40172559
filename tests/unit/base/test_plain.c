// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "base/json_text.h"
#include "base/log.h"
#include "base/plain.h"

static void lines(void **state)
{
	(void)state;
	static const struct {
		const char *text, *utf8, *ascii;
	} cases[] = {
		{ "plain ~", "plain ~", "plain ~" },
		{ "a\033[31mb\a\177c\r\n\td", "a [31mb  c   d", "a [31mb  c   d" },
		{ "\xc3\xa4\xe2\x96\x88\xf0\x9f\x98\x80.", "\xc3\xa4\xe2\x96\x88\xf0\x9f\x98\x80.", "???." },
		{ "\xc2\x9b"
		  "31m\xc2\x80\xc2\xa0",
		  "?31m?\xc2\xa0", "?31m??" }, // C1, and what comes right behind it
		{ "\x9b"
		  "31m\x80\xff\xfe",
		  "?31m???", "?31m???" }, // C1 of one byte, bytes of no character
		{ "\xc0\x9b\xe0\x80\x9b\xed\xa0\x80\xf4\x90\x80\x80", "????????????",
		  "????????????" },         // too long, surrogate, too large
		{ "\xe2\x96", "??", "??" }, // cut
		{ "\xe2\x80\xae\xe2\x81\xa7\xe2\x80\xa8\xef\xbb\xbf\xe2\x80\x90", "????\xe2\x80\x90",
		  "?????" }, // direction, lines
	};
	char line[64];
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		plain_line(cases[i].text, true, line, sizeof(line));
		assert_string_equal(line, cases[i].utf8);
		plain_line(cases[i].text, false, line, sizeof(line));
		assert_string_equal(line, cases[i].ascii);
	}
	plain_line("ab\xc3\xa4", true, line, 4); // no room for a half
	assert_string_equal(line, "ab");
}

// Whatever comes, in whatever pieces: the same comes out, and nothing that is not plain.
static void pieces(void **state)
{
	(void)state;
	unsigned seed = 1;
	for (int round = 0; round < 2000; round++) {
		char data[64], whole[128], parts[256];
		size_t length = 0, used = 0, total;
		static const char *const likely[] = { "\033", "\x9b",     "\xc2", "\xc3\xa4", "\xe2\x80",
						      "\xae", "\xf0\x9f", "\n",   "a",        "\177" };
		while (length < sizeof(data) - 4) {
			const char *next = likely[(unsigned)rand_r(&seed) % ARRAY_SIZE(likely)];
			memcpy(data + length, next, strlen(next));
			length += strlen(next);
		}
		data[length++] = '.';
		struct plain one = { .utf8 = round % 2 }, other = one;
		total = plain_take(&one, data, length, whole);
		for (size_t at = 0; at < length;) {
			size_t piece = 1 + (unsigned)rand_r(&seed) % 5;
			piece = piece < length - at ? piece : length - at;
			used += plain_take(&other, data + at, piece, parts + used);
			at += piece;
		}
		assert_int_equal(total, used);
		assert_memory_equal(whole, parts, used);
		for (size_t at = 0; at < total;) {
			int n = plain_character(whole + at, total - at);
			assert_true(n > 0 && (n == 1 || one.utf8));
			assert_true(whole[at] == '\n' || (unsigned char)whole[at] >= ' ');
			assert_true(whole[at] != '\177' && memcmp(whole + at, "\xc2\x9b", 2) != 0);
			at += (size_t)n;
		}
	}
}

static void the_kernel_log(void **state)
{
	(void)state;
	char dir[] = "/tmp/test_plain.XXXXXX", text[128] = "";
	assert_non_null(mkdtemp(dir));
	int fd = open(dir, O_RDONLY | O_DIRECTORY), kmsg = openat(fd, "kmsg", O_RDWR | O_CREAT, 0600);
	assert_true(kmsg >= 0);
	unsetenv("LC_ALL");
	unsetenv("LC_CTYPE");
	setenv("LANG", "C", 1);
	log_to_kernel(fd);
	log_line(LOG_ERR,
		 "a\033[2J\a\177\x9b"
		 "31m\xc2\x9b\nb\xc3\xa4");
	log_to_kernel(-1);
	assert_true(read(kmsg, text, sizeof(text) - 1) > 0);
	assert_string_equal(text, "<3>gvt-early: a [2J  ?31m? b?\n");
	unlinkat(fd, "kmsg", 0);
	rmdir(dir);
	close(kmsg);
	close(fd);
}

static void json(void **state)
{
	(void)state;
	json_t *text = json_text("driver\xff\x9b \xc3\xa4\x1b\xe2\x96");
	assert_string_equal(json_string_value(text), "driver?? \xc3\xa4\x1b??");
	json_decref(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(pieces),
		cmocka_unit_test(the_kernel_log),
		cmocka_unit_test(json),
	};
	return run_group(tests);
}
