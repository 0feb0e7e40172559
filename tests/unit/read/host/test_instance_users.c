// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "read/host/instance_users.h"

static struct instance_list instances;
static struct usage usage;
static struct tree *tree;

// Groups 12 and 13 with devices vfio2 and vfio3.
static int setup(void **state)
{
	(void)tree_setup(state);
	tree = *state;
	instances = (struct instance_list){ .count = 2 };
	for (unsigned i = 0; i < 2; i++) {
		struct instance *item = &instances.items[i];
		snprintf(item->uuid, sizeof(item->uuid), "00000000-0000-0000-0000-%012u", i);
		snprintf(item->group, sizeof(item->group), "%u", 12 + i);
		snprintf(item->device, sizeof(item->device), "vfio%u", 2 + i);
		item->driven = true;
	}
	tree_dir(tree, "proc/1/fd");
	return 0;
}

// A process with one file open.
static void process(unsigned pid, const char *name, const char *file)
{
	char path[64];
	char stat[128];
	snprintf(path, sizeof(path), "proc/%u/comm", pid);
	tree_put(tree, path, name);
	snprintf(path, sizeof(path), "proc/%u/stat", pid);
	snprintf(stat, sizeof(stat), "%u (x) S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 4711 23\n", pid);
	tree_put(tree, path, stat);
	snprintf(path, sizeof(path), "proc/%u/fd/%zu", pid, strlen(file));
	tree_link(tree, path, file);
}

static void assert_use(enum instance_use first, enum instance_use second)
{
	usage_read(&usage, &tree->root, &instances, NULL, 0, clock_now_us() + USAGE_LIMIT_US);
	usage_mark(&usage, &instances);
	assert_equal(instances.items[0].use, first);
	assert_equal(instances.items[1].use, second);
}

static void nobody(void **state)
{
	(void)state;
	static const char *const others[] = { "/dev/null",
					      "/dev/vfio/vfio",
					      "/dev/vfio/14",
					      "/dev/vfio/1",
					      "/dev/vfio/123",
					      "/tmp/12",
					      "12",
					      "socket:[12]",
					      "/dev/vfio/devices/vfio4",
					      "/dev/devices/12",
					      "/dev/vfio/12x" };
	for (unsigned i = 0; i < ARRAY_SIZE(others); i++)
		process(100 + i, "x\n", others[i]);
	tree_dir(tree, "proc/sys");
	tree_dir(tree, "proc/200"); // has just ended
	assert_use(USE_NONE, USE_NONE);
}

static void by_its_group(void **state)
{
	(void)state;
	process(4711, "k\033m\n", "/dev/vfio/12");
	assert_use(USE_OPEN, USE_NONE);
	assert_string_equal(instances.items[0].user, "process 4711 (k?m)");
	process(4712, "kvm\n", "/container/dev/vfio/13"); // seen from outside
	assert_use(USE_OPEN, USE_OPEN);
}

static void by_its_device(void **state)
{
	(void)state;
	process(4711, "kvm\n", "/dev/vfio/devices/vfio3");
	assert_use(USE_NONE, USE_OPEN);
}

// A virtual function is opened by its group, or by its own device.
static void of_virtual_functions(void **state)
{
	(void)state;
	static struct sriov gpus[2];
	gpus[1].count = 3;
	snprintf(gpus[1].vfs[0].group, sizeof(gpus[1].vfs[0].group), "21");
	snprintf(gpus[1].vfs[1].group, sizeof(gpus[1].vfs[1].group), "22");
	snprintf(gpus[1].vfs[2].device, sizeof(gpus[1].vfs[2].device), "vfio7");
	instances.count = 0; // none of these is needed for the others to be looked for
	process(4711, "kvm\n", "/dev/vfio/22");
	process(4712, "x\n", "/dev/vfio/devices/vfio7");
	usage_read(&usage, &tree->root, &instances, gpus, ARRAY_SIZE(gpus), clock_now_us() + USAGE_LIMIT_US);
	assert_null(usage_vf_holder(&usage, 1, 0));
	assert_int_equal(usage_vf_holder(&usage, 1, 1)->pid, 4711);
	assert_int_equal(usage_vf_holder(&usage, 1, 2)->pid, 4712);
	assert_null(usage_vf_holder(&usage, 0, 1));
}

static void by_a_device_without_a_name(void **state)
{
	(void)state;
	process(4711, "kvm\n", "anon_inode:[vfio-device]");
	assert_use(USE_OPEN, USE_OPEN);
	process(4711, "kvm\n", "/dev/vfio/13"); // that is the one
	assert_use(USE_NONE, USE_OPEN);
}

static void what_cannot_be_read(void **state)
{
	(void)state;
	tree_put(tree, "proc/300/fd", "no directory");
	assert_use(USE_UNKNOWN, USE_UNKNOWN);
	process(4711, "kvm\n", "/dev/vfio/13");
	const struct root nothing = { .path = "", .fs = -1, .sys = -1, .proc = -1, .run = -1, .dev = -1 };
	usage_read(&usage, &nothing, &instances, NULL, 0, clock_now_us() + USAGE_LIMIT_US);
	usage_mark(&usage, &instances);
	assert_equal(instances.items[1].use, USE_UNKNOWN);
}

// Whoever has an instance open and cannot be read is not nobody; who has ended is.
static void holder_that_cannot_be_read(void **state)
{
	(void)state;
	static const char *const files[] = { "comm", "stat", "cmdline" };
	char path[64];
	for (unsigned i = 0; i < ARRAY_SIZE(files); i++) {
		process(500 + i, "kvm\n", "/dev/vfio/13");
		snprintf(path, sizeof(path), "proc/%u/%s", 500 + i, files[i]);
		(void)unlinkat(tree->root.fs, path, 0);
		tree_dir(tree, path);
		usage_read(&usage, &tree->root, &instances, NULL, 0, clock_now_us() + USAGE_LIMIT_US);
		usage_mark(&usage, &instances);
		assert_equal(instances.items[0].use, USE_UNKNOWN);
		assert_true(instances.items[1].use != USE_NONE);
		snprintf(path, sizeof(path), "proc/%u", 500 + i);
		assert_int_equal(renameat(tree->root.fs, path, tree->root.fs, "elsewhere"), 0);
		assert_use(USE_NONE, USE_NONE);
		snprintf(path, sizeof(path), "elsewhere.%u", i);
		assert_int_equal(renameat(tree->root.fs, "elsewhere", tree->root.fs, path), 0);
	}
	tree_link(tree, "proc/600/fd/3", "/dev/vfio/13"); // has ended since
	assert_use(USE_NONE, USE_NONE);
	process(700, "kvm\n", "/dev/vfio/14");
	tree_put(tree, "proc/700/fd/9", "no link");
	assert_use(USE_UNKNOWN, USE_UNKNOWN);
}

// The number of a guest stands at the front of however many words.
static void guest_with_many_words(void **state)
{
	(void)state;
	static char arguments[1 << 20];
	memset(arguments, 'x', sizeof(arguments));
	memcpy(arguments,
	       "/usr/bin/kvm\0-id\0"
	       "100\0",
	       21);
	process(4711, "kvm\n", "/dev/vfio/13");
	tree_put_bytes(tree, "proc/4711/cmdline", arguments, sizeof(arguments));
	assert_use(USE_NONE, USE_OPEN);
	assert_non_null(usage_guest(&usage, 100));
}

// Proxmox VE starts its guests as "kvm -id VMID ...".
static void guests(void **state)
{
	(void)state;
	process(4711, "kvm\n", "/dev/vfio/13");
	tree_put_bytes(tree, "proc/4711/cmdline",
		       "/usr/bin/kvm\0-id\0"
		       "100\0-name\0x",
		       29);
	process(4712, "kvm\n", "/dev/null");
	tree_put_bytes(tree, "proc/4712/cmdline",
		       "/usr/bin/kvm\0-id\0"
		       "none\0",
		       22);
	assert_use(USE_NONE, USE_OPEN);
	assert_int_equal(usage.count, 1);
	assert_null(usage_holder(&usage, 0));
	assert_ptr_equal(usage_holder(&usage, 1), usage_guest(&usage, 100));
	assert_ptr_equal(usage_first_guest(&usage), usage_guest(&usage, 100));
	assert_true(usage_guest(&usage, 100)->started_us == 47110000); // at 100 ticks a second
	assert_null(usage_guest(&usage, 101));
	assert_true(usage_is_whole(&usage));
}

// What is not known of the others is not called unused.
static void more_than_fit(void **state)
{
	(void)state;
	for (unsigned i = 0; i < RUNNING_MAX; i++) {
		char path[64], arguments[64];
		process(1000 + i, "kvm\n", i == 0 ? "/dev/vfio/13" : "/dev/null");
		snprintf(path, sizeof(path), "proc/%u/cmdline", 1000 + i);
		int n = snprintf(arguments, sizeof(arguments), "/usr/bin/kvm%c-id%c%u", 0, 0, 100 + i);
		tree_put_bytes(tree, path, arguments, (size_t)n + 1);
	}
	assert_use(USE_NONE, USE_OPEN);
	process(9000, "kvm\n", "/dev/vfio/12");
	assert_use(USE_UNKNOWN, USE_OPEN);
	assert_int_equal(usage.count, RUNNING_MAX);
	assert_false(usage_is_whole(&usage));
}

#define usage_test(function) cmocka_unit_test_setup_teardown(function, setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		usage_test(nobody),
		usage_test(by_its_group),
		usage_test(by_its_device),
		usage_test(of_virtual_functions),
		usage_test(by_a_device_without_a_name),
		usage_test(what_cannot_be_read),
		usage_test(guests),
		usage_test(more_than_fit),
		usage_test(holder_that_cannot_be_read),
		usage_test(guest_with_many_words),
	};
	return run_group(tests);
}
