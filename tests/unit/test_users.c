// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "users.h"

static struct instance_list instances;
static struct tree *tree;

// Two of ours, groups 12 and 13 with devices vfio2 and vfio3, and one of somebody else's.
static int setup(void **state)
{
	(void)tree_setup(state);
	tree = *state;
	instances = (struct instance_list){ .count = 3 };
	for (unsigned i = 0; i < 3; i++) {
		struct instance *item = &instances.items[i];
		snprintf(item->uuid, sizeof(item->uuid), "00000000-0000-0000-0000-%012u", i);
		snprintf(item->group, sizeof(item->group), "%u", 12 + i);
		snprintf(item->device, sizeof(item->device), "vfio%u", 2 + i);
		item->ours = i < 2;
		item->driven = true;
	}
	tree_dir(tree, "proc/1/fd");
	return 0;
}

// A process with one file open.
static void process(unsigned pid, const char *name, const char *file)
{
	char path[64];
	snprintf(path, sizeof(path), "proc/%u/comm", pid);
	tree_put(tree, path, name);
	snprintf(path, sizeof(path), "proc/%u/fd/%zu", pid, strlen(file));
	tree_link(tree, path, file);
}

static void assert_use(enum instance_use first, enum instance_use second)
{
	users_read(&instances, &tree->root);
	assert_equal(instances.items[0].use, first);
	assert_equal(instances.items[1].use, second);
	assert_equal(instances.items[2].use, USE_UNKNOWN); // never looked at
}

static void nobody(void **state)
{
	(void)state;
	static const char *const others[] = { "/dev/null", "/dev/vfio/vfio", "/dev/vfio/14", "/dev/vfio/1", "/dev/vfio/123",
					      "/tmp/12", "12", "socket:[12]", "/dev/vfio/devices/vfio4", "/dev/devices/12",
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
	users_read(&instances, &nothing);
	assert_equal(instances.items[1].use, USE_UNKNOWN);
}

static void excluding(void **state)
{
	(void)state;
	int fd;
	struct instance *item = &instances.items[0];
	assert_int_equal(users_exclude(&tree->root, item, &fd), -ENOENT);
	tree_put(tree, "dev/vfio/12", "");
	assert_int_equal(users_exclude(&tree->root, item, &fd), 0);
	assert_true(fd >= 0);
	close(fd);
	// Without a group nobody can open it, unless it should have one.
	item->group[0] = '\0';
	assert_int_equal(users_exclude(&tree->root, item, &fd), -ENOENT);
	item->driven = false;
	assert_int_equal(users_exclude(&tree->root, item, &fd), 0);
	assert_int_equal(fd, -1);
}

#define users_test(function) cmocka_unit_test_setup_teardown(function, setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		users_test(nobody),		       users_test(by_its_group),       users_test(by_its_device),
		users_test(by_a_device_without_a_name), users_test(what_cannot_be_read), users_test(excluding),
	};
	return run_group(tests);
}
