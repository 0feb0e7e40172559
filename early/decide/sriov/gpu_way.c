// SPDX-License-Identifier: GPL-2.0-or-later
#include "decide/sriov/gpu_way.h"

#include <errno.h>
#include <stdio.h>

#include "decide/gvt_rules.h"
#include "decide/module_rules.h"

bool way_is_sriov(enum way way)
{
	return way == WAY_XE || way == WAY_I915;
}

static const struct sriov *sriov_of(const struct host *host, const struct gpu *gpu)
{
	return &host->sriov.gpus[gpu - host->gpus.items];
}

static void say(struct gpu_way *way, const struct gpu *gpu, const char *name, enum severity severity, enum cause cause)
{
	finding_make(&way->finding, name, severity, cause);
	finding_value(&way->finding, VALUE_ADDRESS, "%s", gpu->address);
	finding_value(&way->finding, VALUE_DEVICE, "%04x", gpu->device_id);
	finding_value(&way->finding, VALUE_MODEL, "%s", gpu->name);
}

static void no_way(struct gpu_way *way, const struct gpu *gpu, const char *name, enum cause cause)
{
	way->way = WAY_NONE;
	way->driver = "";
	say(way, gpu, name, SEVERITY_FAILED, cause);
}

static void admin_says_no(struct gpu_way *way, const struct gpu *gpu, const char *name, enum cause cause)
{
	no_way(way, gpu, name, cause);
	way->finding.severity = SEVERITY_WARNING;
	way->admin = true;
}

static const struct module_policy *policy_of(const struct host *host, enum way way)
{
	return way == WAY_XE ? &host->sriov.drivers.xe : &host->i915_policy;
}

static void take(struct gpu_way *way, const struct host *host, const struct gpu *gpu, enum way kind)
{
	const struct sriov *sriov = sriov_of(host, gpu);
	way->way = kind;
	way->driver = kind == WAY_XE ? "xe" : "i915";
	// xe of i915-sriov-dkms has the same table as the kernel's own.
	way->forced = kind == WAY_XE && gpu->platform && gpu->platform->xe_forced;
	const struct sriov_needs *needs =
		sriov_driver_needs(&host->sriov.drivers, kind == WAY_XE, (size_t)(gpu - host->gpus.items));
	way->file = needs->file;
	way->firmware_packed = needs->there == -EOPNOTSUPP;
	way->firmware_lacks = (needs->there == 0 || way->firmware_packed) && !streq(gpu->driver, way->driver);
	say(way, gpu, "sriov", SEVERITY_OK, CAUSE_SRIOV_ABLE);
	if (sriov->total > 0)
		finding_value(&way->finding, VALUE_COUNT, "%d", sriov->total);
	finding_value(&way->finding, VALUE_DRIVER, "%s", way->driver);
	finding_flag(&way->finding, VALUE_DKMS, policy_of(host, kind)->dkms);
}

// A driver that has the GPU, and offers VFs. Without one the file shows what the hardware could do; i915 of the kernel
// leaves it so, and knows no max_vfs.
static enum way live_way(const struct host *host, const struct gpu *gpu)
{
	if (sriov_of(host, gpu)->total <= 0)
		return WAY_NONE;
	if (streq(gpu->driver, "xe"))
		return WAY_XE;
	if (streq(gpu->driver, "i915") && host->sriov.i915_max_vfs > 0)
		return WAY_I915;
	return WAY_NONE;
}

static enum module_state state_of(const struct host *host, enum way way)
{
	return way == WAY_XE ? host->sriov.xe_state : host->i915_state;
}

// Whether a driver's force_probe names the GPU: with "!46d1" or "!*" the admin keeps the driver from it, with "46d1" or
// "*" the driver is told to take it.
static bool is_named_in(const char *list, size_t length, const struct gpu *gpu, bool blocked)
{
	char id[8];
	snprintf(id, sizeof(id), "%04x", gpu->device_id);
	for (const char *item = list, *end = list + length; item < end;) {
		const char *comma = memchr(item, ',', (size_t)(end - item));
		size_t n = (size_t)((comma ? comma : end) - item);
		const char *next = item + n + 1;
		bool blocks = n > 0 && item[0] == '!';
		item += blocks;
		n -= blocks;
		if (n > 2 && strncasecmp(item, "0x", 2) == 0) {
			item += 2;
			n -= 2;
		}
		if (blocks == blocked && ((n == 1 && item[0] == '*') || (n == 4 && strncasecmp(item, id, 4) == 0)))
			return true;
		item = next;
	}
	return false;
}

static const char *option_of(const struct host *host, const struct module_policy *policy, const char *module,
			     const char *parameter, size_t *ret_length, const struct cmdline_word **ret_word)
{
	char name[64];
	snprintf(name, sizeof(name), "%s.%s", module, parameter);
	*ret_word = cmdline_last(&host->cmdline, name);
	if (!*ret_word)
		return module_option_value(policy->options, parameter, ret_length);
	const char *value = (*ret_word)->value;
	*ret_length = value ? strlen(value) : 0;
	return value;
}

// The admin forbids the driver, or what it would have to do. Returns false when nothing is said against it.
static bool forbids(struct gpu_way *way, const struct host *host, const struct gpu *gpu, enum way kind)
{
	const char *module = kind == WAY_XE ? "xe" : "i915";
	const struct module_policy *policy = policy_of(host, kind);
	const struct cmdline_word *word;
	size_t length = 0;
	const char *value;
	if (module_judge(&way->finding, "sriov-blocked", host, module, state_of(host, kind), policy) != STANCE_ACT) {
		*way = (struct gpu_way){ .driver = "", .admin = true, .finding = way->finding };
		return true;
	}
	value = option_of(host, policy, module, "max_vfs", &length, &word);
	if (value && length == 1 && value[0] == '0') {
		admin_says_no(way, gpu, "sriov-switched-off", word ? CAUSE_VFS_OFF_BY_WORD : CAUSE_VFS_OFF_BY_OPTION);
		finding_value(&way->finding, VALUE_MODULE, "%s", module);
		finding_blame(&way->finding, word, "");
		return true;
	}
	value = option_of(host, policy, module, "force_probe", &length, &word);
	if (value && is_named_in(value, length, gpu, true)) {
		admin_says_no(way, gpu, "sriov-blocked", word ? CAUSE_PROBE_OFF_BY_WORD : CAUSE_PROBE_OFF_BY_OPTION);
		finding_value(&way->finding, VALUE_MODULE, "%s", module);
		finding_value(&way->finding, VALUE_VALUE, "%.*s", (int)length, value);
		finding_blame(&way->finding, word, "");
		return true;
	}
	return false;
}

bool gpu_is_barred(const struct host *host, const struct gpu *gpu, enum way way)
{
	struct gpu_way unused;
	return forbids(&unused, host, gpu, way);
}

bool gpu_is_forced(const struct host *host, const struct gpu *gpu, const struct cmdline_word **ret_word)
{
	size_t length = 0;
	const char *value = option_of(host, policy_of(host, WAY_XE), "xe", "force_probe", &length, ret_word);
	return value && is_named_in(value, length, gpu, false);
}

static bool has_xe(const struct host *host, const struct sriov_platform *platform)
{
	const struct module_policy *policy = &host->sriov.drivers.xe;
	if (!policy->available || platform->xe_never || host->sriov.drivers.xe_max_vfs == 0)
		return false;
	if (policy->dkms || policy->foreign)
		return platform->dkms_xe;
	return platform->xe_since && kernel_version(host->release) >= platform->xe_since;
}

static bool has_i915(const struct host *host, const struct sriov_platform *platform)
{
	return platform->dkms_i915 && host->i915_policy.available && host->sriov.drivers.i915_max_vfs > 0;
}

// No driver at hand can be the physical function's.
static void lacks_driver(struct gpu_way *way, const struct host *host, const struct gpu *gpu)
{
	const struct sriov_platform *platform = gpu->platform;
	bool soon = platform->xe_since && kernel_version(host->release) < platform->xe_since;
	no_way(way, gpu, "sriov-driver",
	       host->modules_trouble[0]              ? CAUSE_MODULES_UNFOUND
		       : platform->xe_since && !soon ? CAUSE_XE_ABSENT
						     : CAUSE_SRIOV_KERNEL_OLD);
	finding_value(&way->finding, VALUE_RELEASE, "%s", host->release);
	finding_value(&way->finding, VALUE_REASON, "%s", host->modules_trouble);
	if (platform->xe_since)
		finding_value(&way->finding, VALUE_NEEDED, "%u.%u", platform->xe_since >> 16,
			      platform->xe_since & 0xffff);
	finding_flag(&way->finding, VALUE_DKMS, platform->dkms_i915);
	finding_flag(&way->finding, VALUE_KNOWN, host->sriov.drivers.i915_max_vfs == 0);
}

// The driver that would take the GPU: the admin's package goes before the kernel's own, unless the admin keeps i915
// from the GPU.
static void choose_driver(struct gpu_way *way, const struct host *host, const struct gpu *gpu)
{
	bool xe = has_xe(host, gpu->platform), i915 = has_i915(host, gpu->platform);
	if (xe && i915 && gpu_is_barred(host, gpu, WAY_I915))
		i915 = false; // as the guides have it who want xe
	if (!xe && !i915)
		lacks_driver(way, host, gpu);
	else if (!forbids(way, host, gpu, i915 ? WAY_I915 : WAY_XE))
		take(way, host, gpu, i915 ? WAY_I915 : WAY_XE);
}

void gpu_way_choose(struct gpu_way *ret, const struct host *host, const struct gpu *gpu)
{
	enum way live = live_way(host, gpu);
	*ret = (struct gpu_way){ .driver = "" };
	if (gpu->verdict == GPU_SUPPORTED) {
		ret->way = WAY_GVT;
		ret->driver = "i915";
		gvt_judge_gpu(&ret->finding, gpu);
	} else if (live != WAY_NONE) {
		take(ret, host, gpu, live);
	} else if (!gpu->platform) {
		gvt_judge_gpu(&ret->finding, gpu);
	} else if (!sriov_of(host, gpu)->capable && !sriov_of(host, gpu)->hung && !host->gpus.hung) {
		no_way(ret, gpu, "sriov-absent", CAUSE_SRIOV_NO_CAPABILITY);
	} else {
		choose_driver(ret, host, gpu);
	}
}

void gpu_way_tell_firmware(struct gpu_way *way, const struct gpu *gpu)
{
	say(way, gpu, "sriov-firmware", SEVERITY_FAILED,
	    way->firmware_packed ? CAUSE_FIRMWARE_PACKED : CAUSE_FIRMWARE_ABSENT);
	finding_value(&way->finding, VALUE_MODULE, "%s", way->driver);
	finding_value(&way->finding, VALUE_FILE, "%s", way->file);
}

enum way gpu_way_of(const struct host *host, const struct gpu *gpu)
{
	struct gpu_way way;
	gpu_way_choose(&way, host, gpu);
	return way.way;
}
