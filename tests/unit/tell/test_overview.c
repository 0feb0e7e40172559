// SPDX-License-Identifier: GPL-2.0-or-later
// What plan, status and types have in common: what is read, what stands in the way, and the one thing to do next.
#include "helper.h"
#include "host_tree.h"

#include "base/replay.h"
#include "tell/overview.h"

#define UUID       "5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01"
#define OTHER      "5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a02"
#define GUEST_UUID "00000000-0000-0000-0000-000000000100"
#define TYPES      "sys/bus/pci/devices/" HOST_GPU "/mdev_supported_types"

static struct overview *overview;
static struct tree *tree;

// The wanted instance is there, and nobody has it open.
static int setup(void **state)
{
	(void)tree_setup(state);
	tree = *state;
	put_fine_host(tree, UUID);
	tree_dir(tree, "proc/1/fd");
	overview = calloc(1, sizeof(*overview));
	assert_non_null(overview);
	return 0;
}

static int teardown(void **state)
{
	overview_free(overview);
	free(overview);
	return tree_teardown(state);
}

static void look(void)
{
	overview_free(overview);
	assert_int_equal(overview_read(overview, &tree->root), 0);
}

static const char *next_thing(void)
{
	static char text[TEXT_SIZE];
	overview_next(overview, text);
	return text;
}

// The names of what stands in the way, one after the other.
static const char *findings(void)
{
	static char text[256];
	const struct finding *list[OVERVIEW_FINDINGS];
	size_t count = overview_findings(overview, list);
	text[0] = '\0';
	for (size_t i = 0; i < count; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s;", list[i]->name);
	return text;
}

static void add_guest(const char *line)
{
	tree_put(tree, "etc/hostname", "pve\n");
	tree_put(tree, "etc/pve/nodes/pve/qemu-server/100.conf", line);
}

static void all_is_there(void **state)
{
	(void)state;
	look();
	assert_false(overview->hung);
	assert_equal(overview->plan.stance, STANCE_ACT);
	assert_equal(overview->plan.instances[0].step, INSTANCE_EXISTS);
	assert_string_equal(findings(), "");
	assert_false(overview_is_hindered(overview));
	assert_string_equal(next_thing(), "");
	assert_true(host_was_read(&overview->host, HOST_WORDS | HOST_GPUS | HOST_KERNEL | HOST_STATE | HOST_USERS));
	assert_int_equal(overview->offers[0].count, 2);
}

static void who_has_it_open(void **state)
{
	(void)state;
	put_user(tree, 4711, "kvm");
	look();
	assert_equal(overview->host.instances.items[0].use, USE_OPEN);
	assert_int_equal(usage_holder(&overview->host.users, 0)->pid, 4711);
}

static void one_is_to_be_made(void **state)
{
	(void)state;
	tree_put(tree, "etc/gvt-early/gvt-early.conf", "[instance " OTHER "]\ntype = i915-GVTg_V5_8\n");
	look();
	assert_equal(overview->plan.instances[0].step, INSTANCE_CREATE);
	assert_string_equal(next_thing(), "run 'gvt-early apply'");
	assert_false(overview_is_hindered(overview));
	assert_int_equal(overview->offers[0].items[0].free, 4); // beside the one that is there
}

static void a_mistake_comes_first(void **state)
{
	(void)state;
	tree_put(tree, "etc/gvt-early/gvt-early.conf", "[instance " OTHER "]\ntype = i915-GVTg_V5_8\nnonsense = 1\n");
	look();
	assert_starts(next_thing(), "correct /etc/gvt-early/gvt-early.conf:3: ");
}

static void a_boot_that_is_left_alone(void **state)
{
	(void)state;
	tree_put(tree, "proc/cmdline", "single\n");
	look();
	assert_starts(findings(), "boot-rescue;");
	assert_equal(overview->plan.stance, STANCE_OTHER_BOOT);
}

static void nothing_is_wanted(void **state)
{
	(void)state;
	tree_put(tree, "etc/gvt-early/gvt-early.conf", "");
	look();
	assert_string_equal(findings(), "nothing-wanted;");
	assert_false(overview_is_hindered(overview));
}

//
// What "check" knows
//

static void without_kvm_no_guest_can_use_it(void **state)
{
	(void)state;
	assert_int_equal(unlinkat(tree->root.dev, "kvm", 0), 0);
	look();
	assert_string_equal(findings(), "kvm-absent;");
	assert_true(overview_is_hindered(overview));
	assert_string_equal(overview_guest_stop(overview)->name, "kvm-absent");
	assert_equal(overview->plan.stance, STANCE_ACT); // an instance can be made all the same
	assert_string_not_equal(next_thing(), "");
}

static void a_guest_needs_the_iommu(void **state)
{
	(void)state;
	tree_put(tree, "proc/cmdline", "intel_iommu=off\n");
	assert_int_equal(unlinkat(tree->root.fs, "sys/class/iommu/dmar0", AT_REMOVEDIR), 0);
	add_guest("hostpci0: 0000:00:02.0,mdev=i915-GVTg_V5_4\nonboot: 1\n");
	look();
	assert_has(findings(), "iommu-off;");
	assert_has(finding_get(&overview->plan.iommu, VALUE_WORD), "intel_iommu=off");
	assert_string_equal(overview_guest_stop(overview)->name, "iommu-off");
}

static void guests_that_cannot_be_read(void **state)
{
	(void)state;
	tree_dir(tree, "etc/pve/nodes");
	look();
	assert_string_equal(overview->unread.name, "sources-unreadable");
	assert_string_equal(findings(), "sources-unreadable;");
	assert_true(overview_is_hindered(overview));
}

// Loaded without GVT-g: nothing is promised of this boot.
static void i915_without_gvt(void **state)
{
	(void)state;
	tree_put(tree, "sys/module/i915/parameters/enable_gvt", "N\n");
	assert_int_equal(unlinkat(tree->root.fs, TYPES "/i915-GVTg_V5_4/available_instances", 0), 0);
	assert_int_equal(unlinkat(tree->root.fs, TYPES "/i915-GVTg_V5_8/available_instances", 0), 0);
	assert_int_equal(unlinkat(tree->root.fs, TYPES "/i915-GVTg_V5_4", AT_REMOVEDIR), 0);
	assert_int_equal(unlinkat(tree->root.fs, TYPES "/i915-GVTg_V5_8", AT_REMOVEDIR), 0);
	assert_int_equal(unlinkat(tree->root.fs, TYPES, AT_REMOVEDIR), 0);
	tree_put(tree, "etc/gvt-early/gvt-early.conf", "[instance " OTHER "]\ntype = i915-GVTg_V5_8\n");
	look();
	assert_starts(findings(), "gvt-param-off;");
	assert_true(overview_is_hindered(overview));
	assert_equal(overview->plan.stance, STANCE_UNABLE);
}

//
// A driver that does not answer
//

static void it_is_not_asked_once_more(void **state)
{
	(void)state;
	look();
	assert_int_equal(replay_take(REPLAY_HEAD "error 110 " TYPES "/i915-GVTg_V5_4/available_instances\n"), 0);
	tree_put(tree, "etc/gvt-early/gvt-early.conf", "[instance " OTHER "]\ntype = i915-GVTg_V5_8\n");
	look();
	assert_int_equal(replay_take(REPLAY_HEAD), 0);
	assert_true(overview->hung && overview->host.gvt.types_hung && overview->offers[0].hung);
	assert_equal(overview->plan.instances[0].step, INSTANCE_HOPELESS); // nothing is promised
	assert_has(next_thing(), "reboot");
}

// In a copy of a host it is not waited for.
static void a_driver_that_is_being_inserted(void **state)
{
	(void)state;
	tree_put(tree, "sys/module/i915/initstate", "coming\n");
	look();
	assert_true(overview->hung && overview->host.gpus.hung);
	assert_starts(findings(), "gvt-hung;");
}

//
// Which instance
//

static void choices(void **state)
{
	(void)state;
	struct overview_choice choice;
	char name[OWNER_SIZE];
	assert_true(overview_choose("5E1F0B52-6B0C-4C55-9D3E-1F6A7C2B9A01", &choice));
	assert_true(overview_is_chosen(&choice, UUID));
	assert_false(overview_is_chosen(&choice, OTHER));
	overview_choice_name(&choice, name);
	assert_string_equal(name, "instance " UUID);

	assert_true(overview_choose("100", &choice));
	assert_true(overview_is_chosen(&choice, GUEST_UUID));
	assert_true(overview_is_chosen(&choice, "00000001-0000-0000-0000-000000000100"));
	assert_false(overview_is_chosen(&choice, "00000000-0000-0000-0000-000000000101"));
	assert_false(overview_is_chosen(&choice, UUID));
	overview_choice_name(&choice, name);
	assert_string_equal(name, "instance of guest 100");

	assert_false(overview_choose("guest", &choice));
	assert_false(overview_choose("99", &choice)); // Proxmox VE's begin with 100
	assert_false(overview_choose("", &choice));
}

static void owners(void **state)
{
	(void)state;
	char owner[OWNER_SIZE], name[UUID_SIZE];
	look();
	overview_owner(overview, UUID, owner);
	assert_string_equal(owner, "/etc/gvt-early/gvt-early.conf:2");
	overview_owner(overview, GUEST_UUID, owner);
	assert_string_equal(owner, "guest 100, hostpci0");
	overview_owner(overview, OTHER, owner);
	assert_string_equal(owner, "another program");
	overview_name(GUEST_UUID, name);
	assert_string_equal(name, "guest 100 hostpci0");
	overview_name(OTHER, name);
	assert_string_equal(name, OTHER);
	assert_string_equal(overview_wanted(overview, UUID)->type, "i915-GVTg_V5_4");
	assert_null(overview_wanted(overview, OTHER));
}

#define overview_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		overview_test(all_is_there),
		overview_test(who_has_it_open),
		overview_test(one_is_to_be_made),
		overview_test(a_mistake_comes_first),
		overview_test(a_boot_that_is_left_alone),
		overview_test(nothing_is_wanted),
		overview_test(without_kvm_no_guest_can_use_it),
		overview_test(a_guest_needs_the_iommu),
		overview_test(guests_that_cannot_be_read),
		overview_test(i915_without_gvt),
		overview_test(it_is_not_asked_once_more),
		overview_test(a_driver_that_is_being_inserted),
		overview_test(choices),
		overview_test(owners),
	};
	return run_group(tests);
}
