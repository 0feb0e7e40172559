// SPDX-License-Identifier: GPL-2.0-or-later
// What "check" reads beside the host itself: and what is left out because nothing is wrong.
#include "helper.h"
#include "sriov_tree.h"

#include "base/replay.h"
#include "read/check_facts.h"

#define UUID  "5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01"
#define TYPES "sys/bus/pci/devices/" HOST_GPU "/mdev_supported_types/"

static struct facts *facts;
static struct tree *tree;

// A host on which the wanted instance is there.
static int setup(void **state)
{
	(void)tree_setup(state);
	tree = *state;
	put_fine_host(tree, UUID);
	tree_put(tree, "dev/kmsg", "6,1,1000000,-;i915 0000:00:02.0: something of the GPU\n");
	tree_dir(tree, "proc/1/fd");
	facts = calloc(1, sizeof(*facts));
	assert_non_null(facts);
	return 0;
}

static int teardown(void **state)
{
	facts_free(facts);
	free(facts);
	return tree_teardown(state);
}

static void look(void)
{
	facts_free(facts);
	assert_int_equal(facts_read(facts, &tree->root, UINT64_MAX), 0);
}

static void a_host_on_which_all_is_there(void **state)
{
	(void)state;
	tree_put(tree, "sys/module/i915/parameters/enable_guc", "2\n");
	look();
	assert_string_equal(facts->hung, "");
	assert_true(facts->kvm);
	assert_int_equal(facts->enable_guc, 2);
	assert_true(host_was_read(&facts->host, HOST_WORDS | HOST_GPUS | HOST_KERNEL | HOST_STATE));
	assert_int_equal(facts->config.wanted.count, 1);
	// By the driver; the list's order is the directory's.
	const struct type_list *types = host_types(&facts->host, HOST_GPU);
	assert_int_equal(types->count, 2);
	for (size_t i = 0; i < types->count; i++)
		assert_int_equal(facts->available[i], streq(types->names[i], "i915-GVTg_V5_4") ? 2 : 5);
	assert_int_equal(facts->available[2], -1);
}

// Processes and the kernel log are looked at only where something is wrong.
static void what_is_not_read_of_a_healthy_host(void **state)
{
	(void)state;
	look();
	assert_false(host_was_read(&facts->host, HOST_USERS));
	assert_null(facts->log.messages);
	assert_equal(facts->host.instances.items[0].use, USE_UNKNOWN);
}

static void an_instance_that_is_not_as_wanted(void **state)
{
	(void)state;
	tree_put(tree, "etc/gvt-early/gvt-early.conf", "[instance " UUID "]\ntype = i915-GVTg_V5_8\n");
	put_user(tree, 4711, "kvm");
	look();
	assert_true(host_was_read(&facts->host, HOST_USERS));
	assert_equal(facts->host.instances.items[0].use, USE_OPEN);
}

static void something_is_missing(void **state)
{
	(void)state;
	tree_put(tree, "etc/gvt-early/gvt-early.conf",
		 "[instance 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a02]\ntype = i915-GVTg_V5_4\n");
	look();
	assert_true(facts->log.found);
	assert_has(facts->log.messages, "something of the GPU");
	assert_string_equal(facts->log.about, HOST_GPU);
}

//
// A driver that does not answer, as a capture has it
//

static void assert_hung(const char *path, const char *part)
{
	char text[256];
	snprintf(text, sizeof(text), REPLAY_HEAD "error 110 %s\n", path);
	look();
	assert_int_equal(replay_take(text), 0);
	look();
	assert_int_equal(replay_take(REPLAY_HEAD), 0);
	assert_string_equal(facts->hung, part);
	assert_true(host_was_read(&facts->host, HOST_KERNEL)); // the rest is read all the same
	assert_int_equal(facts->config.wanted.count, 1);
	assert_true(facts->kvm);
}

static void parts_that_hang(void **state)
{
	(void)state;
	assert_hung("sys/bus/pci/devices/" HOST_GPU "/driver_override", "its PCI attributes");
	assert_int_equal(facts->host.gpus.count, 1);
	assert_hung("sys/module/i915/initstate", "i915's state and types");
	assert_hung("sys/bus/mdev/devices", "i915's state and types");
	assert_hung("sys/bus/pci/devices/" HOST_GPU "/mdev_supported_types", "i915's state and types");
	assert_hung(TYPES "i915-GVTg_V5_8/available_instances", "how many instances are available");
	assert_hung("sys/bus/pci/devices", "its PCI attributes");
	assert_int_equal(facts->host.gpus.count, 0);
	assert_has(facts->host.gpus.error, "does not answer");
}

// Beside the GPU of GVT-g, for which all is there, is one whose VFs a guest names.
static void virtual_functions(void **state)
{
	(void)state;
	put_function(tree, "0000:03:00.0", "0x8086", "0xe20b", "0x030000", 256);
	tree_put(tree, "sys/bus/pci/devices/0000:03:00.0/sriov_totalvfs", "24\n");
	tree_put(tree, "etc/pve/nodes/pve/qemu-server/101.conf", "hostpci0: 0000:03:00.1\n");
	tree_put(tree, "etc/hostname", "pve\n");
	look();
	assert_int_equal(facts->config.claims.count, 1);
	assert_true(facts->log.found);
	assert_string_equal(facts->log.about, HOST_GPU);
	tree_link(tree, "sys/bus/pci/devices/0000:03:00.0/virtfn0", "../0000:03:00.1");
	look();
	assert_false(facts->log.found);
	assert_hung("sys/bus/pci/devices/0000:03:00.0/sriov_totalvfs", "its virtual functions");
	assert_hung("sys/bus/pci/devices/0000:03:00.1/driver_override", "its virtual functions");
	assert_hung("sys/module/kvmgt/initstate", "i915's state and types");
	// Both GPUs can be the one.
	put_function(tree, HOST_GPU, "0x8086", "0xa780", "0x030000", 256);
	look();
	assert_string_equal(facts->log.about, "");
}

// In a child that is given up; linked with --wrap=gpu_list_read.
static bool hangs;
void __real_gpu_list_read(struct gpu_list *list, const struct root *root);
void __wrap_gpu_list_read(struct gpu_list *list, const struct root *root);
void __wrap_gpu_list_read(struct gpu_list *list, const struct root *root)
{
	while (hangs)
		(void)pause();
	__real_gpu_list_read(list, root);
}

static void a_driver_that_hangs(void **state)
{
	(void)state;
	hangs = true;
	look();
	hangs = false;
	assert_string_equal(facts->hung, "its PCI attributes");
	assert_int_equal(facts->host.gpus.count, 0);
	assert_has(facts->host.gpus.error, "does not answer");
	assert_false(host_was_read(&facts->host, HOST_GPUS));
	assert_true(host_was_read(&facts->host, HOST_STATE | HOST_KERNEL)); // by the next child
	assert_int_equal(facts->host.instances.count, 1);
}

static void numbers_that_are_none(void **state)
{
	(void)state;
	tree_put(tree, "sys/module/i915/parameters/enable_guc", "many\n");
	tree_put(tree, TYPES "i915-GVTg_V5_4/available_instances", "4294967297\n");
	tree_put(tree, TYPES "i915-GVTg_V5_8/available_instances", "-2\n");
	look();
	assert_int_equal(facts->enable_guc, -1);
	assert_int_equal(facts->available[0], -1);
	assert_int_equal(facts->available[1], -1);
}

//
// The kernel
//

static void the_source_that_a_release_does_not_tell(void **state)
{
	(void)state;
	look();
	assert_string_equal(facts->version, "6.1.0");
	tree_put(tree, "proc/version", "Linux version 6.1.0-13-amd64 (x@y) #1 SMP Debian 6.1.55-1 (2023-09-29)\n");
	look();
	assert_string_equal(facts->version, "6.1.55");
	tree_put(tree, "proc/version_signature", "Ubuntu 5.19.0-21.21-generic 5.19.7\n");
	look();
	assert_string_equal(facts->version, "5.19.7");
}

static void when_it_was_booted(void **state)
{
	(void)state;
	look();
	assert_int_equal(facts->booted, 0);
	tree_put(tree, "proc/stat", "cpu 1 2 3\nbtime 1700000000\nprocesses 5\n");
	look();
	assert_true(facts->booted == 1700000000);
}

static void what_keeps_modules_out(void **state)
{
	(void)state;
	look();
	assert_false(facts->modules_locked);
	assert_string_equal(facts->lockdown, "");
	tree_put(tree, "proc/sys/kernel/modules_disabled", "1\n");
	tree_put(tree, "sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	look();
	assert_true(facts->modules_locked);
	assert_string_equal(facts->lockdown, "integrity");
}

static void virtualization(void **state)
{
	(void)state;
	tree_put(tree, "proc/cpuinfo", "processor : 0\nflags : fpu vmx sse\n");
	look();
	assert_false(facts->vmx); // nobody asks while KVM and VT-d are there
	assert_int_equal(unlinkat(tree->root.dev, "kvm", 0), 0);
	look();
	assert_false(facts->kvm);
	assert_true(facts->vmx);
	tree_put(tree, "proc/cpuinfo", "processor : 0\nflags : fpu sse\n");
	look();
	assert_false(facts->vmx);
}

//
// Lists of modules
//

static void modules_that_guides_name(void **state)
{
	(void)state;
	tree_put(tree, "etc/modules", "# kvmgt\nkvmgt\nexngt\nVFIO-mdev\nsomething_else\n");
	look();
	assert_int_equal(facts->obsolete_count, 2);
	assert_string_equal(facts->obsolete[0].name, "exngt");
	assert_string_equal(facts->obsolete[0].file, "/etc/modules");
	assert_int_equal(facts->obsolete[0].line, 3);
	assert_string_equal(facts->obsolete[1].name, "VFIO-mdev");
	assert_string_equal(facts->crowded.place, "");
}

static void several_modules_on_a_line(void **state)
{
	(void)state;
	tree_put(tree, "etc/modules", "loop dummy\nkvmgt vfio # my secret\nvfio i915\n");
	look();
	assert_string_equal(facts->crowded.place, "/etc/modules:2");
	assert_string_equal(facts->crowded.text, "kvmgt vfio #"); // a comment is the owner's
}

// Of a kernel whose indexes cannot be read nothing is known to lack.
static void configured_modules_that_the_kernel_lacks(void **state)
{
	(void)state;
	tree_put(tree, "etc/gvt-early/gvt-early.conf", "[settings]\nmodules = vfio_virqfd, vfio\n");
	tree_put(tree, "etc/modules", "exngt\n");
	look();
	assert_int_equal(facts->obsolete_count, 1);
	assert_int_equal(facts->lacking_count, 2);
	assert_string_equal(facts->lacking[0], "vfio_virqfd");
	tree_put(tree, "lib/modules/" HOST_RELEASE "/modules.dep.bin", "");
	look();
	assert_int_equal(facts->lacking_count, 0);
	assert_int_equal(facts->obsolete_count, 0);
}

//
// Past runs
//

static void put_run(const char *file, const char *boot_id, const char *run_state)
{
	char text[256];
	snprintf(text, sizeof(text), "{\"version\": 2, \"boot_id\": \"%s\", \"state\": \"%s\"}", boot_id, run_state);
	tree_put(tree, file, text);
}

static void runs_of_this_boot(void **state)
{
	(void)state;
	put_run("run/gvt-early/report.json", HOST_BOOT_ID, "done");
	put_run("run/gvt-early/apply.json", "99999999-2222-3333-4444-555555555555", "done");
	look();
	assert_string_equal(facts->boot.state, "done");
	assert_string_equal(facts->apply.state, ""); // of another boot
	assert_string_equal(facts->guest.state, "");
	assert_true(facts->initrd.ran);
}

// Of the guests' runs the one that did not come to an end counts, whichever comes first.
static void a_guests_run_that_was_given_up(void **state)
{
	(void)state;
	put_run("run/gvt-early/guest-100.json", HOST_BOOT_ID, "done");
	put_run("run/gvt-early/guest-101.json", HOST_BOOT_ID, "gave-up");
	put_run("run/gvt-early/guest-102.json", HOST_BOOT_ID, "done");
	look();
	assert_string_equal(facts->guest.state, "gave-up");
}

//
// Beside a host that was read already
//

static void borrowed(void **state)
{
	(void)state;
	static struct host host;
	struct config config;
	host = (struct host){ 0 };
	assert_int_equal(host_read(&host, &tree->root, HOST_WORDS | HOST_GPUS | HOST_KERNEL | HOST_STATE,
				   HOST_UNBOUNDED),
			 0);
	config_init(&config);
	assert_int_equal(config_read(&config, &tree->root, false), 0);
	assert_int_equal(facts_read_more(facts, &tree->root, &host, &config), 0);
	assert_int_equal(facts->available[0], -1); // the driver was not asked
	assert_true(facts->kvm);
	assert_int_equal(facts->host.gpus.count, 1);
	facts_free(facts);
	*facts = (struct facts){ .borrowed = false };
	// They are the caller's still.
	assert_string_equal(cmdline_last(&host.cmdline, "intel_iommu")->value, "on");
	assert_int_equal(config.wanted.count, 1);
	config_free(&config);
	host_free(&host);
}

#define facts_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		facts_test(a_host_on_which_all_is_there),
		facts_test(what_is_not_read_of_a_healthy_host),
		facts_test(an_instance_that_is_not_as_wanted),
		facts_test(something_is_missing),
		facts_test(parts_that_hang),
		facts_test(virtual_functions),
		facts_test(a_driver_that_hangs),
		facts_test(numbers_that_are_none),
		facts_test(the_source_that_a_release_does_not_tell),
		facts_test(when_it_was_booted),
		facts_test(what_keeps_modules_out),
		facts_test(virtualization),
		facts_test(modules_that_guides_name),
		facts_test(several_modules_on_a_line),
		facts_test(configured_modules_that_the_kernel_lacks),
		facts_test(runs_of_this_boot),
		facts_test(a_guests_run_that_was_given_up),
		facts_test(borrowed),
	};
	return run_group(tests);
}
