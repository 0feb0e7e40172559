// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "read/host/virtual.h"

#define HAS_FLAG "processor\t: 0\nflags\t\t: fpu vme de sse2 hypervisor lahf_lm\n"

static struct virtual virtual;

static enum virtual_kind look(const struct tree *tree, const char *cpuinfo)
{
	virtual_read(&virtual, &tree->root, cpuinfo);
	return virtual.kind;
}

static void real_hardware(void **state)
{
	struct tree *tree = *state;
	assert_equal(look(tree, "flags\t\t: fpu vme nohypervisor hypervisors\n"), VIRTUAL_NOT);
	assert_equal(look(tree, ""), VIRTUAL_NOT);
	assert_string_equal(virtual.name, "");
}

static void machines(void **state)
{
	struct tree *tree = *state;
	assert_equal(look(tree, HAS_FLAG), VIRTUAL_MACHINE);
	assert_string_equal(virtual.name, "");
	tree_put(tree, "sys/class/dmi/id/sys_vendor", "QEMU\n");
	assert_equal(look(tree, "flags\t\t: fpu hypervisor"), VIRTUAL_MACHINE);
	assert_string_equal(virtual.name, "QEMU");
	tree_put(tree, "sys/hypervisor/type", "kvm\n");
	assert_equal(look(tree, HAS_FLAG), VIRTUAL_MACHINE);
}

static void xen(void **state)
{
	struct tree *tree = *state;
	tree_dir(tree, "proc/xen");
	assert_equal(look(tree, HAS_FLAG), VIRTUAL_XEN_HOST);
	assert_string_equal(virtual.name, "Xen");
	tree_put(tree, "sys/hypervisor/type", "xen\n");
	assert_equal(look(tree, ""), VIRTUAL_XEN_HOST);
	tree_put(tree, "sys/hypervisor/uuid", "00000000-0000-0000-0000-000000000000\n");
	assert_equal(look(tree, ""), VIRTUAL_XEN_HOST);
	tree_put(tree, "sys/hypervisor/uuid", "5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01\n");
	assert_equal(look(tree, ""), VIRTUAL_MACHINE);
	tree_put(tree, "proc/xen/capabilities", "control_d\n");
	assert_equal(look(tree, ""), VIRTUAL_XEN_HOST);
	assert_true(virtual_is_xen_host(&tree->root));
	tree_put(tree, "proc/xen/capabilities", "\n");
	assert_equal(look(tree, ""), VIRTUAL_MACHINE);
	assert_false(virtual_is_xen_host(&tree->root));
}

static enum virtual_kind take(enum virtual_kind before, const char *message)
{
	struct kernel_log log;
	char text[160];
	snprintf(text, sizeof(text), "6,1,0,-;%s\n", message);
	assert_int_equal(kernel_log_parse(&log, text), 0);
	virtual = (struct virtual){ .kind = before };
	virtual_take_log(&virtual, &log);
	kernel_log_free(&log);
	return virtual.kind;
}

static void by_the_log_alone(void **state)
{
	(void)state;
	assert_equal(take(VIRTUAL_NOT, "Booting paravirtualized kernel on Xen"), VIRTUAL_XEN_HOST);
	assert_equal(take(VIRTUAL_NOT, "Booting paravirtualized kernel on Xen PVH"), VIRTUAL_XEN_HOST);
	assert_equal(take(VIRTUAL_NOT, "Booting paravirtualized kernel on Xen HVM"), VIRTUAL_MACHINE);
	assert_equal(take(VIRTUAL_NOT, "Booting paravirtualized kernel on bare hardware"), VIRTUAL_NOT);
	assert_equal(take(VIRTUAL_MACHINE, "Booting paravirtualized kernel on Xen"), VIRTUAL_MACHINE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		tree_test(real_hardware),
		tree_test(machines),
		tree_test(xen),
		cmocka_unit_test(by_the_log_alone),
	};
	return run_group(tests);
}
