// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "base/clock.h"
#include "read/host/hibernation.h"

#define UUID "1b4e28ba-2fa1-41d2-883f-0016d3cca427"
#define PAGE 4096

// A swap area of some pages whose first ends with the given signature; btrfs is its own, or "".
static void put_swap(const struct tree *tree, const char *path, const char *signature, const char *btrfs)
{
	static char data[64 * PAGE];
	memset(data, 0, sizeof(data));
	data[1024] = 1;                     // version
	data[1028] = 63;                    // last page
	memset(data + 1024 + 12, 0x11, 16); // UUID
	memcpy(data + PAGE - 10, signature, strlen(signature));
	memcpy(data + 16 * PAGE + 64, btrfs, strlen(btrfs));
	tree_put_bytes(tree, path, data, sizeof(data));
}

static int look(const struct tree *tree, const char *spec)
{
	return hibernation_image(&tree->root, spec, clock_now_us());
}

static void images(void **state)
{
	struct tree *tree = *state;
	put_swap(tree, "dev/sda1", "SWAPSPACE2", "");
	put_swap(tree, "dev/sda2", "S1SUSPEND", "");
	put_swap(tree, "dev/mapper/pve-swap", "S1SUSPEND", "");
	tree_put(tree, "dev/sda3", "nothing that anybody knows");
	tree_link(tree, "dev/disk/by-uuid/" UUID, "../../sda2");
	tree_link(tree, "dev/disk/by-label/my\\x20swap", "../../sda2");
	tree_link(tree, "dev/disk/by-partuuid/0001-02", "../../sda2");
	tree_link(tree, "dev/disk/by-partlabel/swap", "../../sda1");
	assert_int_equal(look(tree, "/dev/sda1"), 0);
	assert_int_equal(look(tree, "/dev/sda2"), 1);
	assert_int_equal(look(tree, "/dev/mapper/pve-swap"), 1);
	assert_int_equal(look(tree, "/dev/sda3"), 0);
	assert_int_equal(look(tree, "UUID=" UUID), 1);
	assert_int_equal(look(tree, "LABEL=my swap"), 1);
	assert_int_equal(look(tree, "PARTUUID=0001-02"), 1);
	assert_int_equal(look(tree, "PARTLABEL=swap"), 0);
}

// What is left of another file system beside it: the kernel resumes by the image's signature alone.
static void another_signature(void **state)
{
	struct tree *tree = *state;
	put_swap(tree, "dev/sda2", "S1SUSPEND", "_BHRfS_M");
	put_swap(tree, "dev/sda3", "SWAPSPACE2", "_BHRfS_M");
	assert_int_equal(look(tree, "/dev/sda2"), 1);
	assert_int_equal(look(tree, "/dev/sda3"), 0);
}

static void specs_of_nothing(void **state)
{
	struct tree *tree = *state;
	static const char *const specs[] = { "", "sda2", "8:2", "ID=x", "/etc/passwd", "/devx", "uuid=x" };
	for (size_t i = 0; i < ARRAY_SIZE(specs); i++)
		assert_int_equal(look(tree, specs[i]), -EINVAL);
	char spec[1024] = "LABEL=";
	memset(spec + 6, 'x', sizeof(spec) - 7);
	spec[sizeof(spec) - 1] = '\0';
	assert_int_equal(look(tree, spec), -EINVAL);
	memcpy(spec, "/dev/x", 6);
	assert_int_equal(look(tree, spec), -EINVAL);
}

static void waiting(void **state)
{
	struct tree *tree = *state;
	uint64_t before = clock_now_us();
	assert_int_equal(hibernation_image(&tree->root, "UUID=" UUID, before + 60 * USEC_PER_MSEC), -ENODEV);
	assert_true(clock_now_us() - before >= 60 * USEC_PER_MSEC);
	const struct root nothing = { .path = "", .fs = -1, .sys = -1, .proc = -1, .run = -1, .dev = -1 };
	assert_int_equal(hibernation_image(&nothing, "/dev/sda2", clock_now_us()), -ENODEV);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		tree_test(images),
		tree_test(another_signature),
		tree_test(specs_of_nothing),
		tree_test(waiting),
	};
	return run_group(tests);
}
