// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "read/host/mdev.h"

#define PARENT "sys/devices/pci0000:00/0000:00:02.0"
#define UUID   "5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01"
#define OTHER  "00000001-0000-0000-0000-000000008006"

static struct instance_list instances;

static void put_instance(const struct tree *tree, const char *uuid, const char *type)
{
	char path[256], target[256];
	snprintf(path, sizeof(path), PARENT "/%s/mdev_type", uuid);
	snprintf(target, sizeof(target), "../mdev_supported_types/%s", type);
	tree_link(tree, path, target);
	snprintf(path, sizeof(path), "sys/bus/mdev/devices/%s", uuid);
	snprintf(target, sizeof(target), "../../../devices/pci0000:00/0000:00:02.0/%s", uuid);
	tree_link(tree, path, target);
}

static void reading_instances(void **state)
{
	struct tree *tree = *state;
	instance_list_read(&instances, &tree->root);
	assert_int_equal(instances.count, 0);

	put_instance(tree, UUID, "i915-GVTg_V5_4");
	put_instance(tree, OTHER, "i915-GVTg_V5_8");
	tree_link(tree, "sys/bus/mdev/devices/no-uuid", "../../../devices/x/no-uuid");
	instance_list_read(&instances, &tree->root);
	assert_int_equal(instances.count, 2);
	const struct instance *item = instance_list_find(&instances, UUID);
	assert_non_null(item);
	assert_string_equal(item->type, "i915-GVTg_V5_4");
	assert_string_equal(item->parent, "0000:00:02.0");
	assert_false(item->driven);
	assert_string_equal(instance_list_find(&instances, OTHER)->type, "i915-GVTg_V5_8");
	assert_null(instance_list_find(&instances, "00000000-0000-0000-0000-000000000000"));
}

// After a creation only that instance is looked at.
static void reading_one(void **state)
{
	struct tree *tree = *state;
	put_instance(tree, UUID, "i915-GVTg_V5_4");
	instance_list_read(&instances, &tree->root);
	put_instance(tree, OTHER, "i915-GVTg_V5_8");
	instance_list_read_one(&instances, &tree->root, OTHER);
	assert_int_equal(instances.count, 2);
	assert_string_equal(instance_list_find(&instances, OTHER)->type, "i915-GVTg_V5_8");
	assert_false(instance_list_find(&instances, OTHER)->driven);

	tree_link(tree, PARENT "/" OTHER "/driver", "../../../../bus/mdev/drivers/vfio_mdev");
	tree_link(tree, PARENT "/" UUID "/driver", "../../../../bus/mdev/drivers/vfio_mdev");
	instance_list_read_one(&instances, &tree->root, OTHER);
	assert_int_equal(instances.count, 2);
	assert_true(instance_list_find(&instances, OTHER)->driven);
	assert_false(instance_list_find(&instances, UUID)->driven); // not asked for

	assert_int_equal(unlinkat(tree->root.fs, "sys/bus/mdev/devices/" UUID, 0), 0);
	instance_list_read_one(&instances, &tree->root, UUID);
	assert_int_equal(instances.count, 1);
	assert_null(instance_list_find(&instances, UUID));
	assert_true(instance_list_find(&instances, OTHER)->driven);
	instance_list_read_one(&instances, &tree->root, UUID); // neither there nor listed
	instance_list_read_one(&instances, &tree->root, "no-uuid");
	assert_int_equal(instances.count, 1);
}

static void an_instance_with_its_driver(void **state)
{
	struct tree *tree = *state;
	put_instance(tree, UUID, "i915-GVTg_V5_4");
	put_instance(tree, OTHER, "i915-GVTg_V5_8");
	tree_link(tree, PARENT "/" OTHER "/driver", "../../../../bus/mdev/drivers/vfio_mdev");
	instance_list_read(&instances, &tree->root);
	assert_false(instance_list_find(&instances, UUID)->driven);
	assert_true(instance_list_find(&instances, OTHER)->driven);
}

// What says which one it is, and how it is opened.
static void names_of_an_instance(void **state)
{
	struct tree *tree = *state;
	put_instance(tree, UUID, "i915-GVTg_V5_4");
	put_instance(tree, OTHER, "i915-GVTg_V5_8");
	tree_link(tree, PARENT "/" UUID "/iommu_group", "../../../../kernel/iommu_groups/12");
	tree_dir(tree, PARENT "/" UUID "/vfio-dev/vfio3");
	instance_list_read(&instances, &tree->root);
	const struct instance *item = instance_list_find(&instances, UUID);
	const struct instance *other = instance_list_find(&instances, OTHER);
	assert_string_equal(item->group, "12");
	assert_string_equal(item->device, "vfio3");
	assert_string_equal(other->group, "");
	assert_string_equal(other->device, "");
	assert_false(item->ours);
	assert_equal(item->use, USE_UNKNOWN);
	struct stat st;
	assert_int_equal(fstatat(tree->root.fs, PARENT "/" UUID, &st, 0), 0);
	assert_true(item->id == st.st_ino && item->id != other->id);
}

// The device is there a moment before its link to the type.
static void an_instance_being_made(void **state)
{
	struct tree *tree = *state;
	put_instance(tree, UUID, "i915-GVTg_V5_4");
	assert_int_equal(unlinkat(tree->root.fs, PARENT "/" UUID "/mdev_type", 0), 0);
	instance_list_read(&instances, &tree->root);
	assert_int_equal(instances.count, 1);
	assert_string_equal(instances.items[0].type, "");
	assert_string_equal(instances.items[0].parent, "0000:00:02.0");
}

// A parent that is no PCI function: its name may be long, and is never ours.
static void strange_parents(void **state)
{
	struct tree *tree = *state;
	tree_link(tree, "sys/bus/mdev/devices/" UUID, "../../../devices/virtual/a-name-longer-than-an-address/" UUID);
	tree_link(tree, "sys/bus/mdev/devices/" OTHER, OTHER);
	instance_list_read(&instances, &tree->root);
	assert_int_equal(instances.count, 2);
	assert_string_equal(instances.items[0].parent, "");
	assert_string_equal(instances.items[1].parent, "");
}

static void more_than_fit(void **state)
{
	struct tree *tree = *state;
	for (unsigned i = 0; i < INSTANCES_MAX + 5; i++) {
		char path[128];
		snprintf(path, sizeof(path), "sys/bus/mdev/devices/00000000-0000-0000-0000-%012u", i);
		tree_link(tree, path, "x");
	}
	instance_list_read(&instances, &tree->root);
	assert_int_equal(instances.count, INSTANCES_MAX);
}

static void reading_types(void **state)
{
	struct tree *tree = *state;
	struct type_list types;
	tree_link(tree, "sys/bus/pci/devices/0000:00:02.0", "../../../devices/pci0000:00/0000:00:02.0");
	tree_dir(tree, PARENT);
	type_list_read(&types, &tree->root, "0000:00:02.0");
	assert_false(types.registered);
	assert_int_equal(types.count, 0);

	tree_dir(tree, PARENT "/mdev_supported_types");
	type_list_read(&types, &tree->root, "0000:00:02.0");
	assert_true(types.registered);
	assert_int_equal(types.count, 0);

	tree_dir(tree, PARENT "/mdev_supported_types/i915-GVTg_V5_8");
	tree_dir(tree, PARENT "/mdev_supported_types/i915-GVTg_V5_4");
	tree_dir(tree, PARENT "/mdev_supported_types/not a type");
	type_list_read(&types, &tree->root, "0000:00:02.0");
	assert_int_equal(types.count, 2);
	assert_true(type_list_has(&types, "i915-GVTg_V5_4"));
	assert_false(type_list_has(&types, "i915-GVTg_V5"));
	type_list_read(&types, &tree->root, "0000:00:03.0");
	assert_false(types.registered);
}

static void creating(void **state)
{
	struct tree *tree = *state;
	const char *create = "sys/bus/pci/devices/0000:00:02.0/mdev_supported_types/i915-GVTg_V5_4/create";
	assert_int_equal(instance_create(&tree->root, "0000:00:02.0", "i915-GVTg_V5_4", UUID), -ENOENT);
	tree_put(tree, create, "");
	assert_int_equal(instance_create(&tree->root, "0000:00:02.0", "i915-GVTg_V5_4", UUID), 0);
	assert_string_equal(tree_get(tree, create), UUID); // in one write, without a newline
}

static void removing(void **state)
{
	struct tree *tree = *state;
	assert_int_equal(instance_remove(&tree->root, UUID), -ENOENT);
	put_instance(tree, UUID, "i915-GVTg_V5_4");
	tree_put(tree, PARENT "/" UUID "/remove", "");
	assert_int_equal(instance_remove(&tree->root, UUID), 0);
	assert_string_equal(tree_get(tree, PARENT "/" UUID "/remove"), "1");
}

static void holding(void **state)
{
	struct tree *tree = *state;
	struct instance item = { .group = "12", .driven = true };
	int fd;
	assert_int_equal(instance_hold(&tree->root, &item, &fd), -ENOENT);
	tree_put(tree, "dev/vfio/12", "");
	assert_int_equal(instance_hold(&tree->root, &item, &fd), 0);
	assert_true(fd >= 0);
	close(fd);
	// Without a group nobody can open it, unless it should have one.
	item.group[0] = '\0';
	assert_int_equal(instance_hold(&tree->root, &item, &fd), -ENOENT);
	item.driven = false;
	assert_int_equal(instance_hold(&tree->root, &item, &fd), 0);
	assert_int_equal(fd, -1);
}

static void errors_have_sentences(void **state)
{
	(void)state;
	static const int errors[] = { EINVAL, EEXIST, EUSERS, ENOSPC, ENODEV, ENOMEM, EAGAIN, ENOENT, EACCES, EIO };
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		assert_string_not_equal(instance_error_text(-errors[i]), instance_error_text(-EDOM));
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(instance_error_text(-errors[i]), instance_error_text(-errors[j]));
	}
	assert_string_equal(instance_error_text(-EPERM), instance_error_text(-EACCES));
	assert_string_not_equal(instance_error_text(-EDOM), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		tree_test(reading_instances),
		tree_test(reading_one),
		tree_test(an_instance_with_its_driver),
		tree_test(an_instance_being_made),
		tree_test(strange_parents),
		tree_test(more_than_fit),
		tree_test(reading_types),
		tree_test(creating),
		tree_test(removing),
		tree_test(holding),
		tree_test(names_of_an_instance),
		cmocka_unit_test(errors_have_sentences),
	};
	return run_group(tests);
}
