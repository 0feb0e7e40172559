// SPDX-License-Identifier: GPL-2.0-or-later
// What each virtual function is said to be: by what is there, by the plan, and by what this boot's runs said of it.
#include "decide/sriov/sriov_host.h"

#include "tell/vf_state.h"

static struct overview look;
static struct sriov_profiles profiles;
static struct past_run boot, apply;
static struct vf_state_list list;
static bool holder; // the first process has the first VF open

static int setup(void **state)
{
	look = (struct overview){ .profiles = &profiles };
	list = (struct vf_state_list){ .count = 0 };
	past_run_none(&boot);
	past_run_none(&apply);
	return sriov_setup(state);
}

// Plans for the host as it is by now, and puts the states together.
static void make(void)
{
	vf_state_list_free(&list);
	vf_plan_free(&look.plan.vfs);
	memset(host.users.vf_holders, 0xff, sizeof(host.users.vf_holders)); // -1: nobody
	host.users.stray = -1;
	if (holder)
		host.users.vf_holders[0][0] = 0;
	look.host = host;
	look.config = config;
	assert_int_equal(vf_plan_make(&look.plan.vfs, &look.host, &look.config), 0);
	assert_int_equal(vf_state_list_make(&list, &look, &boot, &apply), 0);
}

static int teardown(void **state)
{
	vf_state_list_free(&list);
	vf_plan_free(&look.plan.vfs);
	return sriov_teardown(state);
}

static void assert_state(size_t index, enum vf_status status, const char *text)
{
	assert_true(index < list.count);
	assert_string_equal(vf_status_name(list.items[index].state), vf_status_name(status));
	assert_starts(list.items[index].text, text);
}

static void missing(void **state)
{
	(void)state;
	struct past_run_vf past = {
		.address = VF(2), .parent = PF, .source = "", .driver = "", .result = "", .detail = ""
	};
	make();
	assert_int_equal(list.count, 0);
	claim(VF(2), "/etc/pve/nodes/pve/qemu-server/101.conf:1");
	make();
	assert_int_equal(list.count, 2);
	assert_true(list.wanted == 2 && list.there == 0 && list.missing == 2);
	assert_state(0, VF_STATE_MISSING, "not created yet; 'gvt-early apply' creates it");
	boot.vfs = &past;
	boot.vf_count = 1;
	static const char *const texts[][2] = {
		{ "created", "existed in this boot, but was removed" },
		{ "not-made", "this boot's run ended before its turn" },
		{ "pending", "about to be created" },
		{ "", "not created yet" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		past.result = texts[i][0];
		make();
		assert_state(1, VF_STATE_MISSING, texts[i][1]);
	}
	past.result = "failed";
	past.detail = "the kernel said no";
	make();
	assert_state(1, VF_STATE_MISSING, "the kernel said no");
	look.hung = true;
	make();
	assert_state(1, VF_STATE_MISSING, "the GPU's driver hangs");
	boot.vfs = NULL;
	boot.vf_count = 0;
}

static void why_there_can_be_none(void **state)
{
	(void)state;
	claim(VF(1), "/etc/pve/nodes/pve/qemu-server/101.conf:1");
	host.sriov.gpus[0].group[0] = '\0';
	make();
	assert_state(0, VF_STATE_MISSING, "sriov-iommu: ");
}

static void there(void **state)
{
	(void)state;
	claim(VF(1), "/etc/pve/nodes/pve/qemu-server/101.conf:1");
	bind_xe();
	make_vfs(3);
	make();
	assert_int_equal(list.count, 3); // those that nobody wants, too
	assert_true(list.wanted == 1 && list.there == 1 && list.missing == 0);
	assert_null(list.items[1].planned);
	assert_true(list.items[0].profile == &profiles.vfs[0]);
	assert_state(0, VF_STATE_IDLE, "");
	host.users.blind = true;
	make();
	assert_state(0, VF_STATE_UNKNOWN, "");
	host.users.processes[0] = (struct process){ .pid = 4711, .vmid = 101 };
	host.users.count = 1;
	holder = true;
	make();
	assert_state(0, VF_STATE_USED, "");
	assert_int_equal(list.items[0].holder->pid, 4711);
	holder = false;
	strcpy(host.sriov.gpus[0].vfs[0].driver, "xe-vfio-pci");
	make();
	assert_true(list.items[0].state != VF_STATE_HOST);
	strcpy(host.sriov.gpus[0].vfs[0].driver, "xe");
	make();
	assert_state(0, VF_STATE_HOST, "Proxmox VE binds it to vfio-pci when its guest starts");
	host.sriov.gpus[0].vfs[0].driver[0] = '\0';
	make();
	assert_state(0, VF_STATE_UNDRIVEN, "no driver is bound to it; 'gvt-early apply' binds vfio-pci");
	assert_true(list.there == 0 && list.missing == 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(missing, setup, teardown),
		cmocka_unit_test_setup_teardown(why_there_can_be_none, setup, teardown),
		cmocka_unit_test_setup_teardown(there, setup, teardown),
	};
	return run_group(tests);
}
