// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/host/host.h"

#include <errno.h>
#include <stdio.h>

#include "base/file.h"
#include "read/host/instance_users.h"
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

int host_read_words(struct host *host, const struct root *root)
{
	*host = (struct host){ 0 };
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

int host_read_kernel(struct host *host, const struct root *root, struct modules **ret_modules)
{
	struct modules *modules = NULL;
	iommu_read(&host->iommu, root);

	// libkmod reads the kernel command line when it is opened, and nobody would notice if it could not.
	if (host->proc_found && host->release[0]) {
		int r = modules_open(&modules, root, host->release);
		if (r < 0)
			return r;
		snprintf(host->modules_trouble, sizeof(host->modules_trouble), "%s", modules_trouble(modules));
		module_policy_read(&host->i915_policy, modules, "i915");
		module_policy_read(&host->kvmgt_policy, modules, "kvmgt");
		module_policy_read(&host->vfio_pci_policy, modules, "vfio_pci");
		if (host->i915_policy.foreign)
			host->i915_gvt = module_has_parameter(modules, "i915", "enable_gvt");
	}
	*ret_modules = modules;
	return 0;
}

int host_read_rest(struct host *host, const struct root *root, struct modules **ret_modules)
{
	gpu_list_read(&host->gpus, root);
	int r = host_read_kernel(host, root, ret_modules);
	if (r == 0)
		host_read_again(host, root);
	return r;
}

int host_look(struct host *host, const struct root *root, struct modules **ret_modules)
{
	int r = host_read_words(host, root);
	if (r < 0)
		return r;
	gpu_list_read_bounded(&host->gpus, root, clock_now_us() + HOST_LIMIT_US);
	r = host_read_kernel(host, root, ret_modules);
	if (r == 0)
		host_read_again(host, root);
	return r;
}

int host_read(struct host *host, const struct root *root, struct modules **ret_modules)
{
	int r = host_read_words(host, root);
	return r < 0 ? r : host_read_rest(host, root, ret_modules);
}

void host_read_again(struct host *host, const struct root *root)
{
	host->i915_state = module_state(root, "i915");
	host->kvmgt_state = module_state(root, "kvmgt");
	host->enable_gvt = module_bool_parameter(root, "i915", "enable_gvt");
	for (size_t i = 0; i < host->gpus.count; i++) {
		gpu_read_driver(&host->gpus.items[i], root);
		type_list_read(&host->types[i], root, host->gpus.items[i].address);
	}
	instance_list_read(&host->instances, root);
	made_read(&host->made, root, host->boot_id);
	made_mark(&host->made, &host->instances);
}

void host_read_users(struct host *host, const struct root *root)
{
	CLEANUP_FREE struct usage *usage = host->instances.count ? malloc(sizeof(*usage)) : NULL;
	if (!usage)
		return;
	usage_read(usage, root, &host->instances, clock_now_us() + USAGE_LIMIT_US);
	usage_mark(usage, &host->instances);
}

void host_forget_boot(struct host *host)
{
	host->vmcore = false;
	host->hibernated[0] = '\0';
	host->i915_state = host->kvmgt_state = MODULE_NOT_LOADED;
	host->enable_gvt = -ENOENT;
	host->kvmgt_error = 0;
	host->instances.count = 0;
	host->made.count = 0;
	host->gpus.hung = host->types_hung = false;
	for (size_t i = 0; i < host->gpus.count; i++) {
		host->gpus.items[i].driver[0] = host->gpus.items[i].driver_override[0] = '\0';
		host->types[i] = (struct type_list){ .count = 0 };
	}
}

void host_free(struct host *host)
{
	cmdline_free(&host->cmdline);
}

const struct type_list *host_types(const struct host *host, const char *address)
{
	static const struct type_list none;
	for (size_t i = 0; i < host->gpus.count; i++)
		if (streq(host->gpus.items[i].address, address))
			return &host->types[i];
	return &none;
}
