// SPDX-License-Identifier: GPL-2.0-or-later
// Which entry systemd-boot boots, and how it sorts them.
#include "helper.h"

#include "base/version.h"
#include "read/boot/loader_entries.h"

static void order(const char *older, const char *newer)
{
	if (version_compare(older, newer) >= 0 || version_compare(newer, older) <= 0)
		fail_msg("%s is not older than %s", older, newer);
}

// The examples of the specification, and kernels that "sort -V" sorts otherwise.
static void versions(void **state)
{
	(void)state;
	order("11", "12");
	order("1_", "1a");
	order("0_", "1");
	order("11", "11.1");
	order("122.1", "123~rc1-1");
	order("123~rc1-1", "123");
	order("123", "123-a");
	order("123-a", "123-a.1");
	order("123-a.1", "123-a1");
	order("123-a1", "123-1");
	order("123-1", "123-1.1");
	order("123-1.1", "123^post1");
	order("123^post1", "123.a-1");
	order("123.a-1", "123.1-1");
	order("123.1-1", "123a-1");
	order("123a-1", "124-1");
	order("6.8.12-8-pve", "6.8.12-10-pve");
	order("6.14.0-rc3-1-pve", "6.14.0-1-pve");
	order("6.12.1-pve", "6.12.1+deb13-amd64");
	order("000", "1");
	assert_int_equal(version_compare("0012", "12"), 0);
	assert_int_equal(version_compare("1_.2", "1.2"), 0);
	assert_int_equal(version_compare("", ""), 0);
}

static struct loader_list list;
static struct loader_variables variables;
static struct boot_entry chosen;

static void put_entry(struct tree *tree, const char *name, const char *release, const char *more)
{
	char path[128], text[512];
	snprintf(path, sizeof(path), "loader/entries/%s", name);
	snprintf(
		text, sizeof(text),
		"# made by a test\ntitle  A title\nversion %s\noptions root=/dev/sda1\nlinux /k/vmlinuz-%s\ninitrd /k/initrd-%s\n%s",
		release, release, release, more);
	tree_put(tree, path, text);
	snprintf(path, sizeof(path), "k/vmlinuz-%s", release);
	tree_put(tree, path, "");
}

static const char *choose(struct tree *tree)
{
	memset(&chosen, 0, sizeof(chosen));
	list = (struct loader_list){ .count = 0 };
	assert_int_equal(loader_list_add(&list, tree->root.fs, "", 0), 0);
	(void)loader_choose(&list, &variables, &chosen);
	loader_list_free(&list);
	return chosen.trouble[0] ? chosen.trouble : chosen.release;
}

static void ways(void **state)
{
	struct tree *tree = *state;
	variables = (struct loader_variables){ .once = "" };
	assert_has(choose(tree), "no entry");
	assert_true(chosen.nothing);
	put_entry(tree, "proxmox-6.8.12-8-pve.conf", "6.8.12-8-pve", "options quiet\n");
	put_entry(tree, "proxmox-6.8.12-10-pve.conf", "6.8.12-10-pve", "");
	put_entry(tree, "zz.conf", "6.1", "");
	assert_string_equal(choose(tree), "6.1"); // by id, without a default
	tree_put(tree, "loader/loader.conf",
		 "timeout 3\n#default x\ndefault proxmox-6.8.12-8-pve.conf\ndefault   proxmox-*  \n");
	assert_string_equal(choose(tree), "6.8.12-10-pve");
	assert_string_equal(chosen.chosen_by, "loader.conf: proxmox-*");
	assert_string_equal(chosen.initrd, "/k/initrd-6.8.12-10-pve");
	tree_put(tree, "loader/loader.conf", "default PROXMOX-6.8.12-8-pve.conf\n");
	assert_string_equal(choose(tree), "6.8.12-8-pve");
	assert_string_equal(chosen.words, "root=/dev/sda1 quiet"); // several lines are one
	tree_put(tree, "loader/loader.conf", "default not-there-*\n");
	assert_string_equal(choose(tree), "6.1");
	tree_put(tree, "loader/loader.conf", "default @saved\n");
	strcpy(variables.last_booted, "proxmox-6.8.12-8-pve.conf");
	assert_string_equal(choose(tree), "6.8.12-8-pve");
	strcpy(variables.always, "zz.conf");
	assert_string_equal(choose(tree), "6.1");
	assert_string_equal(chosen.chosen_by, "LoaderEntryDefault: zz.conf");
	strcpy(variables.once, "proxmox-6.8.12-1?-pve.conf");
	assert_string_equal(choose(tree), "6.8.12-10-pve");
	strcpy(variables.unread, "the EFI variable LoaderEntryOneShot: Input/output error");
	assert_has(choose(tree), "Input/output error");
	assert_false(chosen.nothing);
}

// What the loader does not list.
static void passed(void **state)
{
	struct tree *tree = *state;
	variables = (struct loader_variables){ .once = "" };
	put_entry(tree, "a.conf", "6.1", "");
	put_entry(tree, "b.conf", "6.2", "architecture aa64\n");
	put_entry(tree, "auto-c.conf", "6.3", "");
	put_entry(tree, ".d.conf", "6.4", "");
	put_entry(tree, "e.txt", "6.5", "");
	tree_put(tree, "loader/entries/f.conf", "linux /k/gone\n");
	tree_put(tree, "loader/entries/g.conf", "title x\n");
	assert_string_equal(choose(tree), "6.1");
	// A release becomes part of paths.
	put_entry(tree, "z.conf", "6.9", "version 6/../../etc\nlinux /k/vmlinuz-6.9/../vmlinuz-6.9\n");
	assert_has(choose(tree), "6.1");
	tree_put(tree, "loader/entries/z.conf", "version 6/../../etc\nlinux /k/linux\n");
	tree_put(tree, "k/linux", "");
	assert_string_equal(choose(tree), "");
	tree_put(tree, "loader/entries/z.conf", "");
	tree_put(tree, "EFI/Linux/one.efi", "");
	assert_has(choose(tree), "unified kernel image");
	tree_put(tree, "loader/loader.conf", "default a.conf\n");
	assert_string_equal(choose(tree), "6.1");
	tree_dir(tree, "loader/entries/x.conf");
	assert_has(choose(tree), "x.conf: Is a directory");
}

static void counting(void **state)
{
	struct tree *tree = *state;
	variables = (struct loader_variables){ .once = "" };
	put_entry(tree, "b+0-3.conf", "6.2", "sort-key debian\n");
	put_entry(tree, "a+3.conf", "6.1", "sort-key debian\n");
	assert_string_equal(choose(tree), "6.1"); // the other one was given up
	tree_put(tree, "loader/loader.conf", "default b.conf\n");
	assert_string_equal(choose(tree), "6.2");
}

static void keys(void **state)
{
	struct tree *tree = *state;
	variables = (struct loader_variables){ .once = "" };
	put_entry(tree, "zz.conf", "6.1", "");
	put_entry(tree, "a-6.8.conf", "6.8", "sort-key debian\nmachine-id 0123\n");
	put_entry(tree, "b-6.9.conf", "6.9", "sort-key debian\nmachine-id 0123\n");
	put_entry(tree, "c-6.7.conf", "6.7", "sort-key zorin\n");
	assert_string_equal(choose(tree), "6.9"); // those with a key first, then the newest
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions), tree_test(ways), tree_test(passed), tree_test(counting), tree_test(keys),
	};
	return run_group(tests);
}
