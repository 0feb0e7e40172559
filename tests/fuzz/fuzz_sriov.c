// SPDX-License-Identifier: GPL-2.0-or-later
// What the kernel and the driver of a physical function say of its virtual functions, and where firmware lies.
#include "tree.h"

#include "base/file.h"
#include "read/host/firmware.h"
#include "read/host/sriov.h"

#define PF      "0000:00:02.0"
#define OTHER   "0000:03:00.0" // another driver has this one
#define PCI     "sys/bus/pci/devices/"
#define VF      PCI "0000:00:02.1"
#define RELEASE "6.18.9-1-pve"
#define NAME    "i915/tgl_guc_70.bin"

static struct tree_file files[] = {
	{ .name = "total", .path = PCI PF "/sriov_totalvfs" },
	{ .name = "offset", .path = PCI PF "/sriov_offset" },
	{ .name = "stride", .path = PCI PF "/sriov_stride" },
	{ .name = "autoprobe", .path = PCI PF "/sriov_drivers_autoprobe" },
	{ .name = "resource", .path = PCI PF "/resource" },
	{ .name = "pf-group", .path = PCI PF "/iommu_group", .link = true },
	{ .name = "first", .path = PCI PF "/virtfn0", .link = true },
	{ .name = "second", .path = PCI PF "/virtfn1", .link = true },
	{ .name = "third", .path = PCI PF "/virtfn2", .link = true },
	{ .name = "driver", .path = VF "/driver", .link = true },
	{ .name = "group", .path = VF "/iommu_group", .link = true },
	{ .name = "override", .path = VF "/driver_override" },
	{ .name = "quantum", .path = PCI PF "/sriov_admin/vf1/profile/exec_quantum_ms" },
	{ .name = "timeout", .path = PCI OTHER "/drm/card0/prelim_iov/vf1/gt0/preempt_timeout_us" },
	{ .name = "other-timeout", .path = PCI OTHER "/drm/card0/prelim_iov/vf1/gt1/preempt_timeout_us" },
	{ .name = "path", .path = "sys/module/firmware_class/parameters/path" },
	{ .name = "firmware", .path = "lib/firmware/" NAME, .link = true },
	{ .name = "compressed", .path = "lib/firmware/updates/" NAME ".zst" },
	{ .name = "config", .path = "boot/config-" RELEASE },
	{ .name = "address", .path = "address" }, // what a guest names
};

#define CHECK_TEXT(text) CHECK(strnlen(text, sizeof(text)) < sizeof(text))

static void check_vfs(const struct sriov *sriov)
{
	CHECK(sriov->count <= 3 && sriov->offset > 0 && sriov->stride > 0);
	for (unsigned i = 0; i < sriov->count; i++) {
		const struct vf *vf = &sriov->vfs[i];
		CHECK(vf->number == i + 1 && sriov_vf(sriov, vf->number) == vf);
		CHECK_TEXT(vf->address);
		CHECK_TEXT(vf->driver);
		CHECK_TEXT(vf->driver_override);
		CHECK_TEXT(vf->group);
		CHECK(!strchr(vf->address, '/') && !strchr(vf->driver, '/') && !strchr(vf->group, '/'));
		CHECK(sriov_vf_number(sriov, PF, vf->address) >= 1);
	}
	CHECK(!sriov_vf(sriov, sriov->count + 1));
}

static void check_addresses(const struct sriov *sriov)
{
	struct sriov none = { .offset = sriov->offset, .stride = sriov->stride };
	for (unsigned number = 1; number <= VFS_MAX; number++) {
		char address[PCI_ADDRESS_SIZE];
		CHECK(sriov_vf_address(sriov, PF, number, address) == 0 || !sriov_vf(sriov, number));
		if (sriov_vf_address(&none, PF, number, address) < 0)
			continue;
		CHECK_TEXT(address);
		CHECK(sriov_vf_number(&none, PF, address) == number);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sriov sriov;
	const struct root *root = tree_fill(files, ARRAY_SIZE(files), data, size);
	sriov_read(&sriov, root, PF);
	CHECK(!sriov.hung && (sriov.capable || sriov.count == 0));
	CHECK_TEXT(sriov.group);
	check_vfs(&sriov);
	check_addresses(&sriov);

	char address[64] = "";
	int r = file_read_line(root->fs, "address", address, sizeof(address));
	unsigned number = r < 0 ? 0 : sriov_vf_number(&sriov, PF, address);
	CHECK(number <= VFS_MAX);

	long quantum = sriov_profile(root, PF, 1, "exec_quantum_ms");
	long timeout = sriov_profile(root, OTHER, 1, "preempt_timeout_us");
	CHECK(quantum >= -4095 && timeout >= -4095);
	r = firmware_there(root, RELEASE, NAME);
	CHECK(r <= 1);
	return 0;
}
