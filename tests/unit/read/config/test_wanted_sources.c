// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include <errno.h>

#include "base/clock.h"
#include "base/replay.h"
#include "read/config/remembered_guests.h"
#include "read/config/wanted_sources.h"

#define NODE_DIR PVE_DIR "/nodes/pve/qemu-server"
#define MDEV     "hostpci0: 0000:00:02.0,mdev=i915-GVTg_V5_4\n"
#define FIRST    "# gvt-early guests 1, written by the program\n"

static struct config config;
static struct tree *tree;

static int setup(void **state)
{
	(void)tree_setup(state);
	tree = *state;
	tree_put(tree, "etc/hostname", "pve\n");
	tree_dir(tree, "var/lib");
	tree_dir(tree, PVE_CLUSTER_DIR);
	config_init(&config);
	return 0;
}

static int teardown(void **state)
{
	config_free(&config);
	return tree_teardown(state);
}

static void put_guest(unsigned vmid, const char *text)
{
	char path[128];
	snprintf(path, sizeof(path), NODE_DIR "/%u.conf", vmid);
	tree_put(tree, path, text);
}

// Everything anew, with these lines in gvt-early.conf.
static void read_all(const char *ours, bool remember)
{
	tree_put(tree, CONFIG_FILE, ours);
	config_free(&config);
	assert_int_equal(config_read(&config, &tree->root, false), 0);
	assert_int_equal(sources_add_guests(&config, &tree->root, UINT64_MAX, remember), 0);
}

// Which guests are wanted, in their order: "100 101".
static void assert_wanted(const char *ours, const char *expected)
{
	char got[256] = "";
	read_all(ours, false);
	for (size_t i = 0; i < config.wanted.count; i++) {
		unsigned vmid = 0, index;
		(void)wanted_is_guest(config.wanted.items[i].uuid, &vmid, &index);
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%u", i ? " " : "", vmid);
	}
	assert_string_equal(got, expected);
}

static void which_guests(void **state)
{
	(void)state;
	put_guest(100, MDEV);
	put_guest(101, "onboot: 1\n" MDEV);
	put_guest(102, "onboot: 1\nstartup: order=1\n" MDEV);
	put_guest(103, "hostpci0: 0000:00:02.0,mdev=i915-GVTg_V5_4,driver=keep\n");
	put_guest(104, "onboot: 1\ntemplate: 1\n" MDEV);
	assert_wanted("", "102 101 103");
	assert_wanted("[settings]\nguests = boot\n", "102 101 103");
	assert_wanted("[settings]\nguests = all\n", "102 100 101 103");
	assert_wanted("[settings]\nguests = none\n", "");
	assert_wanted("[settings]\nguests = 100 101\n", "100 101 103");
	assert_int_equal(config.problem_count + config.warnings.count, 0);
	// Our own come first.
	assert_wanted("[guest 200]\nhostpci0 = i915-GVTg_V5_8\n", "200 102 101 103");
	// A number that leads to nothing.
	assert_wanted("[settings]\nguests = 100 104\n", "100 103");
	assert_int_equal(config.warnings.count, 1);
	assert_has(config.warnings.items[0].text, ":2: 'guests' lists 104, but this node has no guest 104 with a vGPU");
	assert_starts(config.warnings.items[0].fix, "remove 104 from 'guests' in /");
	assert_int_equal(config.warnings.items[0].entry, 0);
}

// Only what is wanted is told of.
static void mistakes(void **state)
{
	(void)state;
	put_guest(100,
		  "hostpci0: mapping=none,mdev=i915-GVTg_V5_4\nhostpci1: 00:02.0,mdev=i915-GVTg_V5_4\nonboot: 1\n");
	put_guest(101, "hostpci0: 00:02.0,mapping=igpu,mdev=i915-GVTg_V5_4\n");
	assert_wanted("", ""); // one bad device keeps all of the guest from starting, and is told once
	assert_int_equal(config.problem_count, 1);
	assert_starts(config.problems[0].text,
		      "/" NODE_DIR "/100.conf:1: guest 100 cannot start: there is no mapping 'none'");
	assert_wanted("[settings]\nguests = all\n", "");
	assert_int_equal(config.problem_count, 2);
	for (size_t i = 0; i < config.problem_count; i++) { // each knows whose it is
		const struct message *problem = &config.problems[i];
		assert_in_range(problem->entry, 1, config.guests->count);
		const struct guest_entry *entry = &config.guests->entries[problem->entry - 1];
		assert_string_equal(problem->text + problem->place + strlen(": "), entry->problem);
		assert_memory_equal(problem->text, entry->item.source, problem->place);
	}
	assert_wanted("[settings]\nguests = none\n", "");
	assert_int_equal(config.problem_count, 0);
	put_guest(100, "hostpci0: mapping=none\nhostpci1: 00:02.0,mdev=i915-GVTg_V5_4\nonboot: 1\n");
	assert_wanted("", "");
	assert_starts(config.problems[0].text,
		      "/" NODE_DIR
		      "/100.conf:2: guest 100 cannot start: hostpci0 (line 1): there is no mapping 'none'");
}

// What Proxmox VE passes over, and a lock, which goes by itself, are no mistakes.
static void warnings(void **state)
{
	(void)state;
	put_guest(100, "onboot: 1\nlock: migrate\n" MDEV "hostpci1: 00:02.0,mdev=i915-GVTg_V5_4\n");
	put_guest(101, "onboot: 1\nhostpci0: 00:02.0, mdev=i915-GVTg_V5_4\n");
	put_guest(102, "onboot: 1\nhostpci0: 00:02.0,mdev=i915-GVTg_V5_4\n");
	assert_wanted("", "102");
	assert_int_equal(config.problem_count, 0);
	assert_int_equal(config.warnings.count, 2);
	assert_starts(config.warnings.items[0].text, "/" NODE_DIR "/100.conf:3: guest 100 is locked (migrate)");
	assert_starts(config.warnings.items[1].text,
		      "/" NODE_DIR "/101.conf:2: Proxmox VE ignores this line: there is no key ' mdev'");
	assert_int_equal(config.guests->entries[config.warnings.items[0].entry - 1].trouble, TROUBLE_LOCKED);
	assert_int_equal(config.guests->entries[config.warnings.items[1].entry - 1].trouble, TROUBLE_LINE_IGNORED);
	assert_int_equal(config.claims.count, 0);
}

// Which vGPUs one guest needs, as "100 100".
static void assert_guest(unsigned vmid, size_t count, size_t problems, const char *unread)
{
	char reason[GUEST_TEXT_SIZE];
	tree_put(tree, CONFIG_FILE,
		 "[settings]\nguests = none\n[instance x]\n[guest 200]\nhostpci0 = i915-GVTg_V5_8\n");
	config_free(&config);
	assert_int_equal(config_read(&config, &tree->root, false), 0);
	assert_int_equal(config.problem_count, 1);
	assert_int_equal(sources_take_guest(&config, &tree->root, UINT64_MAX, vmid, reason, sizeof(reason)), 0);
	assert_int_equal(config.wanted.count, count);
	assert_int_equal(config.problem_count, problems);
	assert_false(config.whole);
	assert_has(reason, unread);
	assert_true((reason[0] == '\0') == (unread[0] == '\0'));
}

static void one_guest_alone(void **state)
{
	(void)state;
	put_guest(
		100,
		MDEV
		"hostpci1: 00:02.0,mdev=i915-GVTg_V5_8,driver=keep\nhostpci2: 00:02.0,mdev=i915-GVTg_V5_8,rombar=x\n");
	put_guest(101, "onboot: 1\n" MDEV);
	put_guest(102, "hostpci0: mapping=none,mdev=i915-GVTg_V5_4\nhostpci3: 03:00.0\n");
	assert_guest(100, 2, 0, "");
	assert_string_equal(config.wanted.items[0].uuid, "00000000-0000-0000-0000-000000000100");
	assert_false(config.wanted.items[0].keep);
	assert_true(config.wanted.items[1].keep);
	assert_int_equal(config.warnings.count, 1); // the line that Proxmox VE does not take
	put_guest(100, "lock: create\n" MDEV);      // what is started has no lock that matters
	assert_guest(100, 1, 0, "");
	put_guest(
		100,
		MDEV
		"hostpci1: 00:02.0,mdev=i915-GVTg_V5_8,driver=keep\nhostpci2: 00:02.0,mdev=i915-GVTg_V5_8,rombar=x\n");
	assert_guest(101, 1, 0, "");
	assert_int_equal(config.claims.count, 1); // of any guest
	assert_guest(102, 0, 1, "");
	assert_guest(103, 0, 0, "");
	assert_guest(200, 0, 0, "");
}

// What was known does not count: with a stale type the guest would not start.
static void one_guest_that_cannot_be_read(void **state)
{
	(void)state;
	tree_dir(tree, REMEMBERED_DIR);
	tree_put(tree, REMEMBERED_FILE, FIRST "vgpu 100 0 1 boot i915-GVTg_V5_8 0000:00:02.0 /etc/pve/x:1\n");
	assert_guest(100, 0, 0, "is not mounted");
	assert_int_equal(unlinkat(tree->root.fs, PVE_CLUSTER_DIR, AT_REMOVEDIR), 0);
	assert_guest(100, 0, 0, "not a Proxmox VE host");
}

static void all_that_could_be_read(void **state)
{
	(void)state;
	read_all("", false);
	assert_false(config.whole); // not mounted
	put_guest(100, MDEV);
	read_all("", false);
	assert_true(config.whole);
}

static void claims_count_always(void **state)
{
	(void)state;
	put_guest(100, "hostpci0: 03:00.0\n");
	read_all("[settings]\nguests = none\n", false);
	assert_int_equal(config.claims.count, 1);
}

static void virtual_functions_count_unless_none(void **state)
{
	(void)state;
	put_guest(100, "hostpci0: 00:02.1\nhostpci1: 00:02\n"); // it does not start at boot
	static const char *const all[] = { "", "[settings]\nguests = all\n", "[settings]\nguests = boot\n",
					   "[settings]\nguests = 101\n" };
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		config_free(&config);
		read_all(all[i], false);
		assert_int_equal(config.claims.count, 2);
		assert_int_equal(config.claims.items[0].vmid, 100);
	}
	assert_int_equal(config.warnings.count, 1); // 101 has none
	config_free(&config);
	read_all("[settings]\nguests = 100\n", false);
	assert_int_equal(config.warnings.count, 0);
	config_free(&config);
	read_all("[settings]\nguests = none\n", false);
	assert_int_equal(config.claims.count, 1);
	assert_string_equal(config.claims.items[0].address, "0000:00:02");

	// Who starts a guest asks for its own.
	char why[64];
	put_guest(101, "hostpci0: 00:02.2\n");
	assert_int_equal(sources_take_guest(&config, &tree->root, UINT64_MAX, 101, why, sizeof(why)), 0);
	assert_int_equal(config.claims.count, 2);
	assert_string_equal(config.claims.items[1].address, "0000:00:02.2");
	config_free(&config);
	read_all("", false);
	assert_int_equal(sources_take_guest(&config, &tree->root, UINT64_MAX, 101, why, sizeof(why)), 0);
	assert_int_equal(config.claims.count, 3); // of all guests
}

static const struct wanted *only(void)
{
	assert_int_equal(config.wanted.count, 1);
	return &config.wanted.items[0];
}

static void the_same_twice(void **state)
{
	(void)state;
	put_guest(100, "onboot: 1\n" MDEV);
	static const char *const same[] = { "", "parent = 0000:00:02.0\n" };
	for (size_t i = 0; i < ARRAY_SIZE(same); i++) {
		char ours[128];
		snprintf(ours, sizeof(ours), "[guest 100]\nhostpci0 = i915-GVTg_V5_4\n%s", same[i]);
		read_all(ours, false);
		assert_int_equal(config.problem_count, 0);
		assert_string_equal(only()->source, "/" CONFIG_FILE ":2");
		assert_string_equal(only()->parent, "0000:00:02.0");
		assert_string_equal(only()->hostpci, "hostpci0: 0000:00:02.0,mdev=i915-GVTg_V5_4");
	}
	put_guest(100, "onboot: 1\nhostpci0: 0000:00:02,mdev=i915-GVTg_V5_4\n"); // the function is the only difference
	read_all("[guest 100]\nhostpci0 = i915-GVTg_V5_4\nparent = 00:02.0\n", false);
	assert_int_equal(config.problem_count, 0);
	assert_string_equal(only()->parent, "0000:00:02.0");

	// One of the alternatives.
	tree_put(
		tree, PVE_DIR "/mapping/pci.cfg",
		"igpu\n\tmap id=8086:5916,node=pve,path=0000:03:00.0\n\tmap id=8086:5916,node=pve,path=0000:00:02.0\n\tmdev 1\n");
	put_guest(100, "onboot: 1\nhostpci0: mapping=igpu,mdev=i915-GVTg_V5_4\n");
	read_all("[guest 100]\nhostpci0 = i915-GVTg_V5_4\nparent = 00:02.0\n", false);
	assert_int_equal(config.problem_count, 0);
	assert_int_equal(only()->other_count, 0);
	read_all("[guest 100]\nhostpci0 = i915-GVTg_V5_4\n", false);
	assert_string_equal(only()->parent, "0000:03:00.0");
	assert_int_equal(only()->other_count, 1);
}

// Both places are told, and the guest can start.
static void a_conflict(void **state)
{
	(void)state;
	put_guest(100, "onboot: 1\n" MDEV);
	static const char *const different[] = {
		"[guest 100]\nhostpci0 = i915-GVTg_V5_8\n",
		"[guest 100]\nhostpci0 = i915-GVTg_V5_4\nparent = 03:00.0\n",
		"[instance 00000000-0000-0000-0000-000000000100]\ntype = i915-GVTg_V5_8\n",
	};
	for (size_t i = 0; i < ARRAY_SIZE(different); i++) {
		read_all(different[i], false);
		assert_int_equal(config.problem_count, 1);
		assert_starts(config.problems[0].text, "/" CONFIG_FILE ":2: i915-GVTg_V5_");
		assert_has(config.problems[0].text, "/" NODE_DIR "/100.conf:2: i915-GVTg_V5_4 on 0000:00:02.0");
		assert_has(config.problems[0].text, "guest 100 does not start with another");
		assert_string_equal(only()->type, "i915-GVTg_V5_4");
		assert_string_equal(only()->parent, "0000:00:02.0");
		assert_string_equal(only()->source, "/" NODE_DIR "/100.conf:2");
	}
}

static void no_proxmox(void **state)
{
	(void)state;
	assert_int_equal(unlinkat(tree->root.fs, PVE_CLUSTER_DIR, AT_REMOVEDIR), 0);
	read_all("", true);
	assert_int_equal(config.wanted.count + config.problem_count + config.warnings.count, 0);
	assert_string_equal(tree_get(tree, REMEMBERED_FILE), "");
}

// A copy of a host has no directory in which nothing could be read; what happened there it knows all the same.
static void a_copy_of_a_host(void **state)
{
	(void)state;
	assert_int_equal(unlinkat(tree->root.fs, PVE_CLUSTER_DIR, AT_REMOVEDIR), 0);
	assert_int_equal(replay_take(REPLAY_HEAD "error 13 " PVE_DIR "/qemu-server\n"), 0);
	read_all("", false);
	assert_has(config.guests_unread, "Permission denied");
	assert_true(config.guests_denied);
	assert_false(config.whole);
	assert_int_equal(replay_take(""), -EINVAL);
	read_all("", false);
	assert_string_equal(config.guests_unread, "");
	assert_false(config.settings.proxmox);
	assert_true(config.whole);
}

static void what_was_known(void **state)
{
	(void)state;
	// Nothing is: told, and no mistake.
	read_all("", true);
	assert_int_equal(config.problem_count, 0);
	assert_int_equal(config.warnings.count, 1);
	assert_has(config.warnings.items[0].text, "/" REMEMBERED_FILE ": No such file or directory");

	put_guest(100, "onboot: 1\n" MDEV);
	put_guest(101, MDEV);
	put_guest(102, "hostpci0: 03:00.0\n");
	read_all("", false);
	assert_string_equal(tree_get(tree, REMEMBERED_FILE), "");
	read_all("", true);
	assert_int_equal(config.warnings.count, 0);
	assert_has(tree_get(tree, REMEMBERED_FILE), "vgpu 100 0 9223372036854775807 boot");
	assert_has(tree_get(tree, REMEMBERED_FILE), "vgpu 101 0 9223372036854775807 later");

	// /etc/pve is gone. What is wanted of the guests is still decided by the setting.
	assert_int_equal(renameat(tree->root.fs, PVE_DIR, tree->root.fs, "etc/elsewhere"), 0);
	assert_wanted("", "100");
	assert_int_equal(config.claims.count, 1);
	assert_int_equal(config.problem_count, 0);
	assert_int_equal(config.warnings.count, 1);
	assert_starts(config.warnings.items[0].text,
		      "the guests of Proxmox VE cannot be read (/etc/pve has no guests of node 'pve'");
	assert_has(config.warnings.items[0].text, "using their last known state (/" REMEMBERED_FILE ")");
	assert_wanted("[settings]\nguests = all\n", "100 101");
	read_all("", true); // what is known stays as it is
	assert_has(tree_get(tree, REMEMBERED_FILE), "vgpu 101 ");

	tree_put(tree, REMEMBERED_FILE, "nonsense");
	assert_wanted("", "");
	assert_has(config.warnings.items[0].text, "(/" REMEMBERED_FILE ": damaged): all of them are ignored");

	// It cannot be written: told, and all the rest is done.
	assert_int_equal(renameat(tree->root.fs, "etc/elsewhere", tree->root.fs, PVE_DIR), 0);
	assert_int_equal(unlinkat(tree->root.fs, REMEMBERED_FILE, 0), 0);
	assert_int_equal(unlinkat(tree->root.fs, REMEMBERED_DIR, AT_REMOVEDIR), 0);
	tree_put(tree, REMEMBERED_DIR, "");
	read_all("", true);
	assert_int_equal(config.wanted.count, 1);
	assert_int_equal(config.problem_count, 0);
	assert_starts(config.warnings.items[0].text, "/" REMEMBERED_FILE " cannot be written (Not a directory)");
}

// The time is over before anything was read.
static void too_late(void **state)
{
	(void)state;
	put_guest(100, "onboot: 1\n" MDEV);
	tree_put(tree, REMEMBERED_FILE, FIRST "vgpu 101 0 1 boot i915-GVTg_V5_4 0000:00:02.0 /x:1\n");
	for (int i = 0; i < 100; i++) { // one that is quicker than that is no failure
		config_free(&config);
		assert_int_equal(config_read(&config, &tree->root, false), 0);
		assert_int_equal(sources_add_guests(&config, &tree->root, clock_now_us(), false), 0);
		if (config.warnings.count == 0)
			continue;
		assert_starts(config.warnings.items[0].text,
			      "the guests of Proxmox VE cannot be read (/etc/pve does not answer)");
		assert_string_equal(only()->source, "/x:1");
		return;
	}
	fail();
}

static void more_than_fit(void **state)
{
	(void)state;
	put_guest(100, "onboot: 1\n" MDEV);
	put_guest(101, "onboot: 1\n" MDEV);
	char *ours = calloc(WANTED_MAX, 96);
	assert_non_null(ours);
	for (unsigned i = 0; i < WANTED_MAX - 1; i++)
		sprintf(ours + strlen(ours), "[instance 5e1f0b52-6b0c-4c55-9d3e-%012u]\ntype = i915-GVTg_V5_4\n", i);
	read_all(ours, false);
	free(ours);
	assert_int_equal(config.wanted.count, WANTED_MAX);
	assert_int_equal(config.problem_count, 1);
	assert_starts(config.problems[0].text, "/" NODE_DIR "/101.conf:2: more than 256 wanted instances");
}

#define sources_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		sources_test(which_guests),
		sources_test(mistakes),
		sources_test(warnings),
		sources_test(claims_count_always),
		sources_test(virtual_functions_count_unless_none),
		sources_test(one_guest_alone),
		sources_test(one_guest_that_cannot_be_read),
		sources_test(all_that_could_be_read),
		sources_test(the_same_twice),
		sources_test(a_conflict),
		sources_test(no_proxmox),
		sources_test(a_copy_of_a_host),
		sources_test(what_was_known),
		sources_test(too_late),
		sources_test(more_than_fit),
	};
	return run_group(tests);
}
