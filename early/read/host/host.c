// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/host/host.h"

#include <errno.h>
#include <stdio.h>

#include "base/file.h"
#include "read/host/virtual.h"

static int read_cmdline(struct host *host, const struct root *root)
{
	CLEANUP_FREE char *text = NULL;
	size_t length;
	int r = file_read(root->proc, "cmdline", CMDLINE_MAX, &text, &length);
	if (r == -ENOMEM)
		return r;
	host->proc_found = r == 0;
	return cmdline_parse(&host->cmdline, r == 0 ? text : "");
}

static int read_words(struct host *host, const struct root *root)
{
	if (host->read) { // otherwise it is zero, and stays the memory that nobody has touched
		host_free(host);
		*host = (struct host){ 0 };
	}
	int r = read_cmdline(host, root);
	if (r < 0)
		return r;
	if (file_read_line(root->proc, "sys/kernel/osrelease", host->release, sizeof(host->release)) < 0 ||
	    !modules_release_valid(host->release))
		host->release[0] = '\0';
	if (file_read_line(root->proc, "sys/kernel/random/boot_id", host->boot_id, sizeof(host->boot_id)) < 0)
		host->boot_id[0] = '\0';
	host->xen = virtual_is_xen_host(root);
	host->vmcore = file_exists(root->proc, "vmcore");
	host->i915_state = module_state(root, "i915");
	made_read(&host->made, root, host->boot_id);
	return 0;
}

static void read_gpus(struct host *host, const struct root *root, uint64_t limit_us)
{
	if (limit_us == HOST_UNBOUNDED)
		gpu_list_read(&host->gpus, root);
	else
		gpu_list_read_bounded(&host->gpus, root, clock_now_us() + limit_us);
}

static void read_trouble(struct host *host)
{
	snprintf(host->modules_trouble, sizeof(host->modules_trouble), "%s", modules_trouble(host->modules));
}

static int read_kernel(struct host *host, const struct root *root)
{
	iommu_read(&host->iommu, root);

	// libkmod reads the kernel command line when it is opened, and nobody would notice if it could not.
	if (!host->proc_found || !host->release[0])
		return 0;
	modules_close(host->modules);
	host->modules = NULL;
	int r = modules_open(&host->modules, root, host->release);
	if (r < 0)
		return r;
	module_policy_read(&host->i915_policy, host->modules, "i915");
	module_policy_read(&host->gvt.kvmgt_policy, host->modules, "kvmgt");
	module_policy_read(&host->vfio_pci_policy, host->modules, "vfio_pci");
	if (host->i915_policy.foreign)
		host->gvt.i915_gvt = module_has_parameter(host->modules, "i915", "enable_gvt");
	if (host_may_have_sriov(host))
		sriov_drivers_read(&host->sriov.drivers, root, host->modules, host->release, &host->gpus);
	read_trouble(host);
	return 0;
}

static void read_indexes(struct host *host)
{
	if (!host->modules)
		return;
	modules_check(host->modules);
	read_trouble(host);
}

static void read_sriov(struct host *host, const struct root *root)
{
	for (size_t i = 0; i < host->gpus.count; i++)
		host->sriov.gpus[i] =
			(struct sriov){ .total = -ENOENT, .hung = gpu_may_have_sriov(host->gpus.items[i].verdict) };
	for (size_t i = 0; i < host->gpus.count; i++)
		if (gpu_may_have_sriov(host->gpus.items[i].verdict))
			sriov_read(&host->sriov.gpus[i], root, host->gpus.items[i].address);
	if (!host_may_have_sriov(host))
		return;
	host->sriov.xe_state = module_state(root, "xe");
	host->sriov.xe_max_vfs = module_number_parameter(root, "xe", "max_vfs");
	host->sriov.i915_max_vfs = module_number_parameter(root, "i915", "max_vfs");
}

static void read_state(struct host *host, const struct root *root)
{
	host->i915_state = module_state(root, "i915");
	host->gvt.kvmgt_state = module_state(root, "kvmgt");
	host->gvt.enable_gvt = module_bool_parameter(root, "i915", "enable_gvt");
	for (size_t i = 0; i < host->gpus.count; i++) {
		gpu_read_driver(&host->gpus.items[i], root);
		type_list_read(&host->gvt.types[i], root, host->gpus.items[i].address);
	}
	read_sriov(host, root);
	instance_list_read(&host->instances, root);
	made_read(&host->made, root, host->boot_id);
	made_mark(&host->made, &host->instances);
}

static void read_users(struct host *host, const struct root *root)
{
	usage_read(&host->users, root, &host->instances, host->sriov.gpus, host->gpus.count,
		   clock_now_us() + USAGE_LIMIT_US);
	usage_mark(&host->users, &host->instances);
}

static int read_part(struct host *host, const struct root *root, enum host_part part, uint64_t limit_us)
{
	switch (part) {
	case HOST_WORDS:
		return read_words(host, root);
	case HOST_GPUS:
		read_gpus(host, root, limit_us);
		break;
	case HOST_KERNEL:
		return read_kernel(host, root);
	case HOST_INDEXES:
		read_indexes(host);
		break;
	case HOST_STATE:
		host->read &= ~(unsigned)HOST_USERS; // these are other instances
		read_state(host, root);
		break;
	case HOST_USERS:
		read_users(host, root);
		break;
	}
	return 0;
}

int host_read(struct host *host, const struct root *root, unsigned parts, uint64_t limit_us)
{
	static const enum host_part order[] = {
		HOST_WORDS, HOST_GPUS, HOST_KERNEL, HOST_INDEXES, HOST_STATE, HOST_USERS
	};
	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		if (!(parts & order[i]))
			continue;
		int r = read_part(host, root, order[i], limit_us);
		if (r < 0)
			return r;
		host->read |= order[i];
	}
	return 0;
}

void host_read_instance(struct host *host, const struct root *root, const char *uuid)
{
	host->read &= ~(unsigned)HOST_USERS;
	instance_list_read_one(&host->instances, root, uuid);
	made_mark(&host->made, &host->instances);
}

bool host_was_read(const struct host *host, unsigned parts)
{
	return (host->read & parts) == parts;
}

// A driver that is bound may have lowered the total: then nobody knows the hardware's.
static void forget_vfs(struct sriov *sriov, bool bound)
{
	sriov->count = 0;
	sriov->admin = sriov->hung = false;
	sriov->autoprobe = sriov->capable ? 1 : sriov->autoprobe;
	if (sriov->capable && bound)
		sriov->total = -ENODATA;
}

void host_forget_boot(struct host *host)
{
	host->vmcore = false;
	host->hibernated[0] = '\0';
	host->i915_state = host->gvt.kvmgt_state = MODULE_NOT_LOADED;
	host->gvt.enable_gvt = -ENOENT;
	host->gvt.kvmgt_error = 0;
	host->instances.count = 0;
	host->made.count = 0;
	host->gpus.hung = host->gvt.types_hung = false;
	for (size_t i = 0; i < host->gpus.count; i++) {
		forget_vfs(&host->sriov.gpus[i], host->gpus.items[i].driver[0]);
		host->gpus.items[i].driver[0] = host->gpus.items[i].driver_override[0] = '\0';
		host->gvt.types[i] = (struct type_list){ .count = 0 };
	}
	host->sriov.xe_state = MODULE_NOT_LOADED;
	host->sriov.xe_max_vfs = host->sriov.i915_max_vfs = -ENOENT;
}

void host_free(struct host *host)
{
	cmdline_free(&host->cmdline);
	modules_close(host->modules);
}

const struct type_list *host_types(const struct host *host, const char *address)
{
	static const struct type_list none;
	for (size_t i = 0; i < host->gpus.count; i++)
		if (streq(host->gpus.items[i].address, address))
			return &host->gvt.types[i];
	return &none;
}

bool host_may_have_sriov(const struct host *host)
{
	for (size_t i = 0; i < host->gpus.count; i++)
		if (gpu_may_have_sriov(host->gpus.items[i].verdict))
			return true;
	return false;
}

const struct sriov *host_sriov_of(const struct host *host, const char *address)
{
	static const struct sriov none = { .total = -ENOENT, .autoprobe = -ENOENT };
	for (size_t i = 0; i < host->gpus.count; i++)
		if (streq(host->gpus.items[i].address, address))
			return &host->sriov.gpus[i];
	return &none;
}
