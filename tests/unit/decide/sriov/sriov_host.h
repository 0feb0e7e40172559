// SPDX-License-Identifier: GPL-2.0-or-later
// A host whose GPU xe splits, before any module is loaded. Each test spoils something.
#pragma once

#include "helper.h"

#include "decide/sriov/vf_plan.h"

#define PF    "0000:00:02.0"
#define VF(n) "0000:00:02." #n

static struct host host;
static struct config config;

HELPER void set_cmdline(const char *words)
{
	cmdline_free(&host.cmdline);
	assert_int_equal(cmdline_parse(&host.cmdline, words), 0);
}

// A guest takes an address.
HELPER void claim(const char *address, const char *source)
{
	whole_gpu_add(&config.claims, address, source);
}

// The driver has the GPU and has made VFs, those of guests are bound.
HELPER void make_vfs(unsigned count)
{
	struct sriov *sriov = &host.sriov.gpus[0];
	for (unsigned i = 0; i < count; i++) {
		struct vf *vf = &sriov->vfs[i];
		*vf = (struct vf){
			.number = i + 1, .driver = "vfio-pci", .driver_override = "vfio-pci", .group = "15"
		};
		snprintf(vf->address, sizeof(vf->address), "0000:00:02.%u", (i + 1) % 8);
	}
	sriov->count = count;
}

HELPER void bind_xe(void)
{
	strcpy(host.gpus.items[0].driver, "xe");
	host.sriov.xe_state = MODULE_LIVE;
	host.sriov.xe_max_vfs = 7;
}

HELPER int sriov_setup(void **state)
{
	(void)state;
	host = (struct host){
		.release = "6.18.9-1-pve",
		.proc_found = true,
		.iommu = { .unit = "dmar0", .unit_count = 1, .dmar_table = true, .sysfs_found = true },
		.gpus = { .count = 1 },
		.i915_policy.available = true,
		.vfio_pci_policy.available = true,
		.gvt.enable_gvt = -ENOENT,
	};
	host.gpus.items[0] = (struct gpu){
		.address = PF,
		.device_id = 0x46d1,
		.class_id = 0x0300,
		.verdict = GPU_TOO_NEW,
		.name = "Alder Lake-N",
		.platform = sriov_platform_find("adl_n"),
	};
	host.sriov.drivers = (struct sriov_drivers){ .xe.available = true, .xe_max_vfs = 1, .i915_max_vfs = 0 };
	host.sriov.drivers.needs_xe[0].there = host.sriov.drivers.needs_i915[0].there = 1;
	host.sriov.xe_max_vfs = host.sriov.i915_max_vfs = -ENOENT;
	host.sriov.gpus[0] =
		(struct sriov){ .group = "0", .capable = true, .total = 7, .offset = 1, .stride = 1, .autoprobe = 1 };
	set_cmdline("root=/dev/sda1 intel_iommu=on");
	config_init(&config);
	return 0;
}

HELPER int sriov_teardown(void **state)
{
	(void)state;
	config_free(&config);
	host_free(&host);
	return 0;
}
