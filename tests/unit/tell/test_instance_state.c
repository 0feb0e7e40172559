// SPDX-License-Identifier: GPL-2.0-or-later
// What each instance is said to be: by what is there, by the plan, and by what this boot's runs said of it.
#include "helper.h"

#include "tell/instance_state.h"

#define UUID       "5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01"
#define OTHER      "5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a02"
#define GUEST_UUID "00000000-0000-0000-0000-000000000100"
#define GPU        "0000:00:02.0"

static struct overview overview;
static struct wanted wanted;
static struct planned_instance planned;
static struct past_run_instance past;
static struct past_run boot, apply;
static struct instance_state_list list;
static struct tree *tree;

// An instance that is wanted on a GPU that offers its type, and that the plan would make.
static int setup(void **state)
{
	(void)tree_setup(state);
	tree = *state;
	overview = (struct overview){ .root = &tree->root };
	overview.plan.stance = STANCE_ACT;
	struct host *host = &overview.host;
	host->i915_state = host->gvt.kvmgt_state = MODULE_LIVE;
	host->gpus.count = 1;
	host->gpus.items[0] =
		(struct gpu){ .address = GPU, .verdict = GPU_SUPPORTED, .functions = 1, .name = "Coffee Lake" };
	host->gvt.types[0] = (struct type_list){ .registered = true, .count = 1, .names = { "i915-GVTg_V5_4" } };
	wanted = (struct wanted){ .uuid = UUID, .type = "i915-GVTg_V5_4", .parent = GPU, .source = "/etc/x:1" };
	overview.config.wanted = (struct wanted_list){ .items = &wanted, .count = 1 };
	planned = (struct planned_instance){ .wanted = &wanted, .parent = GPU, .step = INSTANCE_CREATE };
	overview.plan.instances = &planned;
	overview.plan.instance_count = 1;
	past_run_none(&boot);
	past_run_none(&apply);
	past = (struct past_run_instance){
		.uuid = UUID, .type = "", .parent = "", .source = "", .result = "", .detail = ""
	};
	list = (struct instance_state_list){ .count = 0 };
	return 0;
}

static int teardown(void **state)
{
	instance_state_list_free(&list);
	return tree_teardown(state);
}

static void want_guests(void)
{
	strcpy(wanted.uuid, GUEST_UUID);
	strcpy(wanted.source, "/etc/pve/nodes/pve/qemu-server/100.conf:1");
	past.uuid = GUEST_UUID;
}

// It is there, and the plan knows.
static struct instance *put_there(void)
{
	struct instance *there = &overview.host.instances.items[0];
	overview.host.instances.count = 1;
	*there = (struct instance){ .type = "i915-GVTg_V5_4", .parent = GPU, .driven = true };
	strcpy(there->uuid, wanted.uuid);
	planned.step = INSTANCE_EXISTS;
	overview.host.users.holders[0] = overview.host.users.stray = -1;
	return there;
}

static void said_by(struct past_run *run, const char *result, const char *detail)
{
	past.result = result;
	past.detail = detail;
	run->instances = &past;
	run->instance_count = 1;
}

static const struct instance_state *first(bool hung)
{
	instance_state_list_free(&list);
	assert_int_equal(instance_state_list_make(&list, &overview, &boot, &apply, hung), 0);
	assert_true(list.count > 0);
	assert_int_equal(list.wanted, 1);
	return &list.items[0];
}

static void assert_state(const char *name, const char *text)
{
	const struct instance_state *item = first(false);
	assert_string_equal(instance_status_name(item->state), name);
	if (*text)
		assert_has(item->text, text);
	else
		assert_string_equal(item->text, "");
}

// How many of what is wanted are there, and how many are missing.
static void assert_counts(size_t there, size_t missing)
{
	assert_int_equal(list.there, there);
	assert_int_equal(list.missing, missing);
}

//
// There
//

static void used_or_not(void **state)
{
	(void)state;
	put_there();
	assert_state("idle", "");
	assert_counts(1, 0);
	overview.host.users.blind = true;
	assert_state("unknown", ""); // that one cannot be seen is not nobody
	assert_counts(1, 0);
	overview.host.users =
		(struct usage){ .processes = { { .pid = 4711 } }, .count = 1, .holders = { 0 }, .stray = -1 };
	assert_state("in-use", "");
	assert_int_equal(list.items[0].holder->pid, 4711);
}

static void not_usable(void **state)
{
	(void)state;
	struct instance *there = put_there();
	there->driven = false;
	assert_state("no-driver", "");
	assert_counts(0, 1);
	there->type[0] = '\0';
	assert_state("being-made", "");
	assert_counts(1, 0);
	assert_string_equal(list.items[0].type, "i915-GVTg_V5_4"); // as it is wanted, until it has one
}

static void not_as_wanted(void **state)
{
	(void)state;
	strcpy(put_there()->type, "i915-GVTg_V5_8");
	planned.step = INSTANCE_REMAKE;
	assert_state("conflict", "'gvt-early apply' re-creates it");
	assert_counts(0, 1);
	assert_string_equal(list.items[0].type, "i915-GVTg_V5_8"); // what is there
}

static void of_somebody_else(void **state)
{
	(void)state;
	put_there();
	overview.host.instances.items[1] = overview.host.instances.items[0];
	strcpy(overview.host.instances.items[1].uuid, OTHER);
	overview.host.users.holders[1] = -1;
	overview.host.instances.count = 2;
	first(false);
	assert_int_equal(list.count, 2);
	assert_string_equal(list.items[1].uuid, OTHER);
	assert_null(list.items[1].wanted);
	assert_counts(1, 0);
}

//
// Not there
//

static void nobody_has_made_it(void **state)
{
	(void)state;
	assert_state("missing", "'gvt-early apply' creates it");
	assert_counts(0, 1);
}

static void a_guest_that_is_off(void **state)
{
	(void)state;
	want_guests();
	assert_state("at-start", "guest 100 is off");
	assert_counts(0, 0);
	// Proxmox VE keeps the process' number here.
	tree_put(tree, "run/qemu-server/100.pid", "4711\n");
	tree_put(tree, "proc/4711/comm", "kvm\n");
	assert_state("at-start", "guest 100 runs without it");
}

// Nothing is promised that the plan does not have.
static void a_guest_whose_type_is_not_offered(void **state)
{
	(void)state;
	want_guests();
	overview.host.gvt.types[0].count = 0;
	assert_state("missing", "not created yet");
	assert_counts(0, 1);
}

static void a_guest_that_cannot_start(void **state)
{
	(void)state;
	want_guests();
	overview.kvm.name = "kvm-absent";
	assert_state("missing", "guest 100 cannot start with it: kvm-absent");
	assert_counts(0, 1);
}

static void a_guest_that_has_stopped(void **state)
{
	(void)state;
	want_guests();
	said_by(&boot, "created", "");
	assert_state("removed", "Proxmox VE removes it when guest 100 stops");
	assert_counts(0, 0);
}

static void one_that_somebody_removed(void **state)
{
	(void)state;
	said_by(&boot, "created", "");
	assert_state("missing", "but was removed");
	assert_counts(0, 1);
}

static void what_the_runs_said(void **state)
{
	(void)state;
	said_by(&boot, "failed", "no such type");
	assert_state("missing", "no such type");
	said_by(&boot, "not-made", "");
	assert_state("missing", "ended before its turn");
	said_by(&boot, "pending", "");
	assert_state("missing", "about to be created");
}

// Of two runs of this boot the later one counts.
static void the_later_run(void **state)
{
	(void)state;
	static struct past_run_instance of_boot;
	past.made_at_us = 5;
	said_by(&boot, "created", "");
	of_boot = past;
	boot.instances = &of_boot;
	past.made_at_us = 0;
	said_by(&apply, "failed", "of apply");
	assert_state("missing", "of apply");
	assert_true(list.items[0].made_at_us == 5); // though it was made by the earlier one
}

static void a_driver_that_hangs(void **state)
{
	(void)state;
	want_guests();
	assert_has(first(true)->text, "nothing can be created until the host reboots");
	assert_equal(list.items[0].state, INSTANCE_STATE_MISSING);
}

#define state_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		state_test(used_or_not),
		state_test(not_usable),
		state_test(not_as_wanted),
		state_test(of_somebody_else),
		state_test(nobody_has_made_it),
		state_test(a_guest_that_is_off),
		state_test(a_guest_whose_type_is_not_offered),
		state_test(a_guest_that_cannot_start),
		state_test(a_guest_that_has_stopped),
		state_test(one_that_somebody_removed),
		state_test(what_the_runs_said),
		state_test(the_later_run),
		state_test(a_driver_that_hangs),
	};
	return run_group(tests);
}
