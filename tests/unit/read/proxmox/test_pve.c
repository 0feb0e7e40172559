// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "read/proxmox/pve.h"

static void booleans(void **state)
{
	(void)state;
	static const char *const yes[] = { "1", "on", "yes", "true", "On", "YES", "tRUE" },
				 *const no[] = { "0", "off", "no", "false", "OFF", "No" },
				 *const neither[] = { "", "2", "y", "01", "yes ", " 1", "truely" };
	for (size_t i = 0; i < ARRAY_SIZE(yes); i++)
		assert_int_equal(pve_parse_boolean(yes[i]), 1);
	for (size_t i = 0; i < ARRAY_SIZE(no); i++)
		assert_int_equal(pve_parse_boolean(no[i]), 0);
	for (size_t i = 0; i < ARRAY_SIZE(neither); i++)
		assert_int_equal(pve_parse_boolean(neither[i]), -EINVAL);
}

static void numbers(void **state)
{
	(void)state;
	unsigned value = 7;
	assert_int_equal(pve_parse_number("100", 100, 999, &value), 0);
	assert_int_equal(value, 100);
	assert_int_equal(pve_parse_number("0100", 100, 999, &value), 0);
	static const char *const bad[] = { "", "-1", "+1", " 1", "1 ", "1x", "0x10" },
				 *const far[] = { "99", "1000", "4294967396" };
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(pve_parse_number(bad[i], 0, 999, &value), -EINVAL);
	for (size_t i = 0; i < ARRAY_SIZE(far); i++)
		assert_int_equal(pve_parse_number(far[i], 100, 999, &value), -ERANGE);
}

static void names(void **state)
{
	(void)state;
	static const char *const ids[] = { "ig", "iGPU", "a-b_c9", "Z0" };
	static const char *const not_ids[] = { "", "a", "9a", "_a", "-a", "a b", "a:b", "a/b", "igp\xc3\xbc" };
	static const char *const nodes[] = { "p", "pve", "PVE-1", "9", "a--b" };
	static const char *const not_nodes[] = { "", "-", "-a", "a-", "a.b", "a_b", "a/b", ".." };
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		assert_true(pve_is_id(ids[i]));
	for (size_t i = 0; i < ARRAY_SIZE(not_ids); i++)
		assert_false(pve_is_id(not_ids[i]));
	for (size_t i = 0; i < ARRAY_SIZE(nodes); i++)
		assert_true(pve_is_node(nodes[i]));
	for (size_t i = 0; i < ARRAY_SIZE(not_nodes); i++)
		assert_false(pve_is_node(not_nodes[i]));
	char longest[PVE_ID_SIZE + 1];
	memset(longest, 'a', sizeof(longest));
	longest[PVE_ID_SIZE] = '\0';
	assert_false(pve_is_id(longest) || pve_is_node(longest));
	longest[PVE_ID_SIZE - 1] = '\0';
	assert_true(pve_is_id(longest));
	assert_false(pve_is_node(longest));
	longest[PVE_NODE_SIZE - 1] = '\0';
	assert_true(pve_is_node(longest));
}

static void addresses(void **state)
{
	(void)state;
	static const char *const full[] = { "0000:00:02.0", "0000:00:02", "10000:ff:1f.f", "0000:00:02.0;0000:03:00" },
				 *const brief[] = { "00:02.0", "00:02", "00:02;03:00.1", "0000:00:02.0;03:00" },
				 *const bad[] = { "",       "02.0",       "00:02.", "00:02.10",     "00:02.g",
						  "0:02.0", "000:00:02",  "00:2.0", "00:02.0;",     ";00:02.0",
						  "00:02 ", "0000:00:AF", "00-02",  "00:02;;03:00", "00:02.0,03:00" };
	for (size_t i = 0; i < ARRAY_SIZE(full); i++)
		assert_true(pve_is_address_list(full[i], true) && pve_is_address_list(full[i], false));
	for (size_t i = 0; i < ARRAY_SIZE(brief); i++)
		assert_true(pve_is_address_list(brief[i], false) && !pve_is_address_list(brief[i], true));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(pve_is_address_list(bad[i], false) || pve_is_address_list(bad[i], true));
}

static void properties(void **state)
{
	(void)state;
	struct pve_properties list;
	char text[] = "00:02.0,mdev=a=b, ,pcie=1,,romfile= x ";
	assert_int_equal(pve_parse_properties(&list, text, "host"), 0);
	assert_int_equal(list.count, 4);
	assert_string_equal(pve_property(&list, "host"), "00:02.0");
	assert_string_equal(pve_property(&list, "mdev"), "a=b");
	assert_string_equal(pve_property(&list, "romfile"), " x ");
	assert_null(pve_property(&list, "x"));
	char blank[] = " mdev=x"; // blanks belong to the key
	assert_int_equal(pve_parse_properties(&list, blank, NULL), 0);
	assert_null(pve_property(&list, "mdev"));
	char empty[] = "";
	assert_int_equal(pve_parse_properties(&list, empty, NULL), 0);
	assert_int_equal(list.count, 0);

	static const char *const bad[] = { "a=1,a=2", "x,y", "x,host=y", "host=x,y", "=x", "a=", "x,=y" };
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char copy[32];
		strcpy(copy, bad[i]);
		assert_int_equal(pve_parse_properties(&list, copy, "host"), -EINVAL);
	}
	char alone[] = "x";
	assert_int_equal(pve_parse_properties(&list, alone, NULL), -EINVAL);
	char many[PVE_PROPERTIES_MAX * 8] = "";
	for (unsigned i = 0; i <= PVE_PROPERTIES_MAX; i++)
		snprintf(many + strlen(many), sizeof(many) - strlen(many), "k%u=1,", i);
	assert_int_equal(pve_parse_properties(&list, many, NULL), -EINVAL);
}

//
// Files of sections: what is read, as one line of text
//

static char seen[1024];

static void note(const char *format, ...) PRINTF(1, 2);
static void note(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), format, args);
	va_end(args);
}

static enum pve_header header(void *data, const char *line)
{
	(void)data;
	note("[%s]", line);
	return starts_with(line, "skip") ? PVE_SKIPPED : starts_with(line, "not") ? PVE_NO_HEADER : PVE_SECTION;
}

static void key(void *data, const char *name, const char *value, unsigned line)
{
	(void)data;
	note("%u:%s=%s;", line, name, value);
}

static void assert_sections(const char *text, const char *expected)
{
	static const struct pve_reader reader = { .header = header, .key = key };
	seen[0] = '\0';
	assert_int_equal(pve_read_sections(text, &reader, NULL), 0);
	assert_string_equal(seen, expected);
}

static void sections(void **state)
{
	(void)state;
	assert_sections("", "");
	assert_sections("a\n\tk v\n\tflag\n\n\nb\n  k  two words \t\r\n", "[a]2:k=v;3:flag=;[b]7:k=two words;");
	assert_sections("# c\na\n # c\n\tk v\n#\n\tl w", "[a]4:k=v;6:l=w;");
	// Without an empty line between them the second is no section of its own.
	assert_sections("a\n\tk v\nb\n\tl w\n", "[a]2:k=v;4:l=w;");
	assert_sections("a\n\tk v\n \t\n\tl w\n", "[a]2:k=v;4:l=w;"); // blanks are not empty
	assert_sections("a\n0\nb\n", "[a][b]");
	assert_sections("skip\n\tk v\n\na\n\tk v\n", "[skip][a]5:k=v;");
	assert_sections("not\nnot either\na\n\tk v\n", "[not][not either][a]4:k=v;");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(booleans),  cmocka_unit_test(numbers),    cmocka_unit_test(names),
		cmocka_unit_test(addresses), cmocka_unit_test(properties), cmocka_unit_test(sections),
	};
	return run_group(tests);
}
