// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "read/proxmox/mapping.h"

static struct mapping_list list;

static const struct mapping *find(const char *text, const char *id)
{
	assert_int_equal(mapping_parse(&list, text, "pve"), 0);
	return mapping_find(&list, id);
}

#define ENTRY(node, path) "\tmap id=8086:5916,iommugroup=0,node=" node ",path=" path ",subsystem-id=8086:2068\n"

static void plain(void **state)
{
	(void)state;
	const struct mapping *mapping =
		find("igpu\n" ENTRY("pve",
				    "0000:00:02.0") "\tmdev 1\n\n"
						    "nic\n\tdescription the card, in each node\n" ENTRY("other",
													"0000:01:00.0")
							    ENTRY("pve", "0000:02:00") "\n"
										       "empty\n\tmdev 1\n",
		     "igpu");
	assert_non_null(mapping);
	assert_true(mapping->mdev);
	assert_int_equal(mapping->count, 1);
	assert_string_equal(mapping->paths[0], "0000:00:02.0");
	mapping = mapping_find(&list, "nic");
	assert_false(mapping->mdev);
	assert_int_equal(mapping->count, 1);
	assert_string_equal(mapping->paths[0], "0000:02:00");
	assert_int_equal(mapping_find(&list, "empty")->count, 0);
	assert_null(mapping_find(&list, "igp"));
	assert_null(mapping_find(&list, ""));
}

// This node's entries in their order: alternatives.
static void alternatives(void **state)
{
	(void)state;
	const struct mapping *mapping =
		find("igpu\n" ENTRY("pve", "0000:03:00.0") ENTRY("pve2", "0000:04:00.0") ENTRY("pve", "0000:00:02.0")
			     ENTRY("pve", "0000:05:00.0;0000:05:00.1"),
		     "igpu");
	assert_int_equal(mapping->count, 3);
	assert_string_equal(mapping->paths[0], "0000:03:00.0");
	assert_string_equal(mapping->paths[1], "0000:00:02.0");
	assert_string_equal(mapping->paths[2], "0000:05:00.0;0000:05:00.1");
	assert_false(mapping->more);

	char text[8192] = "igpu\n";
	for (unsigned i = 0; i <= MAPPING_ENTRIES_MAX; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "\tmap id=8086:5916,node=pve,path=0000:%02x:00.0\n", i);
	mapping = find(text, "igpu");
	assert_int_equal(mapping->count, MAPPING_ENTRIES_MAX);
	assert_true(mapping->more);
}

static void entries_that_are_not_taken(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"node=pve,path=0000:00:02.0",         // no id
		"id=8086:5916,path=0000:00:02.0",     // no node
		"id=8086:5916,node=pve",              // no path
		"id=8086:5916,node=pve,path=00:02.0", // no domain
		"id=8086:5916,node=pve,path=0000:00:02.0;",
		"id=8086:591,node=pve,path=0000:00:02.0",
		"id=8086-5916,node=pve,path=0000:00:02.0",
		"id=8086:5916,node=pve.local,path=0000:00:02.0",
		"id=8086:5916,node=pve,node=pve,path=0000:00:02.0",
		"id=8086:5916,node=pve,path=0000:00:02.0,subsystem-id=x",
		"id=8086:5916,node=pve,path=0000:00:02.0,iommugroup=x",
		"id=8086:5916, node=pve,path=0000:00:02.0",
		"pve,id=8086:5916,path=0000:00:02.0",
		"id=8086:5916,node=PVE,path=0000:00:02.0",
		"id=8086:5916,node=pve,path=0000:00:02.0,iommugroup=1-2",
		"id=8086:5916,node=pve,path=0000:00:02.0,iommugroup=",
		"id=8086:5916,node=pve,path=0000:00:02.0,colour=red",
		"",
	};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char text[256];
		snprintf(text, sizeof(text), "igpu\n\tmap %s\n" ENTRY("pve", "0000:03:00.0"), bad[i]);
		const struct mapping *mapping = find(text, "igpu");
		assert_int_equal(mapping->count, 1);
		assert_string_equal(mapping->paths[0], "0000:03:00.0");
	}
}

static void headers(void **state)
{
	(void)state;
	assert_null(find("pci: igpu\n" ENTRY("pve", "0000:03:00.0"), "igpu")); // the type is not written here
	assert_null(find("9gpu\n" ENTRY("pve", "0000:03:00.0"), "9gpu"));
	assert_null(find(" igpu\n" ENTRY("pve", "0000:03:00.0"), "igpu"));
	assert_null(find("a\n" ENTRY("pve", "0000:03:00.0"), "a")); // names have two characters or more
	assert_int_equal(find("igpu \r\n" ENTRY("pve", "0000:03:00.0"), "igpu")->count, 1);
	// Without an empty line before it "two" is no header, and its entry is the first one's.
	assert_int_equal(find("one\n" ENTRY("pve", "0000:03:00.0") "two\n" ENTRY("pve", "0000:04:00.0"), "one")->count,
			 2);
	assert_null(mapping_find(&list, "two"));
	// Of two with the same name the last counts.
	assert_string_equal(find("one\n" ENTRY("pve", "0000:03:00.0") "\none\n" ENTRY("pve", "0000:04:00.0"), "one")
				    ->paths[0],
			    "0000:04:00.0");
	assert_int_equal(mapping_find(&list, "one")->count, 1);
}

static void marks(void **state)
{
	(void)state;
	assert_true(find("ig\n\tmdev 1\n", "ig")->mdev);
	assert_true(find("ig\n\tmdev\n", "ig")->mdev);
	assert_false(find("ig\n\tmdev 0\n", "ig")->mdev);
	assert_false(find("ig\n", "ig")->mdev);
	assert_false(find("ig\n\tmdev 0\n\tmdev 1\n", "ig")->mdev); // the first counts
	assert_true(find("ig\n\tmdev x\n\tmdev 1\n", "ig")->mdev);
	assert_false(find("ig\n\tmdev yes\n", "ig")->mdev);
	assert_true(find("ig\n\tmdev no\n\tmdev 1\n", "ig")->mdev);
	assert_false(find("ig\n\tlive-migration-capable 1\n", "ig")->mdev);
}

static void more_than_fit(void **state)
{
	(void)state;
	char *text = calloc(MAPPINGS_MAX + 2, 80);
	assert_non_null(text);
	for (unsigned i = 0; i <= MAPPINGS_MAX; i++)
		sprintf(text + strlen(text), "ig%u\n\tmap id=8086:5916,node=pve,path=0000:00:02.0\n\n", i);
	assert_null(find(text, "ig128"));
	assert_int_equal(list.count, MAPPINGS_MAX);
	assert_int_equal(mapping_find(&list, "ig127")->count, 1);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain),   cmocka_unit_test(alternatives), cmocka_unit_test(entries_that_are_not_taken),
		cmocka_unit_test(headers), cmocka_unit_test(marks),        cmocka_unit_test(more_than_fit),
	};
	return run_group(tests);
}
