// SPDX-License-Identifier: GPL-2.0-or-later
// What is read of the kernel that will boot, when it is another one. Which kernel that is: tests/cli/next-boot.table.
#include "helper.h"
#include "sriov_tree.h"

#include "read/boot/next_boot.h"

#define NEXT "6.18.9-1-pve"

static struct tree *tree;
static struct host host;
static struct next_boot next;

static int setup(void **state)
{
	(void)tree_setup(state);
	tree = *state;
	put_pf(tree);
	tree_put(tree, "proc/cmdline", "quiet\n");
	tree_put(tree, "proc/sys/kernel/osrelease", "6.12.0\n");
	tree_put(tree, "boot/grub/grub.cfg",
		 "set default=\"0\"\nmenuentry 'Next' {\n\tlinux /boot/vmlinuz-" NEXT
		 " root=/dev/sda1\n\tinitrd /boot/initrd.img-" NEXT "\n}\n");
	tree_put(tree, "boot/vmlinuz-" NEXT, "");
	tree_put(tree, "lib/firmware/" NEXT "/i915/tgl_guc_70.bin", "x"); // for that kernel alone
	return 0;
}

static int teardown(void **state)
{
	next_boot_free(&next);
	host_free(&host);
	return tree_teardown(state);
}

// The next kernel's modules, xe with its parameter among them.
static void put_modules(void)
{
	char command[1024];
	tree_put(tree, "xe.c",
		 "const char info[] __attribute__((section(\".modinfo\"))) = \"license=GPL\\0parm=max_vfs:x\";\n");
	tree_parents(tree, "lib/modules/" NEXT "/kernel/x");
	snprintf(command, sizeof(command),
		 "cd '%s' && ${CC:-cc} -c -o lib/modules/" NEXT "/kernel/xe.ko xe.c && depmod -b . " NEXT
		 " 2>/dev/null",
		 tree->path);
	assert_int_equal(system(command), 0);
}

static const struct next_boot_kernel *read_next(void)
{
	const struct bootloader bootloader = { .kind = BOOTLOADER_GRUB };
	host_free(&host);
	host = (struct host){ 0 };
	next_boot_free(&next);
	assert_int_equal(host_read(&host, &tree->root, HOST_WORDS | HOST_GPUS | HOST_KERNEL, HOST_UNBOUNDED), 0);
	assert_int_equal(next_boot_read(&next, &tree->root, &host, &bootloader, UINT64_MAX), 0);
	assert_int_equal(next.kernel_count, 1);
	assert_string_equal(next.kernels[0].release, NEXT);
	return &next.kernels[0];
}

static void drivers_of_the_next_kernel(void **state)
{
	(void)state;
	put_modules();
	const struct next_boot_kernel *kernel = read_next();
	assert_true(kernel->sriov.xe.available);
	assert_int_equal(kernel->sriov.xe_max_vfs, 1);
	assert_int_equal(kernel->sriov.needs_xe[0].there, 1);
	assert_false(host.sriov.drivers.xe.available);
	assert_int_equal(host.sriov.drivers.needs_xe[0].there, 0);
	// A host of GVT-g is not asked.
	put_function(tree, HOST_GPU, "0x8086", "0x3e92", "0x030000", 256);
	kernel = read_next();
	assert_false(kernel->sriov.xe.available);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(drivers_of_the_next_kernel, setup, teardown),
	};
	return run_group(tests);
}
